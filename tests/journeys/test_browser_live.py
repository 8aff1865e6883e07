"""A page in a real browser hears of changes from its first moment, whatever comes late or fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Page, Route, expect

Arrive = Callable[..., tuple[Page, Any]]
HTMX_BEGAN = """() => new Promise((done) => {
    // htmx begins in a timer of its own: one that is set later ends later.
    const look = () => setTimeout(window.htmx ? () => setTimeout(done) : look);
    look();
})"""


@pytest.mark.parametrize("late", ["hx-csp.min.js", "hx-sse.min.js", "live.js"])
def test_a_script_that_comes_late_costs_no_news(arrive: Arrive, served: Any, late: str) -> None:
    ana, seen = arrive(served, "ana")
    page = ana.context.new_page()
    seen.on(page, served.url)
    held: list[Route] = []
    asked: list[str] = []
    page.route(f"**/{late}", lambda route: held.append(route))
    page.on("request", lambda one: asked.append(one.url) if "/live?" in one.url else None)
    page.goto(f"{served.url}/queue", wait_until="commit")
    page.evaluate(HTMX_BEGAN)
    assert (len(held), asked) == (1, [])
    with page.expect_request("**/live?*"):
        held[0].continue_()
    case = page.locator("#rows > [data-id]").first.get_attribute("data-id")
    ana.goto(f"{served.url}/queue/{case}")
    ana.locator("[data-key=claim]").click()
    expect(ana.locator("[data-toast]")).to_contain_text("claimed")
    expect(page.locator(f'#rows > [data-id="{case}"]')).to_have_count(0)
    ana.locator("[data-toast] button", has_text="Undo").click()
    expect(page.locator(f'#rows > [data-id="{case}"]')).to_have_count(1)
    assert seen.found() == []


def test_without_a_place_a_page_looks_by_itself_and_asks_again(arrive: Arrive, served: Any) -> None:
    ana, seen = arrive(served, "ana")
    page = ana.context.new_page()
    seen.on(page, served.url)
    page.clock.install()
    refused = {"status": 429, "headers": {"retry-after": "30"}, "body": "no place"}
    page.route("**/live?*", lambda route: route.fulfill(**refused))
    with page.expect_response("**/live?*"):
        page.goto(f"{served.url}/queue")
    case = page.locator("#rows > [data-id]").first.get_attribute("data-id")
    ana.goto(f"{served.url}/queue/{case}")
    ana.locator("[data-key=claim]").click()
    expect(ana.locator("[data-toast]")).to_contain_text("claimed")
    with page.expect_response("**/live?*"):
        page.clock.run_for(61_000)
    page.clock.run_for(2_000)
    expect(page.locator(f'#rows > [data-id="{case}"]')).to_have_count(0)
    # there is a place again: the next time it asks, it gets one
    page.unroute("**/live?*")
    with page.expect_response(re.compile(r"/live\?")) as told:
        page.clock.run_for(60_000)
    assert told.value.status == 200
    assert seen.found() == []


TELL = """(data) => document.getElementById("live").dispatchEvent(
    new CustomEvent("move", {detail: {data: JSON.stringify(data)}}))"""


def test_news_that_never_pause_are_shown_all_the_same(arrive: Arrive, served: Any) -> None:
    ana, looks = _watched(arrive, served)
    shown = {"case": int(ana.locator("#rows > [data-id]").first.get_attribute("data-id") or 0)}
    with ana.expect_request(f"{served.url}/queue"):
        for _ in range(30):  # one every 100 ms, for three seconds
            ana.evaluate(TELL, shown)
            ana.clock.run_for(100)
    assert looks


def test_what_is_not_shown_here_can_wait_some_seconds(arrive: Arrive, served: Any) -> None:
    ana, looks = _watched(arrive, served)
    elsewhere = {"case": 999_999, "entity": "case", "entity_id": 999_999}
    ana.evaluate(TELL, elsewhere)
    ana.clock.run_for(1_500)
    assert ana.evaluate("1") == 1  # whatever was asked for is known by now
    assert looks == []
    with ana.expect_request(f"{served.url}/queue"):
        ana.clock.run_for(3_600)


def _watched(arrive: Arrive, served: Any) -> tuple[Page, list[str]]:
    """A page whose clock goes when told, and how often it has looked at the queue anew."""
    ana, _ = arrive(served, "ana")
    looks: list[str] = []
    ana.clock.install()
    ana.goto(f"{served.url}/queue")
    ana.clock.pause_at(ana.evaluate("Date.now()") / 1_000 + 1)
    ana.on("request", lambda one: looks.append(one.url) if one.url.endswith("/queue") else None)
    return ana, looks
