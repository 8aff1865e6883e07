"""Signing in by an identity provider: a real one on this machine, with real keys and real tokens."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from starlette.testclient import TestClient

from listener.config.oidc import OidcConfig
from listener.store.users import Role
from listener.web.oidc.provider import Provider
from sources.testing.web import Answer, Asked, FakeWeb

OURS = {"sec-fetch-site": "same-origin"}
SECRET = "shh-very-secret"


def told(page: str) -> str:
    """What the page says is wrong."""
    found = re.search(r'<p class="alarm bad" role="alert">(.*?)</p>', page, re.DOTALL)
    return unescape(found[1]) if found else ""


@dataclass
class House:
    """An identity provider: discovery, keys, a door for browsers and one for codes."""

    web: FakeWeb
    now: Callable[[], Any]
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    claims: dict[str, Any] = field(default_factory=dict)
    less: tuple[str, ...] = ()
    header: dict[str, Any] = field(default_factory=dict)
    sign_with: Any = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    sent: list[dict[str, str]] = field(default_factory=list)
    raw: str | None = None

    def __post_init__(self) -> None:
        self.issuer = self.web.url("/realm")
        self.about = {
            "issuer": self.issuer,
            "authorization_endpoint": self.web.url("/authorize"),
            "token_endpoint": self.web.url("/token"),
            "jwks_uri": self.web.url("/keys"),
            "authorization_response_iss_parameter_supported": True,
        }
        self.web.routes |= {
            "/realm/.well-known/openid-configuration": lambda _: _json(self.about),
            "/keys": lambda _: _json(KeySet([self.key]).as_dict(private=False)),
            "/token": self.token,
        }

    def authorize(self, address: str, **more: str) -> str:
        """A person signs in at the address they were sent to; the address they are sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer, **more}
        back = urlsplit(asked["redirect_uri"]).path
        return back + "?" + "&".join(f"{name}={value}" for name, value in answer.items() if value)

    def token(self, asked: Asked) -> Answer:
        """A code is changed once, by whoever knows its verifier."""
        sent = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        self.sent.append({**sent, "authorization": asked.headers.get("authorization", "")})
        begun = self.codes.pop(sent.get("code", ""), None)
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if begun is None or challenge != begun["code_challenge"]:
            return _json(
                {"error": "invalid_grant", "error_description": "no <b>such</b> code"}, 400
            )
        if self.raw is not None:
            return _json({"id_token": self.raw})
        at = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": begun["client_id"],
            "sub": "user-1",
            "iat": at,
            "exp": at + 300,
            "nonce": begun["nonce"],
            "preferred_username": "ana",
            "groups": ["support"],
            **self.claims,
        }
        claims = {name: one for name, one in claims.items() if name not in self.less}
        header = {"alg": "RS256", "kid": "one", **self.header}
        key = self.sign_with or self.key
        return _json({"id_token": jwt.encode(header, claims, key, algorithms=[header["alg"]])})


def _json(value: object, status: int = 200) -> Answer:
    return Answer(orjson.dumps(value), status, {"content-type": "application/json"})


@pytest.fixture(scope="module")
def rsa() -> Any:
    return RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
def idp(house: Any, rsa: Any) -> Iterator[House]:
    with FakeWeb() as web:
        yield House(web, house.clock, key=rsa)


@pytest.fixture
def configure(app: FastAPI, idp: House, house: Any) -> Callable[..., None]:
    def put(**settings: Any) -> None:
        known: dict[str, Any] = {
            "issuer": idp.issuer,
            "client_id": "listener",
            "client_secret": SECRET,
            "name": "Acme ID",
            "roles": {"support": "agent", "chiefs": "lead"},
            "allow_private": True,
        }
        config = OidcConfig.model_validate({**known, **settings})
        object.__setattr__(app.state.parts, "provider", Provider(config, house.clock))

    put()
    return put


@pytest.fixture
def visitor(app: FastAPI, configure: Any) -> Iterator[TestClient]:
    with TestClient(app, headers=OURS, follow_redirects=False) as client:
        yield client


def sign_in(visitor: TestClient, idp: House, **more: str) -> Any:
    sent = visitor.get("/login/oidc", params={"next": "/issues"})
    assert sent.status_code == 303, told(sent.text)
    return visitor.get(idp.authorize(sent.headers["location"], **more))


def test_somebody_comes_in_with_the_role_of_their_group(
    visitor: TestClient, idp: House, house: Any, app: FastAPI
) -> None:
    assert "Sign in with Acme ID" in visitor.get("/login?next=/issues").text
    done = sign_in(visitor, idp)
    assert (done.status_code, done.headers["location"]) == (303, "/issues")
    assert visitor.get("/queue").status_code == 200
    with app.state.parts.accounts.lend() as accounts:
        [user] = accounts.users()
        assert (user.name, user.role) == ("ana", Role.AGENT)
        assert accounts.verify_password("ana", "") is None
    [sent] = idp.sent
    basic = base64.b64encode(f"listener:{SECRET}".encode()).decode()
    assert sent["authorization"] == f"Basic {basic}"
    assert len(sent["code_verifier"]) >= 43
    assert SECRET not in str(idp.codes)
    assert [row.action for row in house.store.history(limit=5)] == ["add user"]


def test_the_second_time_it_is_the_same_account_with_the_role_of_now(
    visitor: TestClient, idp: House, app: FastAPI
) -> None:
    sign_in(visitor, idp)
    idp.claims = {"groups": ["chiefs", "support"], "preferred_username": "renamed"}
    assert sign_in(visitor, idp).status_code == 303
    with app.state.parts.accounts.lend() as accounts:
        assert [(user.name, user.role) for user in accounts.users()] == [("ana", Role.LEAD)]


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_other_signatures_count_too(visitor: TestClient, idp: House, algorithm: str) -> None:
    from joserfc.jwk import OKPKey

    make = {
        "ES256": lambda: ECKey.generate_key("P-256", {"kid": "one"}),
        "Ed25519": lambda: OKPKey.generate_key("Ed25519", {"kid": "one"}),
    }
    idp.key = make.get(algorithm, lambda: idp.key)()
    idp.header = {"alg": algorithm}
    done = sign_in(visitor, idp)
    assert done.status_code == 303, told(done.text)


def test_a_public_client_sends_no_secret(
    visitor: TestClient, idp: House, configure: Callable[..., None]
) -> None:
    configure(client_secret=None)
    assert sign_in(visitor, idp).status_code == 303
    assert idp.sent[0]["authorization"] == ""
    assert "client_secret" not in idp.sent[0]


def test_a_provider_that_wants_the_secret_in_the_form(visitor: TestClient, idp: House) -> None:
    idp.about["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert sign_in(visitor, idp).status_code == 303
    assert (idp.sent[0]["client_secret"], idp.sent[0]["authorization"]) == (SECRET, "")


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "other"}, "does not count here"),
        ({"aud": ["listener", "other"]}, "for another program (azp)"),
        ({"azp": "other"}, "for another program (azp)"),
        ({"iss": "https://evil.example"}, "does not count here"),
        ({"nonce": "replayed"}, "belongs to another sign-in (nonce)"),
        ({"nonce": 7}, "belongs to another sign-in (nonce)"),
        ({"exp": 1_000}, "does not count here"),
        ({"iat": 9_999_999_999}, "does not count here"),
        ({"nbf": 9_999_999_999}, "does not count here"),
        ({"sub": ""}, ""),
        ({"sub": "x" * 300}, "does not say who it is about"),
        ({"groups": ["strangers"]}, "none of the groups in the claim 'groups' gives a role here"),
        ({"groups": {"support": True}}, "gives a role here"),
        ({"groups": None}, "gives a role here"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    visitor: TestClient, idp: House, app: FastAPI, claims: dict[str, Any], said: str
) -> None:
    idp.claims = claims
    done = sign_in(visitor, idp)
    assert done.status_code in (401, 403, 502)
    assert said in told(done.text)
    _nobody_is_in(visitor, app)


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "iat", "sub", "nonce"])
def test_every_claim_is_needed(visitor: TestClient, idp: House, app: FastAPI, missing: str) -> None:
    idp.less = (missing,)
    assert sign_in(visitor, idp).status_code in (401, 502)
    _nobody_is_in(visitor, app)


def test_a_forged_signature_opens_nothing(visitor: TestClient, idp: House, app: FastAPI) -> None:
    idp.sign_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert "is not signed by its keys" in told(sign_in(visitor, idp).text)
    _nobody_is_in(visitor, app)


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_signature_that_anybody_could_make_opens_nothing(
    visitor: TestClient, idp: House, app: FastAPI, algorithm: str
) -> None:
    idp.header = {"alg": algorithm}
    if algorithm == "HS256":  # by what the client knows too: its own secret
        idp.sign_with = OctKey.import_key(SECRET * 4)
        done = sign_in(visitor, idp)
    else:
        body = base64.urlsafe_b64encode(b'{"sub":"root"}').rstrip(b"=").decode()
        head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        idp.raw = f"{head}.{body}."
        done = sign_in(visitor, idp)
    assert "does not count" in told(done.text) or "cannot be read" in told(done.text)
    _nobody_is_in(visitor, app)


@pytest.mark.parametrize("raw", ["", "a.b.c", "x" * 200_000, "..", "\u202e.\u202e.x", "ey.ey.ey"])
def test_what_is_no_token_is_told(visitor: TestClient, idp: House, app: FastAPI, raw: str) -> None:
    idp.raw = raw
    done = sign_in(visitor, idp)
    assert (done.status_code, "identity provider" in told(done.text)) == (502, True)
    _nobody_is_in(visitor, app)


def test_an_answer_counts_once_and_in_its_own_browser(
    visitor: TestClient, idp: House, app: FastAPI
) -> None:
    sent = visitor.get("/login/oidc")
    back = idp.authorize(sent.headers["location"])
    with TestClient(app, headers=OURS, follow_redirects=False) as other:
        refused = other.get(back)
        assert refused.status_code == 401
        assert "begun in another browser" in told(refused.text)
    assert visitor.get(back).status_code == 303
    visitor.cookies.clear()
    assert visitor.get(back).status_code == 401


def test_a_state_of_another_sign_in_is_refused(
    visitor: TestClient, idp: House, app: FastAPI
) -> None:
    sent = visitor.get("/login/oidc")
    back = idp.authorize(sent.headers["location"], state="other")
    assert "begun in another browser" in told(visitor.get(back).text)
    again = idp.authorize(sent.headers["location"])
    assert visitor.get(again).status_code == 401  # an attempt ends it
    _nobody_is_in(visitor, app)


def test_a_sign_in_that_takes_too_long_is_over(
    visitor: TestClient, idp: House, house: Any, app: FastAPI
) -> None:
    back = idp.authorize(visitor.get("/login/oidc").headers["location"])
    house.clock.forward(minutes=11)
    assert visitor.get(back).status_code == 401
    _nobody_is_in(visitor, app)


@pytest.mark.parametrize("iss", ["https://evil.example", ""])
def test_an_answer_of_another_provider_is_refused(
    visitor: TestClient, idp: House, app: FastAPI, iss: str
) -> None:
    done = sign_in(visitor, idp, iss=iss)
    assert "comes from another identity provider" in told(done.text)
    assert idp.sent == []
    _nobody_is_in(visitor, app)


def test_what_the_provider_says_is_told_harmlessly(visitor: TestClient, idp: House) -> None:
    sent = visitor.get("/login/oidc")
    back = idp.authorize(
        sent.headers["location"], code="", error="access_denied", error_description="<script>x"
    )
    done = visitor.get(back)
    assert told(done.text) == "the identity provider said: access_denied: <script>x"
    assert "<script>x" not in done.text
    wrong = sign_in(visitor, idp, code="stolen")
    assert "no <b>such</b> code" in told(wrong.text)
    assert "<b>such" not in wrong.text


def test_accounts_are_linked_by_verified_e_mail_only_when_wanted(
    visitor: TestClient, idp: House, app: FastAPI, member: Any, configure: Callable[..., None]
) -> None:
    member("Ana@example.org", Role.AGENT)
    idp.claims = {
        "email": "ana@example.org",
        "email_verified": True,
        "preferred_username": "ana@example.org",
    }
    refused = sign_in(visitor, idp)
    assert (refused.status_code, "nothing says that it is yours" in told(refused.text)) == (
        403,
        True,
    )
    configure(link_by_email=True)
    for verified in (False, "true", None):
        idp.claims["email_verified"] = verified
        assert sign_in(visitor, idp).status_code == 403
    idp.claims["email_verified"] = True
    assert sign_in(visitor, idp).status_code == 303
    with app.state.parts.accounts.lend() as accounts:
        assert [user.name for user in accounts.users()] == ["Ana@example.org"]


def test_whoever_is_shut_out_here_stays_out(
    visitor: TestClient, idp: House, app: FastAPI, house: Any
) -> None:
    sign_in(visitor, idp)
    with app.state.parts.accounts.lend() as accounts:
        accounts.disable_user("ana", house.clock())
    refused = sign_in(visitor, idp)
    assert (refused.status_code, "shut out here" in told(refused.text)) == (403, True)


def test_a_role_for_everybody_else_and_a_claim_inside_a_claim(
    visitor: TestClient, idp: House, app: FastAPI, configure: Callable[..., None]
) -> None:
    configure(claim="realm_access.roles", default_role="viewer")
    sign_in(visitor, idp)
    with app.state.parts.accounts.lend() as accounts:
        assert accounts.users()[0].role is Role.VIEWER
    idp.claims = {"realm_access": {"roles": ["chiefs"]}}
    sign_in(visitor, idp)
    with app.state.parts.accounts.lend() as accounts:
        assert accounts.users()[0].role is Role.LEAD


def test_keys_that_were_changed_are_asked_for_again(
    visitor: TestClient, idp: House, house: Any
) -> None:
    sign_in(visitor, idp)
    idp.key = RSAKey.generate_key(2048, {"kid": "two"})
    idp.header = {"kid": "two"}
    house.clock.forward(minutes=2)
    done = sign_in(visitor, idp)
    assert done.status_code == 303, told(done.text)
    assert sum(one.path == "/keys" for one in idp.web.asked) == 2


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/realm/.well-known/openid-configuration", Answer(status=500), "cannot be asked"),
        ("/realm/.well-known/openid-configuration", Answer(b"<html>"), "does not answer in JSON"),
        ("/realm/.well-known/openid-configuration", Answer(b"[]"), "with an object"),
        ("/realm/.well-known/openid-configuration", Answer(b"{}"), "calls itself"),
        ("/token", Answer(b"{}"), "without an id_token"),
        ("/token", Answer(status=503), "cannot be asked"),
        ("/keys", Answer(b"{}"), "holds no keys"),
        ("/keys", Answer(b'{"keys": [7, {}, {"kty": "RSA"}]}'), "identity provider"),
    ],
)
def test_trouble_of_the_provider_is_named(
    visitor: TestClient, idp: House, app: FastAPI, path: str, answer: Answer, said: str
) -> None:
    idp.web.routes[path] = answer
    sent = visitor.get("/login/oidc")
    done = sent if sent.status_code != 303 else visitor.get(idp.authorize(sent.headers["location"]))
    assert done.status_code in (401, 502)
    assert said in told(done.text)
    _nobody_is_in(visitor, app)


def test_a_provider_in_trouble_is_spared(visitor: TestClient, idp: House, house: Any) -> None:
    path = "/realm/.well-known/openid-configuration"
    right = idp.web.routes[path]
    idp.web.routes[path] = Answer(status=500)
    for _ in range(5):
        assert visitor.get("/login/oidc").status_code == 502
    assert len(idp.web.asked) == 1
    idp.web.routes[path] = right
    house.clock.forward(seconds=11)
    assert visitor.get("/login/oidc").status_code == 303


def test_without_a_provider_there_is_no_door(app: FastAPI, house: Any) -> None:
    with TestClient(app, headers=OURS, follow_redirects=False) as client:
        assert "/login/oidc" not in client.get("/login").text
        for path in ("/login/oidc", "/login/oidc/back?code=a&state=b"):
            answer = client.get(path)
            assert (answer.status_code, "is not set up" in told(answer.text)) == (404, True)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"issuer": "http://id.example.org"}, "an issuer is an https address"),
        ({"issuer": "id.example.org"}, "an issuer is an https address"),
        ({"issuer": "https://id.example.org/?a=b"}, "an issuer is an https address"),
        ({"scopes": ["profile"]}, "the scope openid is needed"),
        ({"roles": {"a": "king"}}, "roles"),
    ],
)
def test_settings_are_checked_hard(settings: dict[str, Any], said: str) -> None:
    known = {"issuer": "https://id.example.org", "client_id": "listener"}
    with pytest.raises(ValueError, match=said):
        OidcConfig.model_validate({**known, **settings})


def _nobody_is_in(visitor: TestClient, app: FastAPI) -> None:
    assert visitor.get("/queue").headers["location"].startswith("/login")
    with app.state.parts.accounts.lend() as accounts:
        assert accounts.users() == []
