"""From a click on "wrong?" to a verdict that was learnt, in a real browser and on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from click.testing import CliRunner
from playwright.sync_api import Page, expect

from listener.cli import cli
from listener.store.rows import QueueQuery

Arrive = Callable[..., tuple[Page, Any]]


def status(house: Any) -> dict[str, Any]:
    """What `listener learn status` shows."""
    store = house.config.store.removeprefix("sqlite:///")
    config = store.replace("listener.db", "config.yaml")
    typed = CliRunner().invoke(cli, ["--config", config, "learn", "status", "--json"])
    assert typed.exit_code == 0, typed.output
    found: dict[str, Any] = json.loads(typed.stdout)[0]
    return found


def test_what_is_called_wrong_is_learnt_from(arrive: Arrive, served: Any) -> None:
    expect.set_options(timeout=60_000)
    ana, seen = arrive(served, "ana")
    before = status(served)["fields"].get("lane", 0)
    with served.parts.stores.lend() as store:
        case = store.queue(QueueQuery(lane="complaint"))[0]

    # wrong?: the part of a reason is corrected where it stands
    ana.goto(f"{served.url}/queue/{case.id}")
    part = ana.locator(".parts li", has=ana.locator("select[name=lane]")).first
    part.locator("summary").click()
    part.locator("select[name=lane]").select_option("question")
    part.get_by_role("button", name="Correct it").click()
    expect(ana.locator("[data-toast]")).to_contain_text("corrected")
    found = status(served)
    assert (found["fields"]["lane"], found["in_use"]) == (before + 1, None)

    # what it teaches is looked at first
    ana.get_by_role("link", name="Learning").click()
    expect(ana.get_by_role("heading", name="Learning", exact=True)).to_be_visible()
    expect(ana.locator("#latest ~ ul")).to_contain_text("complaint → question")
    ana.get_by_role("button", name="Preview", exact=True).click()
    expect(ana.get_by_text(re.compile(r"It would change \d+ of \d+ stored posts"))).to_be_visible()

    # used, known to the command line, and taken back
    ana.get_by_role("button", name="Use it from now on").click()
    expect(ana.get_by_role("button", name="Take it back")).to_be_visible()
    assert status(served)["in_use"]["actor"] == "ana"
    ana.get_by_role("button", name="Take it back").click()
    expect(ana.locator("[data-toast]")).to_contain_text("taken back")
    assert status(served)["in_use"] is None
    assert seen.found() == []
