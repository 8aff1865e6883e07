"""What stands around every page: scripts that can rely on each other, and what the page knew when it was made."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.web.rendering import Templates, phrases
from listener.web.views.queue import queue_list

MORPHED = {"hx-request": "true", "hx-request-type": "full"}


class Spoken(gettext.NullTranslations):
    """Another language of two phrases."""

    def gettext(self, message: str) -> str:
        said = {"%(n)s posts": "%(n)s <Posts>", "100%%": "hundert %%"}
        return said.get(message, message)


def test_scripts_run_in_order_before_htmx_begins(signed_in: Callable[..., TestClient]) -> None:
    page = signed_in().get("/queue").text
    line = page.index('id="live"')
    scripts = re.findall(r"<script[^>]*>", page[line:])
    # htmx begins when the page has been read; it does not wait for what is deferred.
    assert [one for one in scripts if re.search(r"\b(defer|async|type=)", one)] == []
    names = [re.search(r"/([\w.-]+)\"", one)[1] for one in scripts]  # type: ignore[index]
    assert names[:3] == ["htmx.min.js", "hx-csp.min.js", "hx-sse.min.js"]
    assert names[-1] == "live.js"
    assert re.findall(r"<script[^>]*>", page[:line]) == re.findall(r"<script[^>]*theme[^>]*>", page)


def test_what_is_morphed_in_brings_no_scripts(signed_in: Callable[..., TestClient]) -> None:
    page = signed_in().get("/queue", headers=MORPHED).text
    assert 'id="frame"' in page
    assert re.search(r"<script(?![^>]*theme)|id=\"live\"", page) is None


def test_a_move_that_is_made_while_a_page_is_read_is_told_to_it(
    signed_in: Callable[..., TestClient], house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, case = signed_in(), house.open_case()
    known = house.store.latest_move()

    def list_and_move(*given: Any) -> Any:
        found = queue_list(*given)
        house.desk.cases.claim(case, "ben")
        house.open_case()
        return found

    monkeypatch.setattr("listener.web.pages.queue.queue_list", list_and_move)
    page = ana.get("/queue").text
    told = re.search(r"/live\?after=(\d+)&amp;cases=(\d+)", page)
    assert told is not None
    assert int(told[1]) == known < house.store.latest_move()
    assert int(told[2]) == case < house.store.newest_case()


def test_phrases_are_translated_filled_in_and_escaped() -> None:
    say = phrases(Spoken())
    assert say("%(n)s posts", n="<b>3</b>") == "&lt;b&gt;3&lt;/b&gt; &lt;Posts&gt;"
    assert say("100%%") == "hundert %"
    assert say("<i>%(n)s</i>", n=1) == "&lt;i&gt;1&lt;/i&gt;"
    assert say("plain") == "plain"


def test_all_templates_can_be_read_beforehand() -> None:
    Templates().warm()
