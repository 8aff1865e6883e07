"""Builds the quality tier: a sentence encoder fine-tuned once for every head."""
