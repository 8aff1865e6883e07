"""Every implementation of the store, and a small world that fills one through its own promises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.store import open_store
from listener.store.protocol import Store, TriageScope
from listener.store.rows import (
    CaseRow,
    Collected,
    Counted,
    Judged,
    NewCase,
    Pending,
    Priced,
    QueueQuery,
    Triaged,
)
from sources.mention import Author, Mention
from sources.protocols import Tombstone
from triage.protocols import Label, Placement
from triage.verdict import (
    Band,
    Lane,
    Priority,
    PriorityPart,
    Reason,
    Sentiment,
    Signal,
    Verdict,
)

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
Open = Callable[[], Store]


def sqlite(folder: Path) -> Open:
    return lambda: open_store(f"sqlite:///{folder}/store.db")


@pytest.fixture(params=["sqlite", "postgres"])
def stores(request: pytest.FixtureRequest) -> Callable[[Path], Open]:
    """Makes a new store for a folder; another implementation joins the suite here."""
    if request.param == "sqlite":
        return sqlite
    return request.getfixturevalue("postgres_server").opens  # type: ignore[no-any-return]


@pytest.fixture
def opened(stores: Callable[[Path], Open], tmp_path: Path) -> Open:
    """Opens the same store, as often as it is called."""
    return stores(tmp_path)


@pytest.fixture
def store(opened: Open) -> Iterator[Store]:
    with opened() as store:
        yield store


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.fixture
def new_world() -> Callable[[Store], World]:
    return World


@dataclass
class World:
    """What is said in it decides what becomes of it.

    `#tag` in a text names its issue, a text that starts with "praise" needs no answer, any other is a
    complaint; `!` adds severity. A person's posts in one thread share a case.
    """

    store: Store
    now: datetime = START
    version: str = "v1"
    issue_of: dict[tuple[str, str], int] = field(default_factory=dict)
    run: int = 0

    def mention(
        self,
        id: str,
        text: str = "#login broken",
        author: str = "ann",
        minute: int = 0,
        **more: object,
    ) -> Mention:
        return Mention(
            kind="forum",
            external_id=id,
            text=text,
            created_at=START + timedelta(minutes=minute),
            author=Author(author, f"@{author}" if author else "", author.title(), 12),
            url=f"https://forum.example/{id}",
            **more,  # type: ignore[arg-type]
        )

    def collect(
        self,
        *mentions: Mention,
        tombstones: Sequence[str] = (),
        cursor: str | None = None,
        brand: str = "",
    ) -> Counted:
        if not self.run:
            self.run = self.store.open_run("blog", self.now)
        return self.store.collect(
            Collected(
                run=self.run,
                source="blog",
                mentions=mentions,
                at=self.now,
                brand=brand,
                tombstones=[Tombstone("forum", id) for id in tombstones],
                cursor=cursor,
            )
        )

    def triage(self, brands: Sequence[str] = ("Acme",), limit: int = 1000) -> list[int]:
        """Judge what is pending, all in one batch; returns the cases that were priced."""
        pending = self.store.pending(limit)
        with self.store.triage() as scope:
            return self.write(scope, pending, brands)

    def write(
        self, scope: TriageScope, pending: Iterable[Pending], brands: Sequence[str] = ("Acme",)
    ) -> list[int]:
        judged = [self._judged(scope, one, brand) for one in pending for brand in brands]
        cases = self._with_cases(scope, judged)
        labels = [
            (brand, Label(issue, f"about {tag}", (tag,), 0))
            for (brand, tag), issue in self.issue_of.items()
        ]
        changed = scope.write(Triaged([one for _, one in cases], labels, self.now, "test-model"))
        scope.price(
            [
                Priced(facts.id, price(facts.severity, facts.issue_people))
                for facts in scope.case_facts(changed)
            ]
        )
        return changed

    def _judged(self, scope: TriageScope, one: Pending, brand: str) -> tuple[Pending, Judged]:
        text = one.mention.full_text
        placement = Placement(one.id, 0, 0.0) if "alone" in text else None
        if "#" in text and one.id not in scope.grouped(brand, [one.id]):
            tag = text.split("#")[1].split()[0]
            if (brand, tag) not in self.issue_of:
                self.issue_of[brand, tag] = scope.new_issue()
            placement = Placement(one.id, self.issue_of[brand, tag], 0.75)
        return one, Judged(one.id, brand, verdict(text, self.version), bytes(4), placement)

    def _with_cases(
        self, scope: TriageScope, judged: Iterable[tuple[Pending, Judged]]
    ) -> list[tuple[Pending, Judged]]:
        open_cases: dict[tuple[str, str, str], int] = {}
        done = []
        for pending, one in judged:
            said = pending.mention
            for case in scope.open_cases(one.brand, [(said.kind, said.author.id)]):
                for thread in case.threads:
                    open_cases.setdefault((one.brand, case.author_id, thread), case.mention)
            new = None
            if one.verdict.lane is Lane.COMPLAINT:
                key = (one.brand, said.author.id, said.thread.root or said.external_id)
                joins = open_cases.get(key, 0) if said.author.id else 0
                open_cases.setdefault(key, one.mention)
                new = NewCase(joins, "complaint", self.now, self.now + timedelta(hours=4))
            done.append(
                (
                    pending,
                    Judged(
                        one.mention, one.brand, one.verdict, one.vector, one.placement, new, "acme"
                    ),
                )
            )
        return done

    def place(self, how: Callable[[Pending], Placement], *cases: str) -> None:
        """Triage what is pending with these placements; those named open a case."""
        pending = self.store.pending(1000)
        opened = NewCase(0, "complaint", self.now, None)
        with self.store.triage() as scope:
            judged = [
                Judged(
                    one.id,
                    "Acme",
                    verdict(one.mention.full_text, self.version),
                    bytes(4),
                    how(one),
                    opened if one.mention.external_id in cases else None,
                )
                for one in pending
            ]
            scope.write(Triaged(judged, [], self.now, "test-model"))

    def die(self, pending: Iterable[Pending]) -> None:
        """Triage, and die before it is committed."""
        with self.store.triage() as scope:
            self.write(scope, pending)
            raise RuntimeError("killed")

    def hear(self, *mentions: Mention) -> None:
        """Collect and triage."""
        self.collect(*mentions)
        self.triage()

    def post(self, id: str, *rest: object, **more: object) -> None:
        """Hear one post of a person of its own."""
        self.hear(self.mention(id, *rest, **{"author": f"author-{id}", **more}))  # type: ignore[arg-type]

    def id_of(self, external_id: str) -> int:
        found = self.store.mention("forum", external_id)
        assert found is not None
        return found.id

    def case_of(self, external_id: str) -> CaseRow:
        [found] = [
            case
            for case in self.store.queue(QueueQuery(view="all", limit=1000))
            if case.mention == self.id_of(external_id)
        ]
        return found

    @property
    def issue(self) -> dict[str, int]:
        """The issues of Acme by tag."""
        return {tag: issue for (brand, tag), issue in self.issue_of.items() if brand == "Acme"}


def price(severity: float, people: int, at: datetime | None = None) -> Priority:
    parts = [PriorityPart("severity", round(severity * 10), f"severity {severity}")]
    if people > 1:
        parts.append(PriorityPart("issue", people, f"{people} people say so"))
    return Priority(tuple(parts), at)


def verdict(text: str, version: str = "v1") -> Verdict:
    praise = text.startswith("praise")
    lane = Lane.PRAISE if praise else Lane.COMPLAINT
    severity = float(min(4, 1 + text.count("!")))
    return Verdict(
        version=version,
        lang="xx" if "unread" in text else "en",
        sentiment=Sentiment(
            "unknown" if "unread" in text else "negative", -0.1 - 0.2, -1 / 3, (("broken", -1.9),)
        ),
        complaint_p=0.1 if praise else 0.9,
        complaint=Band.NO if praise else Band.LIKELY,
        severity=severity,
        severity_band="severe" if severity > 2 else "mild",
        lane=lane,
        lanes=(("complaint", 0.9), ("praise", 0.1)),
        vigilante=Band.LIKELY if "join me" in text else Band.NO,
        vigilante_reasons=("asks others to join",) if "join me" in text else (),
        signals=(Signal("shout", text.index("!"), text.index("!") + 1, "!"),)
        if "!" in text
        else (),
        reasons=(Reason("lane", f"says {text[:9]!r}"),),
    )
