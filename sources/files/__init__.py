"""Posts from files."""
