"""What can go wrong between us and an identity provider, each in a sentence for who signs in.

OidcTrouble (a Refusal)
├── NotConfigured   404   no provider is set
├── ProviderTrouble 502   it cannot be reached, or does not answer as it should
└── NotLetIn        403   it vouches for somebody who may not come in
"""

from __future__ import annotations

from listener.web.refusals import Refusal


class OidcTrouble(Refusal):
    """A sign-in by the provider came to nothing; nobody is signed in."""

    status = 401


class NotConfigured(OidcTrouble):
    """No provider is set, or the extra is not installed."""

    status = 404


class ProviderTrouble(OidcTrouble):
    """The provider cannot be reached, or does not answer as it should."""

    status = 502


class NotLetIn(OidcTrouble):
    """The provider vouches for somebody who has no role here."""

    status = 403
