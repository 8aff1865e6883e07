"""What we decide: values in, decisions with reasons out; no I/O, no clock."""
