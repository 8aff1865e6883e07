"""Erasing a person in the browser and through the API: admins only, and only once it was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.store.rows import QueueQuery
from listener.store.users import Role

Program = Callable[..., TestClient]
SignIn = Callable[..., TestClient]


def words(page: str) -> str:
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(bare).split())


@pytest.fixture
def person(house: Any) -> int:
    """Somebody with an open case, a draft and a label."""
    case = house.open_case("on hold, my secret 4711", author="maria")
    house.desk.replies.draft(case, "ben", "Dear maria")
    house.desk.labels.add(case, "ben", ["vip"])
    id: int = house.store.person_of("reddit", "maria").id
    return id


def test_a_page_says_what_goes_and_erases_when_it_was_typed(
    signed_in: SignIn, house: Any, person: int
) -> None:
    root = signed_in("root", Role.ADMIN)
    assert f'href="/people/{person}/erase"' in root.get(f"/people/{person}").text
    said = words(root.get(f"/people/{person}/erase").text)
    assert "posts 1 cases 1 1 still open: they will be dismissed" in said
    assert "drafts, replies, notes 1 labels 1" in said
    wrong = root.post(f"/people/{person}/erase", data={"typed": "yes"})
    assert wrong.status_code == 422
    assert f"type: erase {person}; nothing was erased" in words(wrong.text)
    assert house.store.person(person) is not None
    done = root.post(f"/people/{person}/erase", data={"typed": f"erase {person}"})
    assert "1 posts, 1 cases and 1 drafts, replies and notes" in words(done.text)
    assert root.get(f"/people/{person}").status_code == 404
    audit = words(root.get("/settings/audit").text)
    assert f"root erase person {person}" in audit
    for page in ("/queue?view=done", "/settings/audit", "/people", "/posts"):
        text = root.get(page).text
        assert "4711" not in text
        assert "maria" not in text


def test_a_program_erases(program: Program, house: Any, person: int) -> None:
    root = program("root", Role.ADMIN)
    path = f"/api/v1/people/{person}/erasure"
    would = root.get(path).json()
    assert would == {"posts": 1, "cases": 1, "open_cases": 1, "written": 1, "labels": 1}
    refused = root.post(path, json={"confirm": "erase"})
    assert (refused.status_code, f"erase {person}" in refused.json()["detail"]) == (422, True)
    done = root.post(path, json={"confirm": f"erase {person}"}, headers={"idempotency-key": "a"})
    assert done.json() == would
    assert root.get(path).status_code == 404
    again = root.post(path, json={"confirm": f"erase {person}"}, headers={"idempotency-key": "a"})
    assert again.status_code in (200, 404, 409)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.AGENT, Role.LEAD])
def test_nobody_but_admins(signed_in: SignIn, house: Any, person: int, role: Role) -> None:
    client = signed_in("ana", role)
    assert "/erase" not in client.get(f"/people/{person}").text
    assert client.get(f"/people/{person}/erase").status_code == 403
    typed = {"typed": f"erase {person}"}
    assert client.post(f"/people/{person}/erase", data=typed).status_code == 403
    assert house.store.person(person) is not None


def test_a_kept_answer_is_forgotten(program: Program, house: Any, person: int) -> None:
    root = program("root", Role.ADMIN)
    case = house.store.queue(QueueQuery())[0].id
    key = {"idempotency-key": "mine"}
    body = {"text": "Dear maria, secret 4711"}
    root.post(f"/api/v1/cases/{case}/replies", json=body, headers=key)
    root.post(f"/api/v1/people/{person}/erasure", json={"confirm": f"erase {person}"})
    again = root.post(f"/api/v1/cases/{case}/replies", json=body, headers=key)
    assert again.status_code == 409
    assert "4711" not in again.text
