"""What pages show: plain values computed from the store and the desk, without HTML."""
