"""Loopback doubles and the contract every source must pass; for our tests and anybody's."""
