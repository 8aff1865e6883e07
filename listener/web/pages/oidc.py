"""`/login/oidc`: to the identity provider, and back with an answer."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from listener.store.accounts import Accounts
from listener.store.identities import LASTS
from listener.web.borrowed import OpenAccounts, OurParts
from listener.web.cookies import own_path, sign_in
from listener.web.oidc.provider import Provider
from listener.web.oidc.troubles import NotConfigured, OidcTrouble
from listener.web.oidc.vouching import vouched
from listener.web.oidc.welcome import welcome
from listener.web.parts import Parts
from listener.web.rendering import page

router = APIRouter(include_in_schema=False)

COOKIE, SECURE_COOKIE = "listener_oidc", "__Host-listener_oidc"
BACK = "/login/oidc/back"
Word = Annotated[str, Query(max_length=20_000)]


@router.get("/login/oidc")
def go(request: Request, accounts: OpenAccounts, parts: OurParts, next: Word = "/") -> Response:
    """Send the browser to the provider, with a sign-in of its own that only it can end."""
    try:
        provider = _provider(parts)
        begun, key = accounts.identities.begin(own_path(next[:2000]), parts.now())
        answer = RedirectResponse(provider.address(begun, _back(request, parts)), 303)
    except OidcTrouble as trouble:
        return _told(request, parts, trouble)
    secure = request.url.scheme == "https"
    answer.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        key,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",  # the provider's answer is a page of another site that leads here
    )
    return answer


@router.get(BACK)
def back(
    request: Request,
    accounts: OpenAccounts,
    parts: OurParts,
    code: Word = "",
    state: Word = "",
    iss: Word = "",
    error: Word = "",
    error_description: Word = "",
) -> Response:
    """Take the provider's answer, once, and sign in whom it vouches for."""
    secure = request.url.scheme == "https"
    name = SECURE_COOKIE if secure else COOKIE
    try:
        provider = _provider(parts)
        key = request.cookies.get(name, "")
        said = f"{error}: {error_description}" if error_description else error
        answer = _signed_in(request, accounts, provider, parts, (key, state, iss, code, said))
    except OidcTrouble as trouble:
        answer = _told(request, parts, trouble)
    answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


def _signed_in(
    request: Request,
    accounts: Accounts,
    provider: Provider,
    parts: Parts,
    given: tuple[str, str, str, str, str],
) -> Response:
    key, state, iss, code, error = given
    begun = accounts.identities.end(key, parts.now()) if key else None
    if begun is None or not hmac.compare_digest(state.encode(), begun.state.encode()):
        raise OidcTrouble(
            "this sign-in was begun in another browser, took too long, or was ended already; "
            "begin again"
        )
    config = provider.config
    if (iss or provider.doors().names_issuer) and iss != config.issuer:
        raise OidcTrouble("this answer comes from another identity provider")
    if error:
        raise OidcTrouble(f"the identity provider said: {error[:300]}")
    if not code:
        raise OidcTrouble("the identity provider answered without a code")
    token = provider.change(code, begun, _back(request, parts))
    who = vouched(provider, token, begun.nonce)
    user = welcome(parts, accounts, config.issuer, who, config.link_by_email)
    return sign_in(request, accounts, user, begun.next)


def _provider(parts: Parts) -> Provider:
    if parts.provider is None:
        raise NotConfigured("signing in by an identity provider is not set up", "web.oidc")
    return parts.provider


def _back(request: Request, parts: Parts) -> str:
    """Our address for the provider's answer: the public one where it is set."""
    return (parts.config.web.public_url or str(request.base_url)).rstrip("/") + BACK


def _told(request: Request, parts: Parts, trouble: OidcTrouble) -> Response:
    values = {"next": "/", "name": "", "wrong": str(trouble), "oidc": parts.oidc_name}
    return page(request, "login.html", values, trouble.status)
