"""A desk that is served, people with a real browser at it (skipped, with the reason, without one), and
a look at everything a store knows."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from store_rows import Dump, sqlite_rows

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-component-update", "--disable-background-networking", "--disable-sync"),
    *("--disable-dev-shm-usage", "--disable-lcd-text"),
)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
PATIENCE = 60_000  # milliseconds; a slow machine is no failure

BIDI = "\u202egnp.exe\u202c \u05e9\u05dc\u05d5\u05dd \u0644\u0645 \u064a\u0635\u0644"
HOSTILE = {
    "script": "<script>alert(1)</script><svg onload=alert(2)> my card was declined, nobody helps",
    "onerror": '"><img src=https://evil.example/x.png onerror=alert(3)> refund me, on hold for hours',
    "template": "{{ 7*7 }} ${7*7} <style>*{display:none}</style> <iframe src=//evil.example> no refund",
    "bidi": f"{BIDI} my money never arrived",
    "arabic": "لم يصل تحويلي منذ أسبوع ولا أحد يرد",
    "long": "nobody answers my refund request " * 1_213,
    "emoji": "\U0001f621" * 500 + " refund refused again",
    "forged": "no refund\n\nevent: signed-out\ndata: {}\n\nid: 999999\nevent: reload\ndata: {}\n\n",
    "hx": '<b hx-get="/logout" hx-trigger="load" hx-nonce="x">refund</b> still waiting on hold',
}
TROUBLES = (
    "my card payment was declined abroad and nobody answers the phone",
    "on hold for {n} minutes with support, this is a disgrace",
    "how do I change the address on my account?",
    "transfer of {n} pounds never arrived, third time this month",
    "charged twice for the same thing, I want my refund",
    "the app crashes when I open statements since the update",
    "it would be great if statements could be sorted by month",
    "thank you, the staff in your branch were wonderful",
)


@dataclass
class House:
    """A served desk: its address, its store, its people. `at` is its time, which stands still."""

    url: str
    config: Any
    parts: Any
    at: datetime = NOON

    def posts(self, *texts: str, author: str = "late") -> None:
        """Hear more posts while pages are open."""
        folder = Path(self.config.store.removeprefix("sqlite:///")).parent
        rows = [_row(f"{author}{number}", text, author, 0) for number, text in enumerate(texts)]
        _take_in(folder / "config.yaml", folder / f"{author}.jsonl", rows)

    def sign_out(self, name: str) -> None:
        """End all sessions of somebody."""
        with self.parts.accounts.lend() as accounts:
            accounts.sessions.end_all(name, NOON)


@dataclass
class Watch:
    """What a browser must never do: tell of a violation, open a dialog, ask another host."""

    violations: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def on(self, page: Any, url: str) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda one: None if one.url.startswith(url) else self._went(one.url))

    def _said(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "hx-csp" in message.text:
            self.violations.append(message.text)

    def _went(self, url: str) -> None:
        if not url.startswith(("data:", "blob:", "about:", "chrome")):
            self.foreign.append(url)

    def found(self) -> list[str]:
        return [*self.violations, *self.dialogs, *self.foreign, *self.errors]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A desk with some forty posts, nine of them hostile, and three people."""
    folder = tmp_path_factory.mktemp("desk")
    path = folder / "config.yaml"
    path.write_text(
        f"store: sqlite:///{folder}/listener.db\nbrands: [{{name: Northgate}}]\n"
        "replies: {macros: [{name: sorry, text: 'Hi {author}, we are sorry.'}]}\n",
        encoding="utf-8",
    )
    _take_in(path, folder / "posts.jsonl", list(_rows()))
    with _serving(path) as house:
        yield house


@pytest.fixture
def showroom(request: pytest.FixtureRequest, chromium: Any, tmp_path: Path) -> Iterator[House]:
    """The sample brand after a morning of work, to be looked at; only with `--screenshots`."""
    if not request.config.getoption("--screenshots"):
        pytest.skip("draws docs/screenshots only with --screenshots")
    from listener.app import open_app
    from listener.stages.cycle import Listening
    from listener.store.rows import QueueQuery

    path = tmp_path / "config.yaml"
    path.write_text(
        f"store: sqlite:///{tmp_path}/listener.db\n"
        "brands: [{name: Northgate Bank, handles: {x: NorthgateBank}, languages: [en]}]\n"
        "sources: [{name: sample, type: sample}]\n"
        "replies: {macros: [{name: sorry, text: 'Hi {author}, we are sorry.'}]}\n",
        encoding="utf-8",
    )
    with open_app(path, now=lambda: NOON) as app:
        with Listening(app.store, app.config, app.plugins, app.now) as listening:
            listening.cycle()
        cases = [row.id for row in app.store.queue(QueueQuery(limit=60))]
        for case in cases[40:48]:
            app.desk.cases.resolve(case, "ben", "called back")
        app.desk.cases.assign(cases[2], "ana", "ben")
        app.desk.cases.assign(cases[5], "ben", "root")
        app.desk.cases.snooze(cases[50], "ana", NOON + timedelta(hours=4))
        app.desk.cases.claim(cases[1], "root")
        app.desk.replies.note(
            cases[1], "ben", "Same customer as last week, see the branch in Leeds."
        )
        app.desk.replies.draft(
            cases[1],
            "root",
            "Hi Sam, this is not how it should go. We have found your mails and a "
            "person is calling you today. Sorry for the wait.",
        )
    with _serving(path) as house:
        yield house


@contextmanager
def _serving(path: Path) -> Iterator[House]:
    from listener.config import load
    from listener.plugins import load_plugins
    from listener.store.accounts import Role
    from listener.web.app import create_app

    config = load(path, load_plugins().source_settings())
    app = create_app(config, lambda: NOON)
    parts = _quick(app)
    with parts.accounts.lend() as accounts:
        for name, role in (("ana", Role.LEAD), ("ben", Role.AGENT), ("root", Role.ADMIN)):
            accounts.add_user(name, role, PASSWORD, NOON)
    with _running(app) as url:
        yield House(url, config, parts)


@pytest.fixture
def arrive(chromium: Any) -> Iterator[Callable[..., tuple[Any, Watch]]]:
    """Somebody opens a browser and signs in; returns the page, and what is watched of it."""
    contexts: list[Any] = []

    def enter(house: House, name: str, width: int = 1440, **context: Any) -> tuple[Any, Watch]:
        opened = chromium.new_context(viewport={"width": width, "height": 900}, **context)
        contexts.append(opened)
        opened.set_default_timeout(PATIENCE)
        page, watch = opened.new_page(), Watch()
        watch.on(page, house.url)
        page.goto(f"{house.url}/login")
        page.fill("[name=name]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_url("**/queue**")
        return page, watch

    yield enter
    for context in contexts:
        context.close()


class _running:
    """Serve an application on a free port for the length of a block."""

    def __init__(self, app: Any) -> None:
        import uvicorn

        self._socket = socket.create_server(("127.0.0.1", 0))
        settings = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
        self._server = uvicorn.Server(settings)
        self._app = app
        self._thread = threading.Thread(
            target=lambda: self._server.run(sockets=[self._socket]), daemon=True
        )

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._app.state.parts.live.close()
        self._server.should_exit = True
        self._thread.join(30)
        self._app.state.parts.close()
        self._socket.close()


def _quick(app: Any) -> Any:
    """The application's parts, with a password hash that costs nothing."""
    from argon2 import PasswordHasher

    from listener.store.accounts import open_accounts
    from listener.web.pool import Pool

    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    parts = app.state.parts
    object.__setattr__(parts.accounts, "_open", lambda: open_accounts(parts.config.store, cheap))
    assert isinstance(parts.accounts, Pool)
    return parts


def _row(id: str, text: str, author: str, hours: float) -> dict[str, object]:
    return {
        "id": id,
        "text": text,
        "author": author,
        "created_at": (NOON - timedelta(hours=hours)).isoformat(),
        "url": f"https://forum.example/{id}",
    }


def _rows() -> Iterator[dict[str, object]]:
    for number in range(32):
        text = TROUBLES[number % len(TROUBLES)].format(n=20 + number)
        yield _row(f"p{number}", f"@northgate {text}", f"person{number}", 1 + number / 3)
    for name, text in HOSTILE.items():
        row = _row(f"h-{name}", text, f"<b>{name}</b>", 2)
        yield {**row, "url": "javascript:alert(4)"} if name == "script" else row


def _take_in(config: Path, file: Path, rows: list[dict[str, object]]) -> None:
    from listener.app import open_app
    from listener.stages.cycle import Listening
    from sources.files.source import FilesSource

    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with open_app(config, now=lambda: NOON) as app:
        source = FilesSource(f"import:{file}", [file], "", app.now)
        with Listening(app.store, app.config, app.plugins, app.now) as listening:
            listening.take_in([source], "Northgate")


@pytest.fixture(scope="session")
def dump() -> Callable[[Path], Dump]:
    """Everything a store knows, without the moments at which it was written."""
    return sqlite_rows
