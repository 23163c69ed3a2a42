"""How fast and how large: urbanform beside what tutorials teach, on a made city of any size."""
