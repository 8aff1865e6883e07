"""A working day of two people in a real browser, and the posts that are out to harm them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Page, expect

Arrive = Callable[..., tuple[Page, Any]]


def rows(page: Page) -> Any:
    return page.locator("#rows > [data-id]")


def number(page: Page) -> str:
    """The case that is open."""
    found = re.search(r"/queue/(\d+)", page.url)
    assert found is not None, page.url
    return found[1]


def told(page: Page, words: str) -> None:
    expect(page.locator("[data-toast]")).to_contain_text(words)


def step(page: Page, key: str = "j") -> str:
    """Go to another case with a key, and wait until it is there."""
    before = page.url
    page.keyboard.press(key)
    expect(page).not_to_have_url(before)
    expect(page.locator("#rows > [aria-current]")).to_have_attribute("data-id", number(page))
    return number(page)


def test_a_working_day(arrive: Arrive, served: Any) -> None:
    expect.set_options(timeout=60_000)
    ana, seen = arrive(served, "ana")
    ben, seen_too = arrive(served, "ben")

    # read: the first case opens with a key, its reasons add up
    first = step(ana)
    expect(ana.locator(".case .words").first).not_to_be_empty()
    points = [int(one) for one in ana.locator(".parts .points").all_inner_texts()]
    assert sum(points[:-1]) == points[-1]

    # claim: told at once, and seen by the colleague without asking
    ana.keyboard.press("c")
    told(ana, f"Case {first}: claimed")
    on_row = ben.locator(f'#rows > [data-id="{first}"]')
    expect(on_row).to_have_count(0)  # it waits for nobody any more

    # lost claim: the second one is told who has it
    ben.goto(f"{served.url}/queue/{first}")
    expect(ben.locator(".moves")).to_contain_text("ana has it")
    ben.locator("[data-key=claim]").click()
    expect(ben.locator("[role=alert]")).to_contain_text("ana has case")
    expect(ana.locator(".there[data-full]")).to_contain_text("ben is looking at this")

    # answer: what is being typed survives the news of a colleague's note
    ana.keyboard.press("r")
    box = ana.locator(".composer textarea")
    expect(box).to_be_focused()
    box.press_sequentially("We are on it, sorry.")
    ben.keyboard.press("n")
    expect(ben.locator(".composer button[data-submit]")).to_have_text("Keep the note")
    ben.locator(".composer textarea").fill("She called twice.")
    ben.keyboard.press("Control+Enter")
    told(ben, "note kept")
    expect(ana.locator(".note")).to_contain_text("She called twice.")
    expect(box).to_have_value("We are on it, sorry.")

    # and goes out: drafted, approved, posted
    ana.keyboard.press("Control+Enter")
    told(ana, "draft kept")
    expect(box).to_have_value("")
    ana.keyboard.press("Escape")
    ana.keyboard.press("p")
    told(ana, "reply approved")
    ana.get_by_role("button", name="I have posted it").click()
    told(ana, "recorded as posted")
    expect(ana.locator(".post.ours")).to_contain_text("We are on it, sorry.")

    # snooze: the next case opens by itself; undo brings it back
    ana.goto(f"{served.url}/queue")
    second = step(ana)
    ana.keyboard.press("s")
    ana.get_by_role("button", name="4 hours").click()
    told(ana, f"Case {second}: snoozed")
    expect(ana).not_to_have_url(re.compile(f"/queue/{second}"))
    third = number(ana)
    ana.keyboard.press("u")
    told(ana, "taken back")

    # resolve with a reason, from the keyboard alone
    ana.goto(f"{served.url}/queue/{third}")
    ana.keyboard.press("e")
    expect(ana.locator("[name=outcome]")).to_be_focused()
    ana.keyboard.type("called them")
    ana.keyboard.press("Enter")
    told(ana, f"Case {third}: resolved")
    assert number(ana) != third

    # bulk: three at once, and back at once
    ana.goto(f"{served.url}/queue?view=review")
    before = rows(ana).count()
    for place in range(3):
        rows(ana).nth(place).hover()
        rows(ana).nth(place).locator(".pick").click()
    ana.locator(".bulk button[value=snooze]").click()
    told(ana, "3 cases snoozed")
    expect(rows(ana)).to_have_count(before - 3)
    ana.locator("[data-toast] button", has_text="Undo").click()
    told(ana, "3 cases taken back")
    expect(rows(ana)).to_have_count(before)

    # search, from the key to the row
    ana.keyboard.press("/")
    ana.keyboard.type("lane:question address")
    ana.keyboard.press("Enter")
    expect(ana.locator("#rows .row .rank").first).to_be_visible()
    expect(ana).to_have_url(re.compile("q=lane"))
    assert all("address" in one for one in ana.locator("#rows .open").all_inner_texts())

    # palette
    ana.keyboard.press("Control+k")
    ana.keyboard.type("go to esc")
    ana.keyboard.press("Enter")
    expect(ana).to_have_url(re.compile("view=escalating"))

    # keys can be changed and switched off, and never fire in a field
    ana.goto(f"{served.url}/queue")
    ana.keyboard.press("?")
    expect(ana.locator("#help")).to_be_visible()
    ana.locator("#key-next").fill("z")
    ana.keyboard.press("Escape")
    ana.keyboard.press("j")
    expect(ana).to_have_url(re.compile(r"/queue$"))
    step(ana, "z")
    ana.keyboard.press("?")
    ana.locator("[data-keys-on]").click()
    ana.keyboard.press("Escape")
    here = ana.url
    ana.keyboard.press("z")
    expect(ana).to_have_url(here)

    # news: a post that is heard now appears without a click
    ana.goto(f"{served.url}/queue")
    served.posts("@northgate on hold for 99 minutes, I call my lawyer and the ombudsman, join me")
    expect(ana.locator("#rows")).to_contain_text("99 minutes")

    # the session is ended elsewhere: the page says so by itself
    served.sign_out("ana")
    expect(ana).to_have_url(re.compile("/login"))
    assert seen.found() + seen_too.found() == []


def test_merge_split_and_undo_of_an_issue(arrive: Arrive, served: Any) -> None:
    expect.set_options(timeout=60_000)
    root, seen = arrive(served, "root")
    root.goto(f"{served.url}/issues")
    lines = root.locator("tbody tr")
    before = lines.count()
    assert before > 1
    ids = [lines.nth(place).get_attribute("data-id") for place in (0, 1)]
    root.goto(f"{served.url}/issues/{ids[1]}")
    root.get_by_text("Merge", exact=True).click()
    root.get_by_label("Number of the issue it is a part of").fill(str(ids[0]))
    root.get_by_role("button", name="Merge into it").click()
    expect(root).to_have_url(re.compile(f"/issues/{ids[0]}$"))
    told(root, "merge")
    root.locator("[data-toast] button", has_text="Undo").click()
    told(root, "taken back")
    root.goto(f"{served.url}/issues")
    expect(lines).to_have_count(before)
    assert seen.found() == []


def test_hostile_posts_are_only_words(arrive: Arrive, served: Any) -> None:
    expect.set_options(timeout=60_000)
    ana, seen = arrive(served, "ana")
    ana.goto(f"{served.url}/posts?q=refund")
    expect(ana.locator(".posts")).to_contain_text("<img src=https://evil.example/x.png onerror=")
    found: dict[str, str] = {}
    for view in ("review", "muted", "praise"):
        ana.goto(f"{served.url}/queue?view={view}")
        for link in ana.locator("#rows > [data-id]").all():
            name = link.locator("bdi").first.inner_text()
            if name.startswith("<b>"):
                found[name] = f"{served.url}/queue/{link.get_attribute('data-id')}"
    assert len(found) >= 5, found
    for name, address in found.items():
        ana.goto(address)
        expect(ana.locator(".case h1")).to_have_text(name)
        assert (
            ana.locator(
                ".case script, .case img, .case iframe, .case style, .case [hx-get]"
            ).count()
            == 0
        )
        assert ana.locator('a[href^="javascript"]').count() == 0
        assert ana.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = ana.locator(".case .post .words").first
        if name == "<b>arabic</b>":
            assert box.evaluate("node => getComputedStyle(node).direction") == "rtl"
        if name == "<b>long</b>":
            assert len(box.inner_text()) <= 3_000
            ana.get_by_text("All 40,0").click()
    # a forged event in a note ends no stream: the page still hears what is real
    case = next(iter(found.values()))
    ana.goto(case)
    ben, _ = arrive(served, "ben")
    ben.goto(f"{case}?tab=note")
    ben.locator(".composer textarea").fill(
        "\n\nevent: signed-out\ndata: {}\n\n<script>alert(5)</script>"
    )
    ben.locator("[data-submit]").click()
    expect(ana.locator(".note")).to_contain_text("event: signed-out")
    assert "/queue/" in ana.url
    assert seen.found() == []


def test_without_scripts_a_case_is_claimed_and_answered(chromium: Any, served: Any) -> None:
    expect.set_options(timeout=60_000)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.url}/login?next=/queue")
    page.fill("[name=name]", "root")
    page.fill("[name=password]", "correct horse battery")
    page.click("button.primary")
    page.locator("#rows a.open").last.click()
    page.get_by_role("button", name="Claim").click()
    expect(page.locator("[data-toast]")).to_contain_text("claimed")
    page.locator(".composer textarea").fill("Sorry, we look into it.")
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.locator(".draft")).to_contain_text("Sorry, we look into it.")
    page.locator("[data-toast] button", has_text="Undo").click()
    expect(page.locator(".draft")).to_have_count(0)
    context.close()
