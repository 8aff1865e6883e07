"""Every store, whatever happens in whatever order: kept counts equal counting, undo is exact."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from listener.errors import DeskError
from listener.store.protocol import Store
from listener.store.rows import Move, QueueQuery, Span
from sources.mention import Thread

IDS = [str(n) for n in range(8)]
TEXTS = ["#a broken", "#b broken!!", "praise #a", "no tag", "#c unread"]
STATES = ["new", "answering", "waiting", "snoozed", "resolved", "dismissed"]

POSTS = st.tuples(
    st.sampled_from(IDS),
    st.sampled_from(TEXTS),
    st.sampled_from(["ann", "bob", ""]),
    st.integers(0, 50),
)


class Life(RuleBasedStateMachine):
    """Random days of a store; `open_in` and `make_world` are set by the test."""

    open_in: Callable[[Path], Callable[[], Store]]
    make_world: Callable[[Store], Any]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.open = type(self).open_in(self.folder)
        self.store = self.open()
        self.world = type(self).make_world(self.store)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    @rule(page=st.lists(POSTS, max_size=6), erased=st.lists(st.sampled_from(IDS), max_size=1))
    def collect(self, page: list[tuple[str, str, str, int]], erased: list[str]) -> None:
        said = [
            self.world.mention(id, text, author, minute, thread=Thread("0" if minute % 3 else ""))
            for id, text, author, minute in page
        ]
        counted = self.world.collect(*said, tombstones=erased)
        assert counted.seen == len(page) >= counted.new + counted.edited
        again = self.world.collect(*said, tombstones=erased)
        assert (again.new, again.edited, again.erased) == (0, 0, 0)

    @rule(limit=st.integers(1, 5), brands=st.sampled_from([("Acme",), ("Acme", "Zeta"), ("Zeta",)]))
    def triage(self, limit: int, brands: tuple[str, ...]) -> None:
        self.world.triage(brands, limit)

    @rule()
    def crash(self) -> None:
        before, known = self.picture(), dict(self.world.issue_of)
        pending = self.store.pending(99)
        with pytest.raises(RuntimeError):
            self.world.die(pending)
        self.world.issue_of = known
        self.store.close()
        self.store = self.world.store = self.open()
        assert self.picture() == before

    @rule(version=st.sampled_from(["v1", "v2"]))
    def requeue(self, version: str) -> None:
        self.world.version = version
        self.store.judge_again(version, {})

    @rule(data=st.data(), state=st.sampled_from(STATES), priority=st.sampled_from([None, 5, 90]))
    def move_and_back(self, data: st.DataObject, state: str, priority: int | None) -> None:
        cases = self.cases()
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        before = self.picture()
        change = {"state": state, "manual_priority": priority, "owner": "bo"}
        done = self.store.move(
            Move("bo", "test", "case", case.id, {"version": case.version}, change, self.world.now)
        )
        assert done is not None
        if data.draw(st.booleans()):
            assert self.store.undo(done.id, "bo", self.world.now) is not None
            assert self.picture() == before

    @rule(data=st.data())
    def merge_and_back(self, data: st.DataObject) -> None:
        issues = self.store.issues()
        if len(issues) < 2:
            return
        source, target = (data.draw(st.sampled_from(issues)) for _ in range(2))
        before = self.picture()
        try:
            done = self.store.merge(source.id, target.id, "bo", self.world.now)
        except DeskError:
            assert source.brand != target.brand or source.id == target.id
            assert self.picture() == before
            return
        if data.draw(st.booleans()):
            assert self.store.undo(done.id, "bo", self.world.now) is not None
            assert self.picture() == before

    @rule(data=st.data())
    def split_and_back(self, data: st.DataObject) -> None:
        issues = [issue for issue in self.store.issues() if issue.mentions > 1]
        if not issues:
            return
        issue = data.draw(st.sampled_from(issues))
        members = [row.id for row in self.store.mentions(Span(), issue.id)]
        chosen = data.draw(st.lists(st.sampled_from(members[1:]), min_size=1, unique=True))
        before = self.picture()
        done = self.store.split(issue.id, chosen, "bo", self.world.now)
        if data.draw(st.booleans()):
            assert self.store.undo(done.id, "bo", self.world.now) is not None
            assert self.picture() == before

    @rule(data=st.data())
    def undo_anything(self, data: st.DataObject) -> None:
        history = self.store.history()
        if history:
            row = data.draw(st.sampled_from(history))
            try:
                self.store.undo(row.id, "bo", self.world.now)
            except DeskError:
                assert row.undone_by or row.undoes or row.actor == "source"

    @invariant()
    def kept_counts_equal_counting(self) -> None:
        if not hasattr(self, "store"):
            return
        rows = list(self.store.mentions(Span()))
        totals = self.store.totals()
        cases = self.cases()
        assert totals.mentions == len({row.id for row in rows})
        assert totals.pending == len(self.store.pending(99))
        assert totals.cases_by_state == Counter(case.state for case in cases)
        opened = [case for case in cases if case.state not in ("resolved", "dismissed")]
        assert totals.cases_by_lane == Counter(case.lane for case in opened)
        unread = [row for row in rows if row.verdict and row.verdict.sentiment.label == "unknown"]
        assert totals.unread_languages == Counter(r.verdict.lang for r in unread if r.verdict)
        for case in cases:
            if case.manual_priority is None:
                assert case.priority == sum(part.points for part in case.reasons)

    @invariant()
    def issues_equal_their_mentions(self) -> None:
        if not hasattr(self, "store"):
            return
        members = defaultdict(list)
        for row in self.store.mentions(Span()):
            if row.issue is not None:
                members[row.issue].append(row)
        issues = {issue.id: issue for issue in self.store.issues()}
        assert issues.keys() == members.keys()
        for id, issue in issues.items():
            rows = members[id]
            living = {row.mention.author.id for row in rows if row.deleted_at is None}
            assert issue.mentions == len(rows)
            assert len(living) <= issue.people <= len(rows)
            if all(row.deleted_at is None for row in rows):
                assert issue.people == len(living)
            assert issue.first_seen == min(row.mention.created_at for row in rows)
            assert issue.last_seen == max(row.mention.created_at for row in rows)
            lanes = Counter(row.verdict.lane.value for row in rows if row.verdict)
            assert lanes[issue.lane] == max(lanes.values())
        placed = {(row.id, row.brand): row.issue for row in self.store.mentions(Span())}
        for case in self.cases():
            assert case.issue == placed.get((case.mention, case.brand))

    def cases(self) -> list[Any]:
        return self.store.queue(QueueQuery(view="all", limit=99))

    def picture(self) -> tuple[object, ...]:
        """All that people see, but for the number of a case's changes."""
        return (
            list(self.store.mentions(Span())),
            self.store.issues(),
            [
                tuple(getattr(case, name) for name in case.__slots__ if name != "version")
                for case in self.cases()
            ],
            self.store.totals(),
            self.store.pending(99),
        )


@pytest.fixture
def open_in(stores: Any) -> Any:
    return stores


def test_any_life(request: pytest.FixtureRequest, open_in: Any, new_world: Any) -> None:
    # The verbs are the same ones: the second database shows that it takes them, at a round trip each.
    lives = 25 if "sqlite" in request.node.name else 4
    machine = type("AnyLife", (Life,), {"open_in": staticmethod(open_in), "make_world": new_world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            # Shrinking takes minutes; take it in when a failure is too long to read.
            phases=[Phase.explicit, Phase.generate],
            max_examples=lives,
            stateful_step_count=20,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@given(pages=st.lists(st.lists(POSTS, max_size=5), max_size=4), sizes=st.integers(1, 6))
@settings(
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_is_kept_does_not_depend_on_the_size_of_pages(
    open_in: Any, new_world: Any, pages: list[list[Any]], sizes: int
) -> None:
    def kept(chunks: list[list[Any]]) -> object:
        folder = Path(tempfile.mkdtemp())
        with open_in(folder)() as store:
            world = new_world(store)
            for chunk in chunks:
                world.collect(*(world.mention(id, text) for id, text, _, _ in chunk))
            rows = [(row.id, row.mention) for row in store.mentions(Span())]
        shutil.rmtree(folder)
        return rows

    posts = [post for page in pages for post in page]
    # A page that repeats a post may not say something else in it than before: that is another page.
    once = list({post[0]: post for post in posts}.values())
    chunked = [once[n : n + sizes] for n in range(0, len(once), sizes)]
    assert kept(chunked) == kept([once])
