"""The pages of settings: what is set, what another value would have done, and the lines for the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.config import load
from listener.store.rows import Span
from listener.store.users import Role

Program = Callable[..., TestClient]
SignIn = Callable[..., TestClient]


def words(page: str) -> str:
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(bare).split())


def lines(page: str) -> str:
    """The lines for config.yaml that a page shows."""
    found = re.search(r'<pre id="lines"[^>]*><code>(.*?)</code>', page, re.DOTALL)
    return unescape(found[1]) if found else ""


def test_a_query_is_tried_and_written_down(signed_in: SignIn, furnish: Any, tmp_path: Any) -> None:
    house = furnish()
    before = len(list(house.store.mentions(Span())))
    ana = signed_in()
    query = '"on hold" OR "two minutes"'
    page = ana.get("/settings/brands", params={"brand": "Acme", "query": query, "days": 30}).text
    assert re.search(
        r"Of \d+ posts 0 would come in, [1-9]\d* would go, and \d+ stay\.", words(page)
    )
    assert 'data-copy="#lines"' in page
    written = tmp_path / "tried.yaml"
    written.write_text(lines(page))
    assert load(written, {}).brand("Acme").query == query
    assert len(list(house.store.mentions(Span()))) == before


@pytest.mark.parametrize(
    "query",
    ["(", "NEAR/", '"', "a" * 19_000, "<script>alert(1)</script>", "((((" * 2000, "‮ evil"],
)
def test_a_hostile_query_is_an_answer(signed_in: SignIn, furnish: Any, query: str) -> None:
    furnish()
    answer = signed_in().get("/settings/brands", params={"brand": "Acme", "query": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_an_unknown_brand_is_told(signed_in: SignIn, furnish: Any) -> None:
    furnish()
    page = signed_in().get("/settings/brands", params={"brand": "Nobody", "query": "x"}).text
    assert 'role="alert"' in page
    assert lines(page) == ""


def test_promises_are_tried_on_the_cases_there_are(
    signed_in: SignIn, furnish: Any, tmp_path: Any
) -> None:
    furnish()
    lead = signed_in("lea", Role.LEAD)
    text = "queue:\n  promise: {severe: 2h, complaint: 1d}\n  weights: {complaint: 3}\n"
    page = lead.post("/settings/promises/try", data={"text": text, "days": 30}).text
    assert "Waiting as half / 95 % / the longest" in words(page)
    assert "all" in words(page)
    written = tmp_path / "tried.yaml"
    written.write_text("brands: [{name: Acme}]\n" + lines(page))
    queue = load(written, {}).queue
    assert (queue.promise.severe, queue.weights.complaint) == (
        load(written, {}).queue.promise.severe,
        3,
    )
    assert queue.promise.complaint.days == 1


def test_what_is_shown_reads_back_as_what_is_set(
    signed_in: SignIn, house: Any, tmp_path: Any
) -> None:
    page = signed_in("lea", Role.LEAD).get("/settings/promises").text
    shown = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])
    written = tmp_path / "shown.yaml"
    written.write_text("brands: [{name: Acme}]\n" + shown)
    assert load(written, {}).queue.promise == house.config.queue.promise
    assert load(written, {}).queue.weights == house.config.queue.weights


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("queue: {promise: {sever: 2h}}", "sever"),
        ("queue: [", "queue:1"),
        ("nothing: here", "queue"),
        ("queue: {promise: {severe: soon}}", "severe"),
        ("queue: " + "[" * 5000, "queue"),
        ("queue: &a {promise: *a}", "queue"),
    ],
)
def test_a_policy_that_cannot_be_read_says_why(
    signed_in: SignIn, furnish: Any, text: str, said: str
) -> None:
    furnish()
    page = signed_in("lea", Role.LEAD).post("/settings/promises/try", data={"text": text})
    assert page.status_code == 200
    alarm = re.search(r'<p class="alarm bad" role="alert">(.*?)</p>', page.text, re.DOTALL)
    assert alarm is not None
    assert said in unescape(alarm[1])
    assert lines(page.text) == ""


def test_macros_are_written_changed_and_taken_away(
    signed_in: SignIn, house: Any, app: Any, tmp_path: Any
) -> None:
    lead = signed_in("lea", Role.LEAD)
    tried = {"name": "sorry", "text": "Hi {author},\r\nwe at {brand} are “sorry”: 5 #hash ${HOME}"}
    page = lead.post("/settings/macros/try", data=tried).text
    assert "Hi @maria, we at Acme are “sorry”" in words(page)
    written = tmp_path / "tried.yaml"
    written.write_text("brands: [{name: Acme}]\n" + lines(page))
    [macro] = load(written, {}).replies.macros
    assert (macro.name, macro.text) == ("sorry", tried["text"].replace("\r\n", "\n"))
    config = app.state.parts.config
    replies = config.replies.model_copy(update={"macros": (macro,)})
    object.__setattr__(app.state.parts, "config", config.model_copy(update={"replies": replies}))
    shown = lead.get("/settings/macros").text
    assert "take away sorry" in words(shown)
    gone = lead.post("/settings/macros/try", data={"name": "sorry", "text": ""}).text
    assert "macros: []" in lines(gone)
    wrong = lead.post("/settings/macros/try", data={"name": "other", "text": ""}).text
    assert "there is no macro 'other' to take away" in words(wrong)


def test_a_program_tries_the_same(program: Program, furnish: Any) -> None:
    furnish()
    lead = program("lea", Role.LEAD)
    tried = lead.post("/api/v1/trials/query", json={"query": "minutes", "days": 30}).json()
    assert tried["brand"] == "Acme"
    assert tried["leaving"] > 0
    assert tried["leaves"][0]["text"]
    assert "query: minutes" in tried["lines"]
    queue = {"text": "queue: {weights: {complaint: 1}}", "days": 30, "agents": 1}
    waited = lead.post("/api/v1/trials/queue", json=queue).json()
    assert waited["groups"][0]["lane"] == "all"
    assert "complaint: 1" in waited["lines"]
    macro = lead.post("/api/v1/trials/macros", json={"name": "a", "text": "b"}).json()
    assert "name: a" in macro["lines"]
    for path, body in (
        ("query", {"query": "("}),
        ("queue", {"text": "queue: 1"}),
        ("macros", {"name": "none"}),
    ):
        assert lead.post(f"/api/v1/trials/{path}", json=body).status_code in (400, 422)


def test_admins_change_roles_and_sign_people_out(
    signed_in: SignIn, member: Callable[..., None], app: Any
) -> None:
    root, ben = signed_in("root", Role.ADMIN), signed_in("ben")
    assert ben.get("/queue").status_code == 200
    changed = root.post("/settings/people/role", data={"name": "ben", "role": "viewer"})
    assert changed.status_code == 303
    assert ben.post("/cases/1/claim").status_code == 403
    assert root.post("/settings/people/sign-out", data={"name": "ben"}).status_code == 303
    assert ben.get("/queue").headers["location"].startswith("/login")
    own = root.post("/settings/people/role", data={"name": "root", "role": "viewer"})
    assert own.status_code == 403
    assert root.post("/settings/people/sign-out", data={"name": "nobody"}).status_code == 404
    audit = words(root.get("/settings/audit").text)
    assert "set role" in audit
    assert "sign out" in audit


def test_the_audit_is_narrowed(signed_in: SignIn, house: Any) -> None:
    case = house.open_case()
    house.desk.cases.claim(case, "ben")
    house.desk.labels.add(case, "zoe", ["called-her"])
    lead = signed_in("lea", Role.LEAD)
    assert "called-her" in lead.get("/settings/audit").text
    narrowed = words(lead.get("/settings/audit", params={"who": "ben", "did": "claim"}).text)
    assert "ben claim" in narrowed
    assert "called-her" not in narrowed
    none = words(lead.get("/settings/audit", params={"did": "erase"}).text)
    assert "Nothing of that kind among the latest 5,000 moves" in none
