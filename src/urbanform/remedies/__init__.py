"""What would cure a breach."""
