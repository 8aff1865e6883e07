"""Why a post was read so: exact in the API, in words that add up on the page, without any script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.plugins import load_plugins
from listener.stages.cycle import Listening
from listener.store.rows import QueueQuery
from sources.files.source import FilesSource
from triage.explanation import explained_from
from triage.judge import VERSION

Program = Callable[..., TestClient]
ANGRY = "On hold for two hours, nobody answers, I want my refund <b>now</b>!!"


@pytest.fixture
def judged(house: Any, tmp_path: Path) -> int:
    """The case of a post that the judge itself has read."""
    post = {"id": "1", "text": ANGRY, "author": "ann", "created_at": "2026-11-20T10:00:00Z"}
    file = tmp_path / "posts.jsonl"
    file.write_text(json.dumps(post), encoding="utf-8")
    with Listening(house.store, house.config, load_plugins(), house.clock) as listening:
        listening.take_in([FilesSource("posts", [file], "", house.clock)], "Acme")
    return house.store.queue(QueueQuery())[0].id


def test_the_parts_add_up_to_the_score(program: Program, house: Any, judged: int) -> None:
    answer = program().get(f"/api/v1/cases/{judged}/explanation")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    verdict = house.store.case(judged).mentions[0].verdict
    assert (found["complaint"], found["severity"]) == (verdict.complaint_p, verdict.severity)
    for one in found["figures"]:
        added = one["start"] + sum(part["added"] for part in one["parts"])
        assert added == pytest.approx(one["total"], abs=1e-9)
    complaint = found["figures"][0]
    assert complaint["chance"] == verdict.complaint_p
    assert {"nobody answers", "wants money back"} <= {part["says"] for part in complaint["parts"]}
    says = explained_from(found["exact"]).opinion()
    assert (says.complaint, says.label) == (verdict.complaint_p, found["sentiment"])
    assert found["version"] == found["verdict"] == VERSION
    signals = {one["name"]: ANGRY[one["start"] : one["end"]] for one in found["signals"]}
    assert signals["on_hold"].lower() == "on hold"
    assert found["changes"]


def test_what_nobody_can_explain_is_not_there(program: Program, house: Any) -> None:
    client, case = program(), house.open_case()
    for number in (case, case + 1):
        answer = client.get(f"/api/v1/cases/{number}/explanation")
        assert answer.status_code == 404
        assert str(number) in answer.json()["detail"]


class TestPage:
    def test_it_is_told_in_words_that_add_up(
        self, signed_in: Callable[..., TestClient], judged: int
    ) -> None:
        browser = signed_in()
        page = browser.get(f"/queue/{judged}").text
        assert "What told the judge so" not in page
        (link,) = re.findall(rf'href="(/queue/{judged}\?why=1)"', page)
        told = browser.get(link).text.split("What told the judge so")[1].split("</section>")[0]
        assert "nobody answers" in told
        lists = re.findall(r'<ul class="parts">(.*?)</ul>', told, re.DOTALL)
        assert len(lists) == 3
        for one in lists:
            *parts, total = [float(p) for p in re.findall(r'points[^>]*">([+-][\d.]+)<', one)]
            assert sum(parts) == pytest.approx(total, abs=1e-9)
        assert "without “" in told
        assert "_" not in re.sub(r"<[^>]*>", "", told)

    def test_what_nobody_can_explain_is_said(
        self, signed_in: Callable[..., TestClient], house: Any
    ) -> None:
        page = signed_in().get(f"/queue/{house.open_case()}?why=1").text
        assert "Nobody can take this apart any more" in page

    def test_it_is_read_once(self, app: Any, judged: int, house: Any) -> None:
        explainer, file = app.state.parts.explainer, house.store.case(judged)
        assert explainer.case(file) is explainer.case(file)
