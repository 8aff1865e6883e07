"""Trains the heads of `triage/models/heads.npz`; run as `python -m training.heads DATA`."""
