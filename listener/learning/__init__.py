"""Learning from a brand's corrections: what they teach, what it would change, putting it to use."""
