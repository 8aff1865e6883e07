"""Every page can be used by everybody: WCAG 2.2 AA by axe-core, light and dark, wide and narrow.

With `--screenshots` the same run draws the pages of docs/screenshots.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[1] / "listener" / "web" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    if (found.passes.length < 10) return ["axe-core has not looked"];
    return found.violations.map((one) =>
        `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}"""
PAGES = {
    "queue": "/queue",
    "case": "/queue/{case}",
    "note": "/queue/{case}?tab=note",
    "muted": "/queue?view=praise",
    "nothing": "/queue?q=nothing-of-that-kind",
    "issues": "/issues",
    "issue": "/issues/{issue}",
    "why": "/queue/{case}?why=1",
    "belonging": "/issues/{issue}?why={mention}",
    "suggestions": "/suggestions",
    "learning": "/learning",
    "overview": "/overview",
    "posts": "/posts",
    "people": "/people",
    "person": "/people/1",
    "erase": "/people/1/erase",
    "label": "/queue?q=label:vip",
    "brands": "/settings/brands",
    "preview": "/settings/brands?brand={brand}&query=card",
    "promises": "/settings/promises",
    "sources": "/settings/sources",
    "macros": "/settings/macros",
    "colleagues": "/settings/people",
    "keys": "/settings/keys",
    "audit": "/settings/audit",
}
SHOWN = [name for name in PAGES if name not in ("posts", "label", "brands")]  # like others


@pytest.fixture
def addresses(served: Any) -> dict[str, str]:
    return _addresses(served)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 600)])
def test_no_page_breaks_a_rule(
    arrive: Callable[..., Any], served: Any, addresses: dict[str, str], scheme: str, width: int
) -> None:
    # The checker is put into the page from outside, which the page's policy forbids to everybody.
    page, _ = arrive(served, "root", width, bypass_csp=True, color_scheme=scheme)
    found = {}
    for name, address in addresses.items():
        page.goto(address)
        found[name] = _broken(page)
    page.goto(addresses["case"])
    page.keyboard.press("?")
    found["help"] = _broken(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    found["palette"] = _broken(page)
    page.context.clear_cookies()
    page.goto(addresses["queue"])
    found["login"] = _broken(page)
    assert {name: broken for name, broken in found.items() if broken} == {}


def test_no_page_is_wider_than_its_window(
    arrive: Callable[..., Any], served: Any, addresses: dict[str, str]
) -> None:
    page, _ = arrive(served, "root")
    wide = []
    for name, address in addresses.items():
        page.goto(address)
        for width in (320, 600, 900):
            page.set_viewport_size({"width": width, "height": 900})
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                wide.append((name, width))
    assert wide == []


def test_the_pages_are_drawn(
    request: pytest.FixtureRequest, arrive: Callable[..., Any], showroom: Any
) -> None:
    folder = request.config.rootpath / "docs" / "screenshots"
    folder.mkdir(exist_ok=True)
    addresses = _addresses(showroom, place=1)
    for scheme in ("light", "dark"):
        page, _ = arrive(showroom, "root", color_scheme=scheme)
        for width in (1440, 600):
            page.set_viewport_size({"width": width, "height": 900})
            for name in SHOWN:
                page.goto(addresses[name])
                drawn = str(folder / f"{name}-{width}-{scheme}.png")
                page.screenshot(path=drawn)


def _broken(page: Any) -> list[str]:
    page.add_script_tag(path=str(AXE))
    found: list[str] = page.evaluate(RUN, RULES)
    return found


def _addresses(house: Any, place: int = 0) -> dict[str, str]:
    """The address of every page; the case is that on this place of the queue, or somebody's."""
    from listener.store.grouping import SuggestionRow
    from listener.store.rows import QueueQuery, Span

    with house.parts.stores.lend() as store:
        mine = store.queue(QueueQuery(view="mine", owner="root"))
        case = (mine if place and mine else store.queue(QueueQuery()))[0].id
        first, second = store.issues()[:2]
        posts = [row.id for row in store.mentions(Span(), first.id) if not row.duplicate_of]
        why = "3 posts are tied to each other and to nothing else here"
        store.suggest(
            [
                SuggestionRow(0, first.brand, *about, why, "open", house.at, "", None)
                for about in (
                    ("merge", second.id, first.id, ()),
                    ("split", first.id, 0, tuple(posts[:3])),
                )
            ]
        )
    known = {"case": case, "issue": first.id, "mention": posts[-1], "brand": first.brand}
    return {name: house.url + path.format(**known) for name, path in PAGES.items()}
