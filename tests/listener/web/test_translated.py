"""Nothing a page says by itself stays English in another language: a language of brackets shows it."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jinja2 import Environment
from starlette.testclient import TestClient

from listener.store.rows import QueueQuery
from listener.store.users import Role
from listener.web.phrases import Phrase, phrase, phrases, translated
from listener.web.rendering import TEMPLATES, Templates
from listener.web.script_words import SCRIPT_WORDS

STATIC = TEMPLATES.parent / "static"
SIGNED = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[A-Za-z]{2,}")
SHOWN = ("title", "placeholder", "aria-label", "alt", "label")
# Names, addresses and code; what people, posts and the configuration say is in Greek below.
NAMES = {"reddit", "example", "UTC", "ana", "an", "en"}  # a face shows the first two letters
# What the judge of the test house says, and its configuration.
DATA = {
    *("terrible", "hold", "reads as negative: “terrible”", "judge-test-1", "on hold, hours"),
    *("reddit: u/acme", "testclient"),
}
VERBATIM = {"script", "style", "code", "pre", "kbd"}
PAGES = (
    *("/queue", "/queue?view=done", "/queue?view=snoozed", "/queue?q=nothing", "/queue/{case}"),
    *("/queue/{case}?tab=note", "/issues", "/issues/{issue}", "/overview", "/overview?span=1d"),
    *("/posts", "/people", "/people/{person}", "/people/{person}/erase", "/settings/brands"),
    *("/settings/sources", "/settings/macros", "/settings/people", "/settings/keys", "/nowhere"),
    "/settings/audit",
)


class Brackets(gettext.NullTranslations):
    """A language in which everything is said in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, several: str, n: int) -> str:
        return f"⟦{one if n == 1 else several}⟧"


class Reader(HTMLParser):
    """The texts and readable attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "input", "br", "path", "rect", "circle"):
            self._inside.append(tag)
        self.texts += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        while tag in self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not VERBATIM.intersection(self._inside):
            self.texts.append(data)


def english(page: str) -> list[str]:
    """What of a page is not in brackets."""
    reader = Reader()
    reader.feed(page)
    left = []
    for text in reader.texts:
        bare = text
        while SIGNED.search(bare):
            bare = SIGNED.sub(" ", bare)
        if set(WORD.findall(bare)) - NAMES:
            left.append(" ".join(text.split()))
    return left


@pytest.fixture
def desk(house: Any, heard: Any, app: FastAPI) -> dict[str, int]:
    """A desk on which all that is said by others is Greek."""
    house.hear(
        heard("ΑΝΑΜΟΝΗ ΤΡΕΙΣ ΩΡΕΣ", author="ΜΑΡΙΑ", issue=1, parts=(("severity", 56, "ΣΟΒΑΡΟ"),)),
        heard("ΤΙΠΟΤΑ ΑΚΟΜΑ", author="ΕΛΕΝΗ", issue=1, parts=(("waiting", 5, "ΩΡΑ"),)),
        heard("ΕΥΧΑΡΙΣΤΩ", author="ΑΝΝΑ", case=False),
    )
    for issue in house.store.issues():
        house.desk.issues.rename(issue.id, "ana", "ΘΕΜΑ")
    case, other = (one.id for one in house.store.queue(QueueQuery()))
    house.desk.replies.draft(case, "ana", "ΣΥΓΓΝΩΜΗ")
    house.desk.labels.add(case, "ana", ["ΕΠΙΣΤΡΟΦΗ"])
    house.desk.cases.claim(case, "ana")
    house.desk.cases.resolve(other, "ana", "ΤΕΛΟΣ")
    object.__setattr__(app.state.parts, "templates", Templates(Brackets()))
    person = house.store.person_of("reddit", "ΜΑΡΙΑ").id
    return {"case": case, "issue": house.store.issues()[0].id, "person": person}


def test_no_page_keeps_english(desk: dict[str, int], signed_in: Callable[..., TestClient]) -> None:
    root = signed_in("ana", Role.ADMIN)
    found = {}
    for address in PAGES:
        page = root.get(address.format(**desk), headers={"accept": "text/html"})
        left = [one for one in english(page.text) if one not in DATA and "Acme" not in one]
        if left:
            found[address] = left
    assert found == {}, "\n".join(f"{at}: {one}" for at, some in found.items() for one in some)


def test_a_toast_and_a_sign_in_are_translated(
    desk: dict[str, int], signed_in: Callable[..., TestClient], browser: Any
) -> None:
    root = signed_in("ana", Role.ADMIN)
    done = root.post(f"/cases/{desk['case']}/release", data={"view": "review"})
    page = root.get(done.headers["location"]).text
    assert f"⟦Case {desk['case']}: ⟦everybody&#39;s again⟧⟧" in page
    assert english(browser().get("/login").text) == []


class TestPhrases:
    def test_they_are_english_until_they_are_shown(self) -> None:
        late = phrase("%(span)s late", span=phrase("%(n)s h", n=2))
        assert late == "2 h late"
        assert isinstance(late, Phrase)
        assert translated(late, Brackets()) == "⟦⟦2 h⟧ late⟧"
        assert translated("2 h late", Brackets()) == "2 h late"

    def test_of_one_and_of_several(self) -> None:
        said = [phrases("%(num)s post", "%(num)s posts", n) for n in (0, 1, 2_000)]
        assert said == ["0 posts", "1 post", "2,000 posts"]
        assert [translated(one, Brackets()) for one in said] == [
            "⟦0 posts⟧", "⟦1 post⟧", "⟦2,000 posts⟧",
        ]  # fmt: skip

    def test_a_percent_sign_without_values_stays(self) -> None:
        assert phrase("100 % of it") == "100 % of it"
        assert translated(phrase("100 % of it"), Brackets()) == "⟦100 % of it⟧"

    def test_what_is_in_them_is_escaped(self, app: FastAPI) -> None:
        made = Templates(Brackets()).environment.from_string("{{ said }}")
        said = phrase("%(who)s has it", who="<script>")
        assert made.render(said=said) == "⟦&lt;script&gt; has it⟧"


class TestSources:
    """What is written into templates and scripts."""

    @pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
    def test_no_template_says_anything_by_itself(self, path: Path) -> None:
        assert literals(path.read_text("utf-8")) == []

    def test_scripts_say_only_what_can_be_translated(self) -> None:
        said: set[str] = set()
        for path in STATIC.glob("*.js"):
            text = path.read_text("utf-8")
            said.update(re.findall(r'\bsay\("([^"]+)"', text))
            names = re.search(r"names: \{(.*?)\}", text, re.DOTALL)
            said.update(re.findall(r': "([^"]+)"', names[1]) if names else ())
        assert len(said) > 15
        assert said | {"light", "dark", "system"} == set(SCRIPT_WORDS)

    def test_pages_bring_the_words_of_the_scripts(self, desk: dict[str, int], browser: Any) -> None:
        page = browser().get("/login").text
        found = re.search(r'<meta name="words" content="([^"]*)">', page)
        assert found is not None
        assert json.loads(unescape(found[1]))["Claim"] == "⟦Claim⟧"


def literals(template: str) -> list[str]:
    """Words of a template that stand outside of `_()`."""
    lexer = Environment(extensions=["jinja2.ext.i18n"]).lexer
    text = "".join(
        value if kind == "data" else "\x00" if kind.endswith("_begin") else ""
        for _, kind, value in lexer.tokeniter(template, None)
    )
    shown = re.findall(rf'\b(?:{"|".join(SHOWN)})="([^"\x00]*)"', text)
    bare = re.sub(r"<(script|style|code|pre|kbd)\b.*?</\1>", " ", text, flags=re.DOTALL)
    shown += re.split(r"\x00|<[^>]*>", bare)
    return [one.strip() for one in shown if WORD.search(one)]


def test_the_scan_finds_what_it_looks_for() -> None:
    assert literals('<p title="Hello there">{{ _("fine") }} <b>but</b> this</p>') == [
        "Hello there", "but", "this",
    ]  # fmt: skip
    assert english('<p title="Ha">⟦ok ⟦x⟧⟧ <i>or</i></p>') == ["Ha", "or"]
