"""Feeds as a source."""
