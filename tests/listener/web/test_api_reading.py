"""Reading through the API: pages that hold together, and everything that the desk shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.store.users import Role, Scope

Program = Callable[..., TestClient]


def walk(client: TestClient, path: str) -> list[Any]:
    found: list[Any] = []
    cursor = ""
    while True:
        joint = "&" if "?" in path else "?"
        page = client.get(f"{path}{joint}limit=2&cursor={cursor}")
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        cursor = page.json()["next"]
        if cursor is None:
            return found


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/mentions", "/api/v1/issues"])
def test_pages_hold_together(program: Program, house: Any, heard: Any, path: str) -> None:
    house.hear(*[heard(f"on hold {n}", author=f"a{n}", issue=n + 1) for n in range(5)])
    ids = [one["id"] for one in walk(program(), path)]
    assert len(ids) == len(set(ids)) == 5


@pytest.mark.parametrize(
    "cursor", ["x", "!!!!", "WzFd", "WzEsMiwzXQ", "bnVsbA", "W3RydWUsMV0", "WzFlNDAsMV0"]
)
def test_a_cursor_that_is_not_ours_is_named(program: Program, cursor: str) -> None:
    for path in ("/api/v1/cases", "/api/v1/mentions"):
        answer = program(f"bot{path[-3:]}").get(f"{path}?cursor={cursor}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "cursor"


def test_the_queue_is_searched_as_people_type(program: Program, furnish: Callable[[], Any]) -> None:
    furnish()
    ana = program("ana")

    def authors(search: str) -> list[str]:
        answer = ana.get("/api/v1/cases", params={"search": search})
        return [one["author"] for one in answer.json()["items"]]

    assert authors("is:vigilante") == ["@maria"]
    assert authors("source:reddit hold") == ["@maria", "@ben"]
    assert authors('"on hold" NOT terrible') == ["@ben"]
    refused = ana.get("/api/v1/cases", params={"search": "lane:anger"})
    assert (refused.status_code, "'anger'" in refused.json()["detail"]) == (422, True)


def test_issues_are_merged_named_fixed_and_taken_back(
    program: Program, house: Any, heard: Any
) -> None:
    house.hear(heard("on hold", issue=1), heard("on hold again", author="ben", issue=2))
    ana = program("ana")

    def post(path: str, **body: object) -> Any:
        answer = ana.post(f"/api/v1/issues/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    post("1/rename", title="Hotline")
    post("2/merge", into=1)
    assert ana.get("/api/v1/issues/2").json()["id"] == 1
    post("2/undo")
    assert ana.get("/api/v1/issues/2").json()["id"] == 2
    post("1/fix", note="More people answer now.")
    (one,) = ana.get("/api/v1/issues/1/loop").json()["items"]
    assert one["notice"].startswith("Hi @ann, you told us about this (Hotline)")
    assert ana.post("/api/v1/issues/1/close", json={}).status_code == 409
    post("1/close", reason="told on the home page")
    post("1/reopen")


def test_people_posts_corrections_and_the_ledger(program: Program, house: Any, heard: Any) -> None:
    (mention,) = house.hear(heard("on hold", author="maria"))
    ana = program("ana")
    (person,) = ana.get("/api/v1/people?search=mar").json()["items"]
    found = ana.get(f"/api/v1/people/{person['id']}").json()
    assert [case["mention"] for case in found["cases"]] == [mention]
    (post,) = ana.get(f"/api/v1/mentions?person={person['id']}").json()["items"]
    assert (post["id"], post["verdict"]["signals"][0]["name"]) == (mention, "on_hold")
    done = ana.post(f"/api/v1/mentions/{mention}/corrections", json={"lane": "praise"})
    assert done.status_code == 200, done.text
    (row,) = ana.get("/api/v1/corrections").json()["items"]
    assert (row["field"], row["was"], row["is_now"]) == ("lane", "complaint", "praise")
    assert ana.get("/api/v1/corrections?cursor=WzFd").json()["items"] == []
    assert ana.post(f"/api/v1/mentions/{mention}/corrections", json={}).status_code == 422
    (run,) = ana.get("/api/v1/coverage?source=reddit").json()["items"]
    assert run["counted"]["new"] == 1
    for path in ("sources", "gaps", "rejections", "corrections/conflicts", "corrections/sample"):
        assert ana.get(f"/api/v1/{path}").json()["items"] == []
    assert ana.get("/api/v1/health").json()["totals"]["mentions"] == 1


def test_an_export_is_the_file_that_the_command_writes(
    program: Program, house: Any, heard: Any
) -> None:
    house.hear(heard("=1+1 on hold"), heard("thanks", author="ben"))
    viewer, analyst = program("v", Role.VIEWER), program("a", Role.ANALYST)
    assert viewer.get("/api/v1/exports/mentions").status_code == 403
    answer = analyst.get("/api/v1/exports/mentions")
    assert answer.headers["content-disposition"] == 'attachment; filename="mentions.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["text"] for row in rows] == ["'=1+1 on hold", "thanks"]
    lines = analyst.get("/api/v1/exports/cases?format=jsonl&brand=Acme").text.splitlines()
    assert len(lines) == 2
    assert analyst.get("/api/v1/exports/secrets").status_code == 422


def test_history_is_followed_from_a_move_on(program: Program, house: Any) -> None:
    case = house.open_case()
    first = house.desk.replies.note(case, "ben", "one").id
    later = house.desk.replies.note(case, "ben", "two").id
    ana = program("ana")
    assert [one["id"] for one in ana.get("/api/v1/history").json()["items"]] == [later, first]
    assert [one["id"] for one in ana.get(f"/api/v1/history?after={first}").json()["items"]] == [
        later
    ]


def test_an_admin_invites_promotes_and_shuts_out(
    program: Program, browser: Callable[[], TestClient], signed_in: Callable[..., TestClient],
    house: Any,
) -> None:  # fmt: skip
    root = program("root", Role.ADMIN)
    link = root.post("/api/v1/invitations", json={"role": "agent"}).json()["path"]
    newcomer = browser()
    sent = {"name": "cleo", "password": "correct horse battery"}
    assert newcomer.post(link, data=sent).status_code == 303
    (session,) = newcomer.get("/api/v1/me/sessions").json()["items"]
    assert newcomer.get("/api/v1/me").json()["session"] == session["id"]
    assert newcomer.get("/api/v1/tokens").status_code == 403
    assert root.post("/api/v1/users/cleo/role", json={"role": "admin"}).status_code == 200
    assert newcomer.get("/api/v1/tokens").status_code == 200
    assert root.post("/api/v1/users/CLEO/disable").status_code == 200
    assert newcomer.get("/api/v1/me").status_code == 401
    assert root.post("/api/v1/users/Root/disable").status_code == 409
    actions = [row.action for row in house.store.history()]
    assert actions == ["disable user", "set role", "join", "invite"]


def test_a_token_is_shown_once_and_ends_when_it_is_revoked(
    program: Program, browser: Callable[[], TestClient]
) -> None:
    root = program("root", Role.ADMIN)
    made = root.post("/api/v1/tokens", json={"name": "report", "scopes": ["read"]}).json()
    assert made["key"] not in root.get("/api/v1/tokens").text
    report = browser()
    report.headers["authorization"] = f"Bearer {made['key']}"
    assert report.get("/api/v1/me").json()["scopes"] == [Scope.READ]
    assert report.post("/api/v1/bulk", json={}).status_code == 403
    root.post(f"/api/v1/tokens/{made['token']['id']}/revoke")
    assert report.get("/api/v1/me").status_code == 401


def test_a_new_password_ends_the_other_sessions(
    signed_in: Callable[..., TestClient], browser: Callable[[], TestClient]
) -> None:
    ana = signed_in("ana")
    other = browser()
    other.post("/login", data={"name": "ana", "password": "correct horse battery"})
    wrong = {"current": "something else", "new": "another long one"}
    assert ana.post("/api/v1/me/password", json=wrong).status_code == 422
    right = {"current": "correct horse battery", "new": "another long one"}
    assert ana.post("/api/v1/me/password", json=right).json() == {"sessions": 1}
    assert (ana.get("/queue").status_code, other.get("/queue").status_code) == (200, 303)
