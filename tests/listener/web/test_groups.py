"""What people see and decide about groups: why a post is here, moves, links, suggestions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.exports import TABLES, Wanted, export
from listener.plugins import load_plugins
from listener.stages.cycle import Listening
from listener.stages.explaining import Belonging
from listener.store.grouping import SuggestionRow
from listener.store.rows import Span
from listener.store.users import Role
from sources.files.source import FilesSource

Program = Callable[..., TestClient]
SignIn = Callable[..., TestClient]
CARDS = [
    "my new card never arrived in the post",
    "where is my card? ordered two weeks ago and nothing arrived",
    "still waiting for my replacement card to arrive",
    "the new debit card has not arrived yet, ordered last month",
    "card ordered in October, never came",
    "my replacement card was sent but never arrived <b>",
]
CRASHES = [
    "the app crashes when I open my statements",
    "your app keeps crashing on start since the update",
    "app crash again after the update",
    "the app closes by itself every time I log in",
    "since the update the app crashes at login",
    "app keeps crashing, cannot log in",
]


@pytest.fixture
def grouped(house: Any, tmp_path: Path) -> dict[str, list[int]]:
    """Two troubles, as grouping has sorted them: the mentions of each kind."""
    rows = [
        {"id": str(n), "text": text, "author": f"a{n}", "created_at": f"2026-11-20T{n:02}:00:00Z"}
        for n, text in enumerate([*CARDS, *CRASHES])
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with Listening(house.store, house.config, load_plugins(), house.clock) as listening:
        listening.take_in([FilesSource("posts", [file], "", house.clock)], "Acme")
    found: dict[str, list[int]] = {}
    for row in house.store.mentions(Span()):
        what = "cards" if "card" in row.mention.text else "crashes"
        found.setdefault(what, []).append(row.id)
    return found


def issue_of(house: Any, mention: int) -> int:
    return next(row.issue for row in house.store.readings(mention))


def suggest(house: Any, rule: str, issue: int, other: int = 0, mentions: Any = ()) -> int:
    row = SuggestionRow(
        *(0, "Acme", rule, issue, other, tuple(mentions), "75% of its latest posts are alike"),
        *("open", house.clock(), "", None),
    )
    assert house.store.suggest([row]) == 1
    return int(house.store.suggestions()[-1].id)


@pytest.fixture
def two(house: Any, heard: Any) -> list[int]:
    return house.hear(
        heard("card never came", author="ann", issue=1),
        heard("still no card", author="ben", issue=1),
        heard("the <i>app</i> crashes", author="ann", issue=2),
        heard("app crashes again", author="zoe", issue=2),
    )


class TestWhy:
    def test_examples_say_why_here_and_why_not_in_the_issue_next_to_it(
        self, program: Program, house: Any, grouped: dict[str, list[int]]
    ) -> None:
        client, here = program(), issue_of(house, grouped["cards"][-1])
        found = client.get(f"/api/v1/issues/{here}/examples").json()["items"]
        assert 2 <= len(found) <= 8
        assert {one["why"]["mention"] for one in found} <= set(grouped["cards"])
        assert all(one["text"] in CARDS for one in found)
        assert any(one["why"]["ties"] for one in found)
        assert client.get("/api/v1/issues/9999/examples").status_code == 404

    def test_the_api_says_why_here_and_why_not_there(
        self, program: Program, house: Any, grouped: dict[str, list[int]]
    ) -> None:
        client, card = program(), grouped["cards"][-1]
        here, there = issue_of(house, card), issue_of(house, grouped["crashes"][0])
        assert here != there
        told = client.get(f"/api/v1/issues/{here}/why?mention={card}").json()
        assert (told["mention"], told["issue"], told["instead"]) == (card, here, [])
        tie = told["ties"][0]
        assert tie["mention"] in grouped["cards"]
        assert tie["similarity"] >= told["needed"]
        assert any("card" in word for word in tie["words"])
        assert told["shares"][str(here)] == 1.0
        told = client.get(f"/api/v1/issues/{there}/why?mention={card}").json()
        assert told["issue"] == here
        assert {one["issue"] for one in told["instead"]} == {there}
        assert max(one["similarity"] for one in told["instead"]) < tie["similarity"]
        for path in (f"{here}/why?mention=9999", f"9999/why?mention={card}"):
            assert client.get(f"/api/v1/issues/{path}").status_code == 404
        assert client.get(f"/api/v1/issues/{here}/why").status_code == 422

    def test_it_follows_what_people_do(
        self, program: Program, app: Any, house: Any, grouped: dict[str, list[int]]
    ) -> None:
        client, card = program(), grouped["cards"][-1]
        here, there = issue_of(house, card), issue_of(house, grouped["crashes"][0])
        assert client.get(f"/api/v1/issues/{here}/why?mention={card}").json()["issue"] == here
        moved = client.post(f"/api/v1/issues/{here}/move", json={"mentions": [card], "into": there})
        assert moved.status_code == 200, moved.text
        told = client.get(f"/api/v1/issues/{here}/why?mention={card}").json()
        assert told["issue"] == there
        assert "belongs with those there" in told["rule"]

    def test_the_page_tells_it_and_leads_on(
        self, signed_in: SignIn, house: Any, grouped: dict[str, list[int]]
    ) -> None:
        browser, card = signed_in(), grouped["cards"][-1]
        here, there = issue_of(house, card), issue_of(house, grouped["crashes"][0])
        page = browser.get(f"/issues/{here}").text
        assert f'href="/issues/{here}?why={card}"' in page
        told = browser.get(f"/issues/{here}?why={card}").text.split("Why this post is here")[1]
        assert "both say" in told
        assert "<b>" not in re.findall(r"<blockquote.*?</blockquote>", told, re.DOTALL)[0]
        assert re.search(r'class="needed" x="\d+"', told)
        asked = browser.get(f"/why?mention={card}&issue={there}")
        assert asked.headers["location"] == f"/issues/{there}?why={card}"
        told = browser.get(asked.headers["location"]).text
        assert "Why this post is not here" in told
        moved = browser.post(f"/issues/{here}/move", data={"mention": card, "target": there})
        assert moved.headers["location"].startswith(f"/issues/{there}?done=")
        assert issue_of(house, card) == there

    def test_the_export_has_it_for_every_grouped_mention(
        self, program: Program, house: Any, grouped: dict[str, list[int]]
    ) -> None:
        answer = program("a", Role.ANALYST).get("/api/v1/exports/belonging?format=jsonl")
        rows = {one["mention"]: one for one in map(json.loads, answer.text.splitlines())}
        assert set(rows) == {*grouped["cards"], *grouped["crashes"]}
        last = rows[grouped["cards"][-1]]
        assert last["nearest"] in grouped["cards"]
        assert (last["share"], 1 <= len(last["ties"]) <= 3) == (1.0, True)
        assert re.fullmatch(r"\d\.\d\d mention \d+ of issue \d+", last["ties"][0])
        assert last["needed"] < float(last["ties"][0].split()[0]) + 0.01
        assert any("card" in word for word in last["words"])
        with_it = Wanted(Span(), frozenset(), Belonging().brief(house.store))
        with open("/dev/null", "wb") as out:
            assert export(house.store, TABLES["belonging"], with_it, "csv", out) == len(rows)


class TestDeciding:
    def test_links_through_the_api(self, program: Program, house: Any, two: list[int]) -> None:
        client = program()
        link = {"one": two[0], "other": two[1], "together": True}
        done = client.post("/api/v1/links", json=link)
        assert done.json()["action"] == "together"
        assert client.post("/api/v1/links", json=link).status_code == 409
        client.post("/api/v1/links", json={"one": 1, "other": 2, "together": False, "issues": True})
        rules = [one["rule"] for one in client.get("/api/v1/links").json()["items"]]
        assert rules == ["must", "cannot"]
        client.post(f"/api/v1/history/{done.json()['id']}/undo")
        assert [row.rule for row in house.store.links()] == ["cannot"]

    def test_links_on_the_page(self, signed_in: SignIn, house: Any, two: list[int]) -> None:
        browser = signed_in()
        said = {"one": two[0], "other": two[1], "rule": "cannot"}
        done = browser.post("/issues/1/link", data=said)
        assert done.headers["location"].startswith("/issues/1?done=")
        assert "never together" in browser.get(done.headers["location"]).text
        browser.post("/issues/1/apart", data={"other": 2})
        assert [row.rule for row in house.store.links()] == ["cannot", "cannot"]
        refused = browser.post("/issues/1/move", data={"mention": two[0], "target": "two"})
        assert (refused.status_code, "no number" in refused.text) == (422, True)

    def test_a_suggestion_is_listed_accepted_and_taken_back(
        self, program: Program, house: Any, two: list[int]
    ) -> None:
        number, client = suggest(house, "merge", 2, 1), program()
        (one,) = client.get("/api/v1/suggestions").json()["items"]
        assert (one["suggestion"]["id"], one["people_in_both"]) == (number, 1)
        assert one["examples"] == ["the <i>app</i> crashes", "app crashes again"]
        done = client.post(f"/api/v1/suggestions/{number}/accept")
        assert (done.json()["action"], house.store.issue(2).id) == ("merge", 1)
        assert client.post(f"/api/v1/suggestions/{number}/accept").status_code == 409
        assert client.post("/api/v1/suggestions/999/dismiss").status_code == 404
        assert client.get("/api/v1/suggestions").json()["items"] == []
        (one,) = client.get("/api/v1/suggestions?state=accepted").json()["items"]
        assert one["suggestion"]["actor"] == "bot"
        client.post(f"/api/v1/history/{done.json()['id']}/undo")
        assert house.store.issue(2).id == 2
        assert len(client.get("/api/v1/suggestions").json()["items"]) == 1

    def test_pages_of_suggestions_hold_together(
        self, program: Program, house: Any, heard: Any
    ) -> None:
        said = [heard(f"on hold {n}", author=f"a{n}", issue=1 + n // 2) for n in range(10)]
        ids = house.hear(*said)
        for n in range(5):
            suggest(house, "split", 1 + n, mentions=[ids[2 * n]])
        client, found, cursor = program(), [], ""
        while cursor is not None:
            page = client.get(f"/api/v1/suggestions?limit=2&cursor={cursor}").json()
            found += [one["suggestion"]["id"] for one in page["items"]]
            cursor = page["next"]
        assert found == sorted(set(found))
        assert len(found) == 5

    def test_the_pages_show_decide_and_never_ask_again(
        self, signed_in: SignIn, house: Any, two: list[int]
    ) -> None:
        number, browser = suggest(house, "merge", 2, 1), signed_in()
        assert "1 suggestion" in browser.get("/issues").text
        for path in ("/suggestions", "/issues/1", "/issues/2"):
            page = browser.get(path).text
            assert "75% of its latest posts are alike" in page
            assert "the &lt;i&gt;app&lt;/i&gt; crashes" in page
        done = browser.post(f"/suggestions/{number}/dismiss", data={"back": "/issues/1"})
        assert done.headers["location"].startswith("/issues/1?done=")
        page = browser.get(done.headers["location"]).text
        assert "Suggestion 1: dismissed" in page
        assert "alike" not in page
        assert "suggestion" not in browser.get("/issues").text.split("<main")[1]
        house.clock.forward(hours=1)
        assert house.store.suggest(house.store.suggestions(state="dismissed")) == 0
        assert "alike" in browser.get("/suggestions?state=dismissed").text
        again = browser.post(f"/suggestions/{number}/accept")
        assert (again.status_code, "dismissed already by ana" in again.text) == (409, True)
        undo = re.findall(r'name="history" value="(\d+)"', page)
        browser.post("/undo", data={"history": undo, "back": "/suggestions"})
        done = browser.post(f"/suggestions/{number}/accept")
        assert done.headers["location"].startswith("/suggestions?done=")
        assert house.store.issue(2).id == 1

    def test_a_viewer_reads_and_decides_nothing(
        self, signed_in: SignIn, house: Any, two: list[int]
    ) -> None:
        suggest(house, "split", 1, mentions=two[:1])
        browser = signed_in("vic", Role.VIEWER)
        page = browser.get("/suggestions").text
        assert "would be an issue of their own" in page
        assert "/dismiss" not in page
        assert browser.post("/suggestions/1/dismiss").status_code == 403
