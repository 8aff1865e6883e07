"""`/api/v1/tokens`: keys with which programs act in a person's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi.responses import Response
from pydantic import Field

from listener.store.users import Scope, Token
from listener.web.actor import Admin
from listener.web.api.bodies import Body, Name
from listener.web.api.cursors import Id
from listener.web.api.noun import READING, WRITING, noun
from listener.web.api.shapes import answer, answer_page, page_of, shape
from listener.web.audit import note
from listener.web.borrowed import OpenAccounts, OurParts

router = noun("tokens")


class NewToken(Body):
    """What a token is called, whom it acts for (yourself without a name), and what it may do."""

    name: Name
    user: Annotated[str, Field(max_length=200)] = ""
    scopes: Annotated[
        list[Annotated[Scope, Field(strict=False)]], Field(min_length=1, max_length=3)
    ] = [Scope.READ]  # noqa: RUF012  pydantic copies it


@dataclass(frozen=True, slots=True)
class Created:
    """A token with its key, which is shown this once."""

    token: Token
    key: str


@router.get("/tokens", response_model=page_of(Token), responses=READING)
def list_tokens(actor: Admin, accounts: OpenAccounts) -> Response:
    """All tokens without their keys, the oldest first, revoked ones too."""
    return answer_page(accounts.tokens(), None)


@router.post("/tokens", response_model=shape(Created), responses=WRITING)
def create_token(body: NewToken, actor: Admin, accounts: OpenAccounts, parts: OurParts) -> Response:
    """Create a token; only a hash of its key is kept."""
    owner = body.user.strip() or actor.name
    token, key = accounts.create_token(owner, body.name, body.scopes, parts.now())
    scopes = " ".join(token.scopes)
    note(parts, actor.name, "create token", actor.id, f"{token.id} of {token.user}: {scopes}")
    return answer(Created(token, key))


@router.post("/tokens/{token}/revoke", response_model=shape(Token), responses=WRITING)
def revoke_token(token: Id, actor: Admin, accounts: OpenAccounts, parts: OurParts) -> Response:
    """End a token for good."""
    revoked = accounts.revoke_token(token, parts.now())
    note(parts, actor.name, "revoke token", actor.id, f"{revoked.id} of {revoked.user}")
    return answer(revoked)
