"""The provider's side: where its doors are, its keys, and what it gives for a code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from listener.config.oidc import OidcConfig
from listener.store.identities import Begun
from listener.web.oidc.troubles import OidcTrouble, ProviderTrouble
from sources.errors import SourceError
from sources.http.fetch import Fetcher, Limits

KEPT = timedelta(hours=1)
AGAIN = timedelta(minutes=1)  # at the soonest for keys that we do not know
SPARED = timedelta(seconds=10)  # a provider in trouble, whoever knocks meanwhile
LIMITS = Limits(wire_bytes=1 << 20, plain_bytes=1 << 20, seconds=10.0, step_seconds=5.0)
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Doors:
    """Where to send people, where to change a code, where the keys are, and how we say who we are."""

    authorize: str
    token: str
    keys: str
    basic: bool
    names_issuer: bool


class Provider:
    """One provider; what it says of itself is asked once an hour. Any thread may use it."""

    def __init__(self, config: OidcConfig, now: Callable[[], datetime]) -> None:
        """Ask nothing yet."""
        self.config = config
        self.now = now
        self._lock = Lock()
        self._doors: tuple[datetime, Doors] | None = None
        self._keys: tuple[datetime, Mapping[str, Any]] | None = None
        self._trouble: tuple[datetime, ProviderTrouble] | None = None

    def address(self, begun: Begun, back: str) -> str:
        """Where a browser is sent to sign in. Raises ProviderTrouble."""
        doors = self.doors()
        challenge = hashlib.sha256(begun.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": back,
            "scope": " ".join(self.config.scopes),
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        joined = "&" if "?" in doors.authorize else "?"
        return f"{doors.authorize}{joined}{urlencode(asked)}"

    def change(self, code: str, begun: Begun, back: str) -> str:
        """The id token that a code is good for. Raises OidcTrouble."""
        doors, secret = self.doors(), self.config.client_secret
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.config.client_id,
            "code_verifier": begun.verifier,
        }
        headers = dict(_FORM)
        if secret is not None and doors.basic:
            pair = f"{quote(self.config.client_id, '')}:{quote(secret.get_secret_value(), '')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif secret is not None:
            sent["client_secret"] = secret.get_secret_value()
        answer = self._asked(doors.token, urlencode(sent).encode(), headers)
        if "error" in answer:
            raise OidcTrouble(f"the identity provider did not accept the sign-in: {_said(answer)}")
        token = answer.get("id_token")
        if not isinstance(token, str) or not token:
            raise ProviderTrouble("the identity provider answered without an id_token")
        return token

    def keys(self, *, renew: bool = False) -> Mapping[str, Any]:
        """The provider's keys as a JWK set; `renew` asks again, once a minute at most."""
        at = self.now()
        with self._lock:
            known = self._keys
        if known is not None and at - known[0] < (AGAIN if renew else KEPT):
            return known[1]
        found = self._asked(self.doors().keys)
        if not isinstance(found.get("keys"), list):
            raise ProviderTrouble("the identity provider's jwks_uri holds no keys")
        with self._lock:
            self._keys = at, found
        return found

    def doors(self) -> Doors:
        """What the provider says of itself. Raises ProviderTrouble."""
        at = self.now()
        with self._lock:
            known, trouble = self._doors, self._trouble
        if known is not None and at - known[0] < KEPT:
            return known[1]
        if trouble is not None and at - trouble[0] < SPARED:
            raise trouble[1]
        try:
            doors = self._ask_for_doors()
        except ProviderTrouble as error:
            with self._lock:
                self._trouble = at, error
            raise
        with self._lock:
            self._doors = at, doors
        return doors

    def _ask_for_doors(self) -> Doors:
        issuer = self.config.issuer
        said = self._asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise ProviderTrouble(
                f"the identity provider calls itself {str(said.get('issuer'))[:200]!r}, "
                f"and web.oidc.issuer says {issuer!r}",
                "write the issuer exactly as the provider does",
            )
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Doors(
            authorize=_address(said, "authorization_endpoint"),
            token=_address(said, "token_endpoint"),
            keys=_address(said, "jwks_uri"),
            basic="client_secret_basic" in methods if isinstance(methods, list) else True,
            names_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _asked(
        self, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """An object in JSON from the provider; errors of OAuth too, which come with status 400."""
        private = self.config.allow_private
        try:
            with Fetcher(allow_private=private, limits=LIMITS, now=self.now) as fetcher:
                answer = (
                    fetcher.get(url, headers={"accept": "application/json"})
                    if body is None
                    else fetcher.post(url, body, headers=headers or {}, accept=(400, 401))
                )
            found = orjson.loads(answer.body)
        except SourceError as error:
            raise ProviderTrouble(
                f"the identity provider cannot be asked: {error}",
                "try again, or sign in by password",
            ) from error
        except orjson.JSONDecodeError:
            raise ProviderTrouble("the identity provider does not answer in JSON") from None
        if not isinstance(found, dict):
            raise ProviderTrouble("the identity provider does not answer with an object")
        return found


def _address(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found.startswith(("https://", "http://")):
        raise ProviderTrouble(f"the identity provider does not say its {name}")
    return found


def _said(answer: Mapping[str, Any]) -> str:
    words = [answer.get("error"), answer.get("error_description")]
    return ": ".join(str(one)[:200] for one in words if one)
