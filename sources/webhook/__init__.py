"""Posts that others push to us."""
