"""Working cases through the API: once, in turn, not over anybody's head, and always with a way back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from listener.store.accounts import open_accounts
from listener.store.users import Role

Program = Callable[..., TestClient]


def path(case: int, move: str) -> str:
    return f"/api/v1/cases/{case}/{move}"


def test_a_case_from_claim_to_the_end_and_back(program: Program, house: Any) -> None:
    case = house.open_case()
    ana, lead = program("ana"), program("lea", Role.LEAD)
    assert ana.post(path(case, "claim"), json={}).json()["after"]["owner"] == "ana"
    text = "Sorry! We look into it."
    drafted = ana.post(path(case, "replies"), json={"text": text}).json()
    reply = f"replies/{drafted['entity_id']}"
    assert ana.post(path(case, f"{reply}/approve")).status_code == 403
    assert ana.post(path(case, f"{reply}/sent"), json={}).status_code == 409
    assert lead.post(path(case, f"{reply}/approve")).status_code == 200
    assert ana.post(path(case, f"{reply}/sent"), json={}).json()["after"] == {"state": "sent"}
    found = ana.get(f"/api/v1/cases/{case}").json()
    assert (found["case"]["state"], found["replies"][0]["state"]) == ("waiting", "sent")
    assert found["case"]["reasons"][0] == {
        "name": "severity", "points": 20, "reason": "serious: about 1.5 of 4",
    }  # fmt: skip
    done = ana.post(path(case, "resolve"), json={"outcome": "refunded"}).json()
    assert ana.post(f"/api/v1/history/{done['id']}/undo").json()["undoes"] == done["id"]
    assert house.store.case(case).case.state == "waiting"


@pytest.mark.parametrize(
    ("move", "body", "state"),
    [
        ("snooze", {"seconds": 3600}, "snoozed"),
        ("snooze", {"until": "2026-11-21T09:00:00+01:00"}, "snoozed"),
        ("snooze", {"wakes_on": "worse"}, "snoozed"),
        ("snooze", {"wakes_on": "answer", "seconds": 600}, "snoozed"),
        ("dismiss", {"reason": "not a customer"}, "dismissed"),
        ("assign", {"to": "ben"}, "new"),
        ("priority", {"points": 90}, "new"),
    ],
)
def test_other_moves(
    program: Program, house: Any, move: str, body: dict[str, object], state: str
) -> None:
    case = house.open_case()
    answer = program().post(path(case, move), json=body)
    assert answer.status_code == 200, answer.text
    assert house.store.case(case).case.state == state


@pytest.mark.parametrize(
    ("move", "body", "said"),
    [
        ("snooze", {}, "one of until and seconds"),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "2020-01-01T00:00:00Z is not a time"),
        ("snooze", {"until": "2026-11-21T09:00:00"}, "timezone"),
        ("dismiss", {"reason": " "}, "the reason is empty"),
        ("priority", {"points": 5000}, "5000"),
        ("claim", {"sean": 3}, "sean"),
        ("claim", {"seen": "3"}, "'3'"),
    ],
)
def test_what_does_not_fit_is_named(
    program: Program, house: Any, move: str, body: dict[str, object], said: str
) -> None:
    answer = program().post(path(house.open_case(), move), json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_nothing_is_done_over_somebodys_head(program: Program, house: Any) -> None:
    case = house.open_case()
    seen = house.desk.cases.prioritise(case, "ana", 50).id
    ana = program("ana")
    house.desk.replies.note(case, "ana", "my own moves are no news to me")
    assert ana.post(path(case, "claim"), json={"seen": seen}).status_code == 200
    ana.post(path(case, "release"), json={})
    other = house.desk.replies.note(case, "ben", "called her: all is well").id
    refused = ana.post(path(case, "dismiss"), json={"reason": "spam", "seen": seen})
    assert refused.status_code == 409
    assert "ben made the move “note”" in refused.json()["detail"]
    assert ana.post(path(case, "dismiss"), json={"reason": "spam", "seen": other}).is_success


def test_a_write_with_a_key_is_done_once(program: Program, house: Any) -> None:
    case = house.open_case()
    ana, ben = program("ana"), program("ben")
    key = {"idempotency-key": "note-1"}
    first = ana.post(path(case, "notes"), json={"text": "one"}, headers=key)
    again = ana.post(path(case, "notes"), json={"text": "one"}, headers=key)
    assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")
    assert len(house.store.replies(case)) == 1
    other = ana.post(path(case, "notes"), json={"text": "two"}, headers=key)
    assert (other.status_code, "another request" in other.text) == (422, True)
    assert ben.post(path(case, "notes"), json={"text": "mine"}, headers=key).is_success
    house.clock.forward(hours=25)
    assert ana.post(path(case, "notes"), json={"text": "one"}, headers=key).is_success
    assert len(house.store.replies(case)) == 3


def test_what_was_refused_may_be_tried_again_with_its_key(program: Program, house: Any) -> None:
    case = house.open_case()
    house.desk.cases.claim(case, "ben")
    ana, key = program("ana"), {"idempotency-key": "k"}
    assert ana.post(path(case, "claim"), json={}, headers=key).status_code == 409
    house.desk.cases.release(case, "ben")
    assert ana.post(path(case, "claim"), json={}, headers=key).status_code == 200
    assert ana.post(path(case, "claim"), json={}, headers={"idempotency-key": "\t"}).is_error


def test_a_request_that_was_cut_off_is_not_repeated_blindly(
    program: Program, app: FastAPI, house: Any
) -> None:
    case = house.open_case()
    ana = program("ana")
    body = b'{"text":"one"}'
    with open_accounts(house.config.store) as accounts:
        (me,) = accounts.users()
        from hashlib import sha256

        asked = f"POST {path(case, 'notes')}?\n".encode() + body
        accounts.requests.begin(me.id, "k", sha256(asked).hexdigest(), house.clock())
    headers = {"idempotency-key": "k", "content-type": "application/json"}
    working = ana.post(path(case, "notes"), content=body, headers=headers)
    assert (working.status_code, "still in work" in working.text) == (409, True)
    house.clock.forward(minutes=2)
    doubt = ana.post(path(case, "notes"), content=body, headers=headers)
    assert (doubt.status_code, "may have been done" in doubt.text) == (409, True)
    assert house.store.replies(case) == []


def test_of_eight_agents_one_gets_the_case_and_answers(program: Program, house: Any) -> None:
    case = house.open_case()
    names = [f"agent{n}" for n in range(8)]
    agents = [program(name, Role.LEAD) for name in names]

    def work(agent: TestClient) -> tuple[int, int]:
        claimed = agent.post(path(case, "claim"), json={}).status_code
        drafted = agent.post(path(case, "replies"), json={"text": "We are on it."})
        if drafted.is_error:
            return claimed, drafted.status_code
        reply = f"replies/{drafted.json()['entity_id']}"
        agent.post(path(case, f"{reply}/approve"))
        return claimed, agent.post(path(case, f"{reply}/sent"), json={}).status_code

    with ThreadPoolExecutor(len(agents)) as pool:
        outcomes = list(pool.map(work, agents))
    assert sorted(claimed for claimed, _ in outcomes) == [200] + [409] * 7
    assert sorted(sent for _, sent in outcomes) == [200] + [409] * 7
    assert [claimed for claimed, _ in outcomes] == [sent for _, sent in outcomes]
    moves = [row.action for row in house.store.history(case)]
    assert (moves.count("claim"), moves.count("reply sent")) == (1, 1)


def test_one_move_on_many_cases(program: Program, house: Any) -> None:
    cases = [house.open_case(author=name) for name in ("x", "y", "z")]
    house.desk.cases.claim(cases[1], "ben")
    asked = {"cases": [*cases, 999], "move": "dismiss", "words": "a joke"}
    found = program("ana").post("/api/v1/bulk", json=asked).json()
    assert found["done"] == 2
    assert [one["status"] for one in found["outcomes"]] == [200, 409, 200, 404]
    assert found["outcomes"][1]["detail"].startswith(f"ben has case {cases[1]} until")
