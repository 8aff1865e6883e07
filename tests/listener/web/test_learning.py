"""Learning through API and pages: how it stands, what it would change, use, undo, what to answer next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.errors import Conflict
from listener.learning.classroom import Classroom
from listener.learning.study import Order, work
from listener.plugins import load_plugins
from listener.stages.cycle import Listening
from listener.store.rows import Span
from listener.store.users import Role
from sources.files.source import FilesSource

Program = Callable[..., TestClient]
SignIn = Callable[..., TestClient]
WHO = ("my brother", "a friend", "our neighbour", "the teacher", "ann", "ben")
ROADS = [f"{who} {what} acme near the roundabout" for who in WHO for what in ("walked by", "met")]
OTHERS = ["acme charged me twice, nobody answers", "thanks acme", "somebody at the acme roundabout"]


class Hired:
    """A worker in a thread of this process, which is quicker to start."""

    def __init__(self, line: Any, config: Any, order: Order) -> None:
        self._thread = Thread(target=work, args=(line, config, order), daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """A thread ends by itself."""

    def join(self) -> None:
        self._thread.join()


@pytest.fixture
def room(app: Any, house: Any) -> Classroom:
    found = Classroom(house.config, Hired)
    object.__setattr__(app.state.parts, "classroom", found)
    return found


@pytest.fixture
def posts(house: Any, tmp_path: Path) -> dict[str, int]:
    """Posts that the judge itself has read, by their text."""
    rows = [
        {"id": str(n), "text": text, "author": f"a{n}", "created_at": f"2026-11-19T{n:02}:00:00Z"}
        for n, text in enumerate([*ROADS, *OTHERS])
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with Listening(house.store, house.config, load_plugins(), house.clock) as listening:
        listening.take_in([FilesSource("posts", [file], "", house.clock)], "Acme")
    return {row.mention.text: row.id for row in house.store.mentions(Span())}


@pytest.fixture
def corrected(house: Any, posts: dict[str, int]) -> dict[str, int]:
    """The same, with those about a roundabout corrected to praise."""
    for text in ROADS:
        house.desk.corrections.correct(posts[text], "ben", [("lane", "praise")])
    return posts


def test_nothing_is_begun_that_leads_nowhere(program: Program, room: Classroom) -> None:
    lead = program("lea", Role.LEAD)
    for path, body, said in (
        ("preview", {}, "nobody has corrected anything"),
        ("apply", {}, "nobody has corrected anything"),
        ("preview", {"brand": "Nobody"}, "there is no brand"),
        ("offer", {"label": "late"}, "nobody has given the label"),
        ("undo", {}, "nothing that was learnt is in use"),
    ):
        answer = lead.post(f"/api/v1/learning/{path}", json=body)
        assert (answer.status_code, said in answer.json()["detail"]) == (422, True), path
    assert lead.get("/api/v1/learning/preview").status_code == 404
    assert room.running("Acme") is None
    assert program("ana").get("/api/v1/learning").status_code == 403


def test_previewed_applied_and_taken_back_through_the_api(
    program: Program, house: Any, room: Classroom, corrected: dict[str, int]
) -> None:
    lead = program("lea", Role.LEAD)
    (stands,) = lead.get("/api/v1/learning").json()["items"]
    assert (stands["fields"], stands["new"], stands["in_use"]) == ({"lane": 12}, 12, None)
    begun = lead.post("/api/v1/learning/preview", json={"days": 30}).json()
    assert (begun["state"], begun["order"]["what"]) == ("running", "preview")
    room.wait()
    job = lead.get("/api/v1/learning/preview").json()
    found = job["outcome"]
    assert (job["state"], found["problem"]) == ("done", "")
    assert found["taught"]["corrections"] == 12
    assert {one["sample"] for one in found["taught"]["figures"]} == {"kept apart"}
    changed = {one["mention"]: dict(one[:2] for one in one["fields"]) for one in found["changes"]}
    assert found["changed"] == len(changed) >= 1
    assert corrected[OTHERS[2]] in changed
    assert house.store.calibrated() == {}

    lead.post("/api/v1/learning/apply", json={"note": "the roundabout"})
    room.wait()
    job = lead.get("/api/v1/learning/apply").json()
    assert job["state"] == "done", job
    assert job["outcome"]["move"] == house.store.history()[0].id
    assert (house.store.history()[0].actor, set(house.store.calibrated())) == ("lea", {"Acme"})
    (stands,) = lead.get("/api/v1/learning?brand=Acme").json()["items"]
    assert (stands["new"], stands["in_use"]["corrections"]) == (0, 12)
    lead.post("/api/v1/learning/apply", json={})
    room.wait()
    job = lead.get("/api/v1/learning/apply").json()
    assert (job["state"], "is in use already" in job["outcome"]["problem"]) == ("failed", True)

    done = lead.post("/api/v1/learning/undo", json={})
    assert done.json()["action"] == "undo"
    assert house.store.calibrated() == {}
    assert lead.get("/api/v1/learning/preview").status_code == 404


def test_posts_are_offered_and_answered_for(
    program: Program, house: Any, room: Classroom, posts: dict[str, int]
) -> None:
    lead = program("lea", Role.LEAD)
    lead.post("/api/v1/learning/offer", json={"count": 5})
    room.wait()
    offered = lead.get("/api/v1/learning/offer").json()["outcome"]["offered"]
    assert 0 < len(offered) <= 5
    assert OTHERS[0] in {one["text"] for one in offered}
    labelled = {"label": "roundabout", "has": True, "brand": "Acme"}
    done = program("ana").post(f"/api/v1/mentions/{posts[ROADS[0]]}/labels", json=labelled)
    assert done.json()["actor"] == "ana"
    (stands,) = lead.get("/api/v1/learning").json()["items"]
    assert stands["labels"] == {"roundabout": [1, 0]}
    lead.post("/api/v1/learning/offer", json={"label": "roundabout", "count": 3})
    room.wait()
    offered = lead.get("/api/v1/learning/offer").json()["outcome"]["offered"]
    assert posts[ROADS[0]] not in {one["mention"] for one in offered}
    assert offered[0]["text"] in {*ROADS, OTHERS[2]}


def test_one_order_at_a_time_and_one_that_dies_is_told(house: Any) -> None:
    lines: list[Any] = []

    class Idle:
        def __init__(self, line: Any, config: Any, order: Order) -> None:
            lines.append(line)

        def kill(self) -> None:
            lines[-1].close()

        def join(self) -> None:
            pass

    room, order = Classroom(house.config, Idle), Order("offer", "Acme", "lea", house.clock())
    room.begin(order)
    with pytest.raises(Conflict, match="already"):
        room.begin(order)
    lines[-1].close()
    room.wait()
    job = room.latest("Acme", "offer")
    assert job is not None
    assert (job.state, "has died" in job.outcome.problem) == ("failed", True)
    room.begin(order)
    room.close()
    with pytest.raises(Conflict):
        room.begin(order)


class TestPage:
    def test_it_says_what_was_corrected_and_what_to_do(
        self, signed_in: SignIn, room: Classroom, corrected: dict[str, int], house: Any
    ) -> None:
        house.desk.corrections.correct(corrected[ROADS[0]], "zoe", [("lane", "idea")])
        browser = signed_in("lea", Role.LEAD)
        page = browser.get("/learning").text
        assert "corrected posts to learn from" in page
        assert re.search(r"<b>lane</b>\s+praise → idea", page)
        assert 'href="/learning"' in page
        assert "The judge says" not in page
        assert "/learning" not in signed_in("ana").get("/queue").text
        assert browser.get("/learning?brand=Nobody").status_code == 422

    def test_preview_use_and_take_back(
        self, signed_in: SignIn, room: Classroom, corrected: dict[str, int], house: Any
    ) -> None:
        browser = signed_in("lea", Role.LEAD)
        begun = browser.post("/learning/preview", data={"brand": "Acme", "days": "30"})
        assert begun.headers["location"] == "/learning?brand=Acme"
        room.wait()
        page = browser.get("/learning").text
        assert "data-poll" not in page
        assert "Learnt from 12 corrections" in page
        assert re.search(r"It would change \d+ of \d+ stored posts", page)
        assert OTHERS[2] in page
        browser.post("/learning/apply", data={"brand": "Acme"})
        room.wait()
        page = browser.get("/learning").text
        assert "from 12 corrections" in page
        assert "This is in use already" in page or "Take it back" in page
        undone = browser.post("/learning/undo", data={"brand": "Acme"})
        assert undone.headers["location"].startswith("/learning?brand=Acme&done=")
        assert "taken back" in browser.get(undone.headers["location"]).text
        assert house.store.calibrated() == {}
        assert browser.post("/learning/undo", data={"brand": "Acme"}).status_code == 422

    def test_what_makes_things_worse_needs_a_reason(
        self, signed_in: SignIn, room: Classroom, posts: dict[str, int], house: Any
    ) -> None:
        keep = house.desk.corrections._keep
        for text in ROADS[:9]:
            keep(posts[text], "ben", [("lane", "praise")], "", "")
        for text in ROADS[9:]:
            keep(posts[text], "ben", [("lane", "other")], "", "", audit=True)
        browser = signed_in("lea", Role.LEAD)
        browser.post("/learning/preview", data={"brand": "Acme"})
        room.wait()
        page = browser.get("/learning").text
        assert "It would make things worse" in page
        assert "Use it from now on" not in page
        browser.post("/learning/apply", data={"brand": "Acme"})
        room.wait()
        assert "not applied, it would make things worse" in browser.get("/learning").text
        assert house.store.calibrated() == {}
        browser.post("/learning/apply", data={"brand": "Acme", "force": "yes", "note": "so"})
        room.wait()
        assert "forced, although it makes things worse" in house.store.history()[0].note
        assert set(house.store.calibrated()) == {"Acme"}

    def test_while_it_works_the_page_says_how_far(
        self, signed_in: SignIn, app: Any, house: Any, corrected: dict[str, int]
    ) -> None:
        lines: list[Any] = []

        class Slow(Hired):
            def __init__(self, line: Any, config: Any, order: Order) -> None:
                lines.append(line)
                line.send(("measuring", 3, 5))

            def join(self) -> None:
                pass

        room = Classroom(house.config, Slow)
        object.__setattr__(app.state.parts, "classroom", room)
        browser = signed_in("lea", Role.LEAD)
        browser.post("/learning/preview", data={"brand": "Acme"})
        again = browser.post("/learning/preview", data={"brand": "Acme"})
        assert (again.status_code, "is being learnt" in again.text) == (409, True)
        page = again.text
        assert "data-poll" in page
        assert 'http-equiv="refresh"' in page
        assert "<progress" in page
        lines[-1].close()
        room.wait()

    def test_answers_for_offered_posts(
        self, signed_in: SignIn, room: Classroom, posts: dict[str, int], house: Any
    ) -> None:
        browser = signed_in("lea", Role.LEAD)
        browser.post("/learning/offer", data={"brand": "Acme"})
        room.wait()
        page = browser.get("/learning").text
        mention = re.findall(r'name="mention" value="(\d+)"', page)[0]
        said = {"brand": "Acme", "mention": mention, "has": "no", "label": ""}
        done = browser.post("/learning/answer", data=said)
        assert done.headers["location"].startswith("/learning?brand=Acme&done=")
        page = browser.get("/learning").text
        assert f'name="mention" value="{mention}"' not in page
        (row,) = house.store.corrections("Acme")
        assert (row.field, row.is_now, row.mention.id) == ("complaint", "no", int(mention))
        new = {"brand": "Acme", "mention": mention, "has": "yes", "label": "late-delivery"}
        assert browser.post("/learning/answer", data=new).status_code == 303
        assert "1 yes, 0 no" in browser.get("/learning").text
