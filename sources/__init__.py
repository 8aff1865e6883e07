"""What was said, where, and how to answer there."""
