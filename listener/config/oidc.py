"""Settings for signing in by the house's own identity provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

RoleName = Literal["viewer", "analyst", "agent", "lead", "admin"]


def _issuer(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    here = host in ("127.0.0.1", "::1", "localhost")
    if not host or parts.query or parts.fragment or not (parts.scheme == "https" or here):
        raise ValueError(
            "an issuer is an https address, such as https://id.example.org/realms/acme"
        )
    return url.rstrip("/") if parts.path in ("", "/") else url


def _with_openid(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if "openid" not in scopes:
        raise ValueError("the scope openid is needed: it is what makes this a sign-in")
    return scopes


class OidcConfig(BaseModel):
    """An OpenID Connect provider (extra `[oidc]`): authorisation code with PKCE, state and nonce."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        description="The provider's own address, exactly as it writes `iss`."
    )
    client_id: str = Field(min_length=1, max_length=300, description="What it knows us as.")
    client_secret: SecretStr | None = Field(
        default=None, description="The secret it gave us; without one PKCE alone protects the code."
    )
    name: str = Field(
        default="single sign-on", min_length=1, max_length=60, description="What the button says."
    )
    scopes: Annotated[tuple[str, ...], AfterValidator(_with_openid)] = Field(
        default=("openid", "profile", "email"), description="What is asked for."
    )
    claim: str = Field(
        default="groups",
        min_length=1,
        max_length=200,
        description="The claim that says what somebody may do; `a.b` looks inside `a`.",
    )
    roles: Mapping[str, RoleName] = Field(
        default_factory=dict,
        description="Which value of the claim gives which role; of several the highest counts.",
    )
    default_role: RoleName | None = Field(
        default=None, description="The role of everybody else; without it they may not come in."
    )
    link_by_email: bool = Field(
        default=False,
        description="Whether a verified e-mail opens the account that is named by that address.",
    )
    allow_private: bool = Field(
        default=False, description="Whether the provider may stand outside the public internet."
    )
