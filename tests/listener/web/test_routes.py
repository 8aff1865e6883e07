"""Every route lets in whom it must, and nobody else: all routes × all roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from listener.store.users import Role, Scope
from listener.web.actor import Needs

# Who is not signed in may see these; each knows a stranger by something else, or says nothing.
PUBLIC = {
    "GET /healthz",
    "GET /readyz",
    "GET /static/{hash}/{path:path}",
    "GET /login",
    "POST /login",
    "GET /login/oidc",
    "GET /login/oidc/back",
    "POST /logout",
    "GET /invitation/{key}",
    "POST /invitation/{key}",
    "POST /hooks/{source:path}",
    "GET /api/v1/openapi.json",
}
ENDLESS = {"GET /live"}


def routes(found: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, str, Role | None]]:
    """(method, path, role) of every route, of included routers too."""
    for route in found:
        if not isinstance(route, APIRoute):
            assert hasattr(route, "original_router"), f"a route that no role guards: {route}"
            yield from routes(route.original_router.routes, prefix + route.include_context.prefix)
            continue
        roles = [
            one.call.role for one in route.dependant.dependencies if isinstance(one.call, Needs)
        ]
        assert len(roles) <= 1, route.path
        for method in sorted(route.methods):
            yield method, prefix + route.path, roles[0] if roles else None


def test_every_route_says_who_may_come_in(app: FastAPI) -> None:
    found = list(routes(app.routes))
    assert len(found) > 10
    assert {f"{method} {path}" for method, path, role in found if role is None} - PUBLIC == set()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_it_covers_and_nothing_else(
    app: FastAPI, program: Callable[..., TestClient], role: Role
) -> None:
    client = program("one", role)
    wrong = []
    for method, path, needed in routes(app.routes):
        if needed is None or f"{method} {path}" in ENDLESS:
            continue
        status = client.request(method, filled(path)).status_code
        if (status == 403) is role.covers(needed) or status == 401:
            wrong.append((method, path, status))
    assert wrong == []


def test_nobody_gets_in_without_a_key(app: FastAPI) -> None:
    with TestClient(app, follow_redirects=False) as stranger:
        for headers in ({}, {"authorization": "Bearer lst_unknown"}, {"authorization": "Basic x"}):
            sent = {"sec-fetch-site": "same-origin", **headers}
            for method, path, needed in routes(app.routes):
                if needed is None:
                    continue
                answer = stranger.request(method, filled(path), headers=sent)
                if path.startswith("/api/"):
                    assert answer.status_code == 401, (method, path)
                    assert answer.headers["content-type"] == "application/problem+json"
                else:
                    assert answer.status_code == 303, (method, path)
                    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_does_no_more_than_its_scope_says(
    app: FastAPI, program: Callable[..., TestClient], scope: Scope
) -> None:
    client = program("root", Role.ADMIN, (scope,))
    wrong = []
    for method, path, needed in routes(app.routes):
        if needed is None or f"{method} {path}" in ENDLESS:
            continue
        least = Scope.READ if method == "GET" else Scope.WRITE
        least = Scope.ADMIN if needed is Role.ADMIN else least
        status = client.request(method, filled(path)).status_code
        if (status == 403) is scope.covers(least):
            wrong.append((method, path, status))
    assert wrong == []


def test_no_page_of_another_site_changes_anything(
    app: FastAPI, signed_in: Callable[..., Any]
) -> None:
    client = signed_in("root", Role.ADMIN)
    for method, path, _ in routes(app.routes):
        if method != "GET" and not path.startswith("/hooks/"):
            answer = client.request(method, filled(path), headers={"sec-fetch-site": "cross-site"})
            assert answer.status_code == 403, (method, path)


def filled(path: str) -> str:
    """The path with values that name nothing there is."""
    return re.sub(r"\{[^}]*\}", "999999", path)
