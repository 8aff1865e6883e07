"""Mastodon and its kin."""
