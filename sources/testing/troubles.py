"""What a platform's server may do to a source: every kind of trouble, at every request of a run.

    def test_troubles():
        with MyFake() as web:
            check_troubles(lambda: MySource(web.url("/")), web, now)

A source must say what happened, in the error that decides who acts, and go on from its cursor
without losing a post once the server is well again. Nothing may look like "no news".
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.protocols import Batch, Health, Source
from sources.testing.contract import Run, collect
from sources.testing.web import Answer, Asked, FakeWeb, redirect

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = timedelta(minutes=2)
MOST_PLACES = 3  # requests of a run that are spoilt, one at a time
LOOP = "/round/and/round"
PRIVATE = "http://169.254.169.254/latest/meta-data/"  # link-local: closed whatever is allowed
_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is answered instead, and the errors that say so."""

    answer: Callable[[Asked], Answer]
    errors: tuple[type[SourceError], ...]


def troubles(now: datetime) -> Mapping[str, Trouble]:
    """Every kind of trouble by its name; patience is asked for until two minutes after `now`."""
    until = (now + PATIENCE).astimezone(UTC)
    seconds = str(int(PATIENCE.total_seconds()))
    epoch = str(int(until.timestamp()))
    html = {"Content-Type": "text/html"}
    bomb = _bomb()
    return {
        "429 with seconds": _refusal(429, RateLimited, {"Retry-After": seconds}),
        "429 with a date": _refusal(
            429, RateLimited, {"Retry-After": format_datetime(until, usegmt=True)}
        ),
        "429 with an epoch": _refusal(
            429, RateLimited, {"x-rate-limit-reset": epoch, "x-ratelimit-reset": epoch}
        ),
        "401": _refusal(401, CredentialsRejected),
        "410": _refusal(410, Gone),
        "500": _refusal(500, Transient),
        "503": _refusal(503, Transient),
        "a web page": Trouble(lambda _: Answer(_PAGE, headers=html), (Unreadable,)),
        "an empty 200": Trouble(lambda _: Answer(), (Unreadable, Transient)),
        "a gzip bomb": Trouble(lambda _: bomb, (Blocked,)),
        "a redirect loop": Trouble(lambda _: redirect(LOOP), (Unreadable,)),
        # Client libraries are not allowed any redirect at all.
        "a redirect inside": Trouble(lambda _: redirect(PRIVATE), (Blocked, Unreadable)),
        "a broken connection": Trouble(lambda _: Answer(b"{", length=5_000), (Transient,)),
    }


def slow_troubles() -> Mapping[str, Trouble]:
    """Servers that never come to an end; how long they are borne is the source's to limit."""
    return {
        "a drip": Trouble(lambda _: Answer(parts=_drip()), (Transient,)),
        "a hung socket": Trouble(lambda _: _hung(), (Transient,)),
    }


def check_troubles(
    make: Callable[[], Source],
    web: FakeWeb,
    now: datetime,
    *,
    hurried: Callable[[], AbstractContextManager[object]] | None = None,
    may_be_whole: Callable[[Asked], bool] = lambda _: False,
) -> None:
    """Spoil single requests of a run with every trouble, then let the server be well again.

    `make` gives fresh sources with the clock at `now`, with something to find on `web`. `hurried`
    adds a drip and a hung socket, each while it is open: it gives sources short limits, half a second
    or so. `may_be_whole` names
    requests that a source can do without, such as looking up an author's name.
    """
    before = len(web.asked)
    whole = collect(make())
    requests = web.asked[before:]
    assert whole.mentions, "the world holds something to lose"
    assert requests, "the source asks this server"
    places = sorted({*range(min(len(requests), MOST_PLACES - 1)), len(requests) - 1})
    for name, trouble in troubles(now).items():
        for place in places:
            kind = f"{name} at request {place + 1} of {len(requests)}"
            optional = may_be_whole(requests[place])
            _check(make, web, kind, trouble, place, whole, now, optional=optional)
        _check_idle(make, web, name, trouble, whole, now)
    for place in places:
        _check_cut(make, web, place, whole)
        _check_check(make, web, name, trouble)
    for name, trouble in slow_troubles().items() if hurried is not None else ():
        _check(make, web, name, trouble, 0, whole, now, within=hurried or nullcontext)


@dataclass(slots=True)
class Spoilt:
    """Spoils the request at `place` (from then on all of them, with `on`), in a `with`."""

    web: FakeWeb
    trouble: Trouble
    place: int
    on: bool = False
    count: int = 0

    def __enter__(self) -> None:
        self.web.spoil = self._spoil

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.web.spoil = None

    def _spoil(self, asked: Asked) -> Answer | None:
        if asked.path == LOOP:
            return self.trouble.answer(asked)
        self.count += 1
        hit = self.count > self.place if self.on else self.count == self.place + 1
        return self.trouble.answer(asked) if hit else None


def _check(
    make: Callable[[], Source],
    web: FakeWeb,
    name: str,
    trouble: Trouble,
    place: int,
    whole: Run,
    now: datetime,
    *,
    optional: bool = False,
    within: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> None:
    """One request spoilt: it is said, and nothing is lost afterwards."""
    with within(), Spoilt(web, trouble, place):
        first, error = attempted(make())
    said = any(batch.health is Health.DEGRADED and batch.note for batch in first.batches)
    renewed = first.texts == whole.texts and place > 0  # a token may be fetched anew, once
    assert error is not None or said or optional or renewed, f"{name}: passes for no news"
    _check_error(error, name, trouble, now)
    second = collect(make(), first.cursor)
    assert {**first.texts, **second.texts} == whole.texts, f"{name}: something was lost"


def _check_idle(
    make: Callable[[], Source], web: FakeWeb, name: str, trouble: Trouble, whole: Run, now: datetime
) -> None:
    """Every request spoilt after all has been seen: a blind source must not pass for a quiet one."""
    with Spoilt(web, trouble, 0, on=True):
        idle, error = attempted(make(), whole.cursor)
    assert error is not None, f"{name} at every request: passes for no news"
    _check_error(error, name, trouble, now)
    after = collect(make(), idle.cursor)
    assert not after.texts.keys() - whole.texts.keys(), f"{name}: an idle run invents nothing"


def _check_check(make: Callable[[], Source], web: FakeWeb, name: str, trouble: Trouble) -> None:
    """`check` meets trouble at its first request: a sentence and the setting to mend."""
    with Spoilt(web, trouble, 0, on=True):
        answer = make().check()
    assert not answer.ok, f"{name}: check() finds it well"
    assert answer.message, f"{name}: check() says what it found"
    assert answer.setting, f"{name}: check() names the setting to mend"


def _check_cut(make: Callable[[], Source], web: FakeWeb, place: int, whole: Run) -> None:
    """The first half of an answer, sent as if it were all of it."""
    answers = 0

    def cut(answer: Answer) -> Answer:
        nonlocal answers
        answers += 1
        half = replace(answer, body=answer.body[: len(answer.body) // 2])
        return half if answers == place + 1 and len(answer.body) > 1 else answer

    web.rewrite = cut
    try:
        first, error = attempted(make())
    finally:
        web.rewrite = None
    name = f"half of answer {place + 1}"
    said = any(batch.health is Health.DEGRADED and batch.note for batch in first.batches)
    assert said or isinstance(error, Transient | Unreadable), f"{name}: {error!r}"
    second = collect(make(), first.cursor)
    assert {**first.texts, **second.texts} == whole.texts, f"{name}: something was lost"


def _check_error(error: SourceError | None, name: str, trouble: Trouble, now: datetime) -> None:
    if error is None:
        return
    expected = " or ".join(one.__name__ for one in trouble.errors)
    assert isinstance(error, trouble.errors), f"{name}: {error!r} instead of {expected}"
    assert str(error), f"{name}: the error says what happened"
    if isinstance(error, RateLimited) and RateLimited in trouble.errors:
        assert error.until is not None, f"{name}: the error says until when"
        late = abs(error.until - (now + PATIENCE))
        assert late <= timedelta(seconds=5), f"{name}: until {error.until}, not {now + PATIENCE}"


def attempted(source: Source, cursor: str | None = None) -> tuple[Run, SourceError | None]:
    """Run a source as the runner does, keeping what came before an error and where it got."""
    run = Run(cursor)
    try:
        for batch in source.collect(cursor):
            _took(run, batch)
    except SourceError as error:
        return run, error
    return run, None


def _took(run: Run, batch: Batch) -> None:
    run.batches.append(batch)
    run.cursor = batch.cursor if batch.cursor is not None else run.cursor


def _refusal(
    status: int, error: type[SourceError], headers: Mapping[str, str] | None = None
) -> Trouble:
    answer = Answer(b"no", status, headers or {})
    return Trouble(lambda _: answer, (error,))


def _bomb() -> Answer:
    body = gzip.compress(b" " * (30 << 20), 9)
    return Answer(body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


def _drip() -> Iterator[bytes]:
    while True:
        yield b" "
        threading.Event().wait(0.02)


def _hung() -> Answer:
    threading.Event().wait(1.5)
    return Answer()
