"""What an id token vouches for: read only after its signature and every claim have been checked."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.config.oidc import OidcConfig
from listener.store.users import Role
from listener.web.oidc.troubles import NotLetIn, OidcTrouble, ProviderTrouble

if TYPE_CHECKING:
    from listener.web.oidc.provider import Provider

# Signatures by a key of the provider alone: with HS256 a client's secret could forge one, and "none"
# is nobody's.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519")
LEEWAY = 60  # seconds that clocks may differ
LONGEST_TOKEN = 100_000
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for. `email` is empty unless it says that it has verified it."""

    subject: str
    name: str
    email: str
    role: Role


def vouched(provider: Provider, token: str, nonce: str) -> Vouched:
    """Whom a token is about, and the role that the configuration gives them.

    Raises ProviderTrouble for keys and tokens that cannot be read, OidcTrouble for a token that is
    not for us, not for this sign-in, forged or too old, NotLetIn for somebody without a role.
    """
    config = provider.config
    claims = _verified(provider, token)
    audience = claims.get("aud")
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != config.client_id:
        raise OidcTrouble("the identity provider's token is for another program (azp)")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise OidcTrouble("the identity provider's token belongs to another sign-in (nonce)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProviderTrouble("the identity provider's token does not say who it is about (sub)")
    email = str(claims.get("email") or "") if claims.get("email_verified") is True else ""
    names = (claims.get("preferred_username"), claims.get("name"), email, subject)
    name = next((clean for one in names if (clean := _name(one))), "")
    role = role_of(config, claims)
    if role is None:
        raise NotLetIn(
            f"{name or 'you'} signed in, but none of the groups in the claim {config.claim!r} "
            "gives a role here; whoever runs the listener can add one",
            "web.oidc.roles",
        )
    return Vouched(subject, name, _name(email), role)


def role_of(config: OidcConfig, claims: Mapping[str, Any]) -> Role | None:
    """The highest role that the values of the configured claim give; None when nothing does."""
    found: object = claims
    for part in [config.claim] if config.claim in claims else config.claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    given = {config.roles[one] for one in values if isinstance(one, str) and one in config.roles}
    roles = [role for role in Role if role.value in given]
    if roles:
        return roles[-1]
    return None if config.default_role is None else Role(config.default_role)


def _verified(provider: Provider, token: str) -> Mapping[str, Any]:
    """The claims of a token whose signature, issuer, audience and times are right."""
    from joserfc import jws, jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if len(token) > LONGEST_TOKEN:
        raise ProviderTrouble("the identity provider's token is too long to be one")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise ProviderTrouble("the identity provider's token cannot be read") from None
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise OidcTrouble(
            f"the identity provider's token is signed by {str(algorithm)[:20]!r}, which does not count"
        )
    known = {one.get("kid") for one in provider.keys()["keys"] if isinstance(one, dict)}
    keys = provider.keys(renew="kid" in header and header["kid"] not in known)
    usable = [one for one in keys["keys"] if isinstance(one, dict) and one.get("kty") != "oct"]
    try:
        read = jwt.decode(token, KeySet.import_key_set({"keys": usable}), algorithms=[algorithm])
    except (JoseError, ValueError) as error:
        raise OidcTrouble(
            f"the identity provider's token is not signed by its keys ({type(error).__name__})"
        ) from None
    rules = jwt.JWTClaimsRegistry(
        now=int(provider.now().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.config.issuer},
        aud={"essential": True, "value": provider.config.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        rules.validate(read.claims)
    except JoseError as error:
        raise OidcTrouble(f"the identity provider's token does not count here: {error}") from None
    return read.claims


def _name(text: object) -> str:
    """A name in one line that can be printed; empty when nothing is left of it."""
    if not isinstance(text, str):
        return ""
    clean = "".join(one for one in text[: 4 * LONGEST_NAME] if one.isprintable()).strip()
    return clean[:LONGEST_NAME].strip()
