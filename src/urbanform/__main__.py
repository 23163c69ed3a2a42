"""``python -m urbanform``."""

from urbanform.cli import run

if __name__ == "__main__":
    run()
