"""Signing in by an identity provider: the authorisation code flow of OpenID Connect, with PKCE."""
