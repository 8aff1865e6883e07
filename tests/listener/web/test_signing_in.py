"""Who gets in, how they leave, and what a stranger cannot do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from listener.store.users import Role
from listener.web.actor import COOKIE
from listener.web.cookies import own_path

PASSWORD = "correct horse battery"
Browser = Callable[[], TestClient]
SignedIn = Callable[..., TestClient]


def enter(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login", data={"name": name, "password": password, **more})


def test_a_person_signs_in_works_and_leaves(
    browser: Browser, member: Callable[..., None], house: Any
) -> None:
    house.open_case("on <b>hold</b> for hours")
    member("ana")
    client = browser()
    assert enter(client, "ana", next="/queue?x=1").headers["location"] == "/queue?x=1"
    shown = client.get("/queue")
    assert shown.status_code == 200
    assert "on &lt;b&gt;hold&lt;/b&gt; for hours" in shown.text
    key = client.cookies[COOKIE]
    assert client.post("/logout").headers["location"] == "/login"
    client.cookies.set(COOKIE, key)
    assert client.get("/queue").status_code == 303


def test_the_cookie_is_for_the_browser_alone(browser: Browser, member: Callable[..., None]) -> None:
    member("ana")
    cookie = enter(browser(), "ana").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    client = browser()
    client.base_url = "https://testserver"
    secure = enter(client, "ana").headers["set-cookie"]
    assert secure.startswith("__Host-listener_session=")
    assert "Secure" in secure


def test_a_wrong_password_and_an_unknown_name_look_alike(
    browser: Browser, member: Callable[..., None]
) -> None:
    member("ana")
    one, other = enter(browser(), "ana", "wrong wrong"), enter(browser(), "bob", "wrong wrong")
    assert (one.status_code, other.status_code) == (401, 401)
    nonceless = [
        re.sub(r'nonce="[^"]+"', "", answer.text.replace("ana", "bob")) for answer in (one, other)
    ]
    assert nonceless[0] == nonceless[1]


def test_who_tries_too_often_has_to_wait_even_with_the_right_password(
    browser: Browser, member: Callable[..., None], house: Any
) -> None:
    member("ana")
    client = browser()
    assert [enter(client, "ana", "wrong wrong").status_code for _ in range(5)] == [401] * 5
    refused = enter(client, "ANA")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    house.clock.forward(minutes=16)
    assert enter(client, "ana").status_code == 303


def test_a_session_ends_when_it_is_idle_and_when_the_person_is_shut_out(
    app: FastAPI, signed_in: SignedIn, house: Any
) -> None:
    ana, bob = signed_in("ana"), signed_in("bob")
    for _ in range(3):
        house.clock.forward(hours=11)
        assert ana.get("/queue").status_code == 200
    assert bob.get("/queue").status_code == 303
    with app.state.parts.accounts.lend() as accounts:
        accounts.disable_user("ana", house.clock())
    assert ana.get("/queue").status_code == 303


def test_a_session_that_was_ended_elsewhere_is_over_at_once(
    app: FastAPI, signed_in: SignedIn, house: Any
) -> None:
    ana = signed_in("ana")
    with app.state.parts.accounts.lend() as accounts:
        (session,) = accounts.sessions.of("ana", house.clock())
        accounts.sessions.end(session.id, house.clock())
    answer = ana.get("/queue", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "", "origin": "http://testserver"}, 403),
        ({"origin": "http://evil.example"}, 303),  # the browser's own word stands above it
    ],
)
def test_other_sites_cannot_act_in_a_persons_name(
    signed_in: SignedIn, headers: dict[str, str], status: int
) -> None:
    assert signed_in().post("/logout", headers=headers).status_code == status


def test_a_browser_that_says_nothing_of_the_site_must_send_our_origin(
    app: FastAPI, house: Any
) -> None:
    with TestClient(app, follow_redirects=False) as old:
        assert old.post("/logout").status_code == 403
        assert old.post("/logout", headers={"origin": "http://evil.example"}).status_code == 403
        assert old.post("/logout", headers={"origin": "http://["}).status_code == 403
        assert old.post("/logout", headers={"origin": "null"}).status_code == 403
        assert old.post("/logout", headers={"origin": "http://testserver"}).status_code == 303


def test_the_first_link_makes_one_admin_and_expires(
    app: FastAPI, browser: Browser, house: Any
) -> None:
    def link() -> str:
        with app.state.parts.accounts.lend() as accounts:
            return f"/invitation/{accounts.invitations.invite_first(house.clock())}"

    earlier, late = link(), link()
    client = browser()
    assert client.get(earlier).status_code == 410
    house.clock.forward(minutes=61)
    assert client.get(late).status_code == 410
    now = link()
    assert "admin" in client.get(now).text
    short = client.post(now, data={"name": "root", "password": "short"})
    assert (short.status_code, "10 characters" in short.text) == (422, True)
    made = client.post(now, data={"name": "root", "password": PASSWORD})
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert client.get("/queue").status_code == 200
    assert browser().post(now, data={"name": "two", "password": PASSWORD}).status_code == 410
    with app.state.parts.accounts.lend() as accounts:
        assert [(user.name, user.role) for user in accounts.users()] == [("root", Role.ADMIN)]
        assert accounts.invitations.invite_first(house.clock()) == ""
    assert [(row.actor, row.action) for row in house.store.history()] == [("root", "join")]


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "",
     "/a\nb", "\\\\evil", "/\t/evil", "http:evil"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(to: str) -> None:
    assert own_path(to) == "/"


def test_every_answer_carries_the_policy_and_its_own_nonce(browser: Browser) -> None:
    client = browser()
    answers = [client.get(path) for path in ("/login", "/login", "/nowhere", "/healthz")]
    policies = {answer.headers["content-security-policy"] for answer in answers}
    assert len(policies) == 4
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_static_files_are_kept_for_ever_under_their_own_hash(browser: Browser) -> None:
    client = browser()
    address = client.get("/login").text.split('rel="stylesheet" href="')[1].split('"')[0]
    found = client.get(address)
    assert found.headers["content-type"].startswith("text/css")
    assert "immutable" in found.headers["cache-control"]
    for path in ("/static/0/desk.css", "/static/../app.py", f"{address}/../../../app.py"):
        assert client.get(path).status_code == 404


def test_a_form_may_not_be_endless(browser: Browser) -> None:
    answer = browser().post("/login", content=b"name=" + b"x" * 300_000)
    assert answer.status_code == 413
