"""The pages people see: one noun a file."""
