"""Who asks, and whether they may: the first thing every route says.

    @router.get("/queue")
    def queue(request: Request, actor: Viewer) -> HTMLResponse: ...

`Viewer`, `Analyst`, `Agent`, `Lead` and `Admin` let everybody in whose role covers that one. A person
has a session cookie, a program a token (`Authorization: Bearer lst_…`); a token needs the scope `read`
for reading, `write` for changing anything and `admin` for what only an admin may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from listener.store.users import Role, Scope, User
from listener.web.csrf import SAFE
from listener.web.parts import parts_of
from listener.web.refusals import NotAllowed, NotSignedIn

COOKIE = "listener_session"
SECURE_COOKIE = "__Host-listener_session"  # browsers take it over https alone, from this host alone
BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a request: a person with a session, or a program with that person's token.

    One of `session` and `token` is 0; `scopes` are a token's, and all of them for a session.
    """

    id: int
    name: str
    role: Role
    scopes: tuple[Scope, ...] = tuple(Scope)
    session: int = 0
    token: int = 0

    def may(self, role: Role) -> bool:
        """Whether the person may do what this role may; templates show buttons by it."""
        return self.role.covers(role)


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency: the signed-in person, if their role covers `role`.

    Raises NotSignedIn and NotAllowed. `request.state.actor` is who it is, for templates.
    """

    role: Role

    def __call__(self, request: Request) -> Actor:
        """Find out who asks."""
        actor = actor_of(request)
        if actor is None:
            raise NotSignedIn("nobody is signed in", "sign in, or send a token")
        request.state.actor = actor
        if not actor.may(self.role):
            raise NotAllowed(f"{actor.name} is {_a(actor.role)}; this needs {_a(self.role)}")
        scope = self._scope(request.method)
        if actor.token and not any(one.covers(scope) for one in actor.scopes):
            raise NotAllowed(
                f"token {actor.token} has the scope {' '.join(actor.scopes)}; this needs {scope}",
                f"listener token create NAME --user {actor.name} --scope {scope}",
            )
        return actor

    def _scope(self, method: str) -> Scope:
        if self.role is Role.ADMIN:
            return Scope.ADMIN
        return Scope.READ if method in SAFE else Scope.WRITE


def actor_of(request: Request) -> Actor | None:
    """Who makes a request; None for nobody. Raises NotSignedIn for a key that opens nothing."""
    parts = parts_of(request)
    given = request.headers.get("authorization")
    if given is not None:
        if not given.lower().startswith(BEARER):
            raise NotSignedIn("the API takes tokens only", "Authorization: Bearer lst_…")
        with parts.accounts.lend() as accounts:
            known = accounts.verify_token(given[len(BEARER) :].strip())
        if known is None:
            raise NotSignedIn("this token is unknown or revoked", "listener token list")
        user, token = known
        return Actor(user.id, user.name, user.role, token.scopes, token=token.id)
    key = session_key(request)
    if not key:
        return None
    with parts.accounts.lend() as accounts:
        found = accounts.sessions.find(key, parts.now())
    return None if found is None else signed_in(found[0], found[1].id)


def signed_in(user: User, session: int) -> Actor:
    """A person as the actor of their session."""
    return Actor(user.id, user.name, user.role, session=session)


def session_key(request: Request) -> str:
    """The key in the session cookie; empty without one."""
    name = SECURE_COOKIE if request.url.scheme == "https" else COOKIE
    return request.cookies.get(name, "")


def _a(role: Role) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"


Viewer = Annotated[Actor, Depends(Needs(Role.VIEWER))]
Analyst = Annotated[Actor, Depends(Needs(Role.ANALYST))]
Agent = Annotated[Actor, Depends(Needs(Role.AGENT))]
Lead = Annotated[Actor, Depends(Needs(Role.LEAD))]
Admin = Annotated[Actor, Depends(Needs(Role.ADMIN))]
