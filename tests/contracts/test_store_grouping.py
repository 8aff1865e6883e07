"""Every store: what grouping changes, remembers and suggests, and what people decide for it."""

from __future__ import annotations

from typing import Any

import pytest

from listener.errors import Conflict, DeskError, NotFound
from listener.store.grouping import SuggestionRow
from listener.store.protocol import Store
from listener.store.rows import IssueRow, Judged, Move, QueueQuery, Span, Triaged
from triage.protocols import Absorbed, Decided, Placement, Refinement, Remembered, Suggestion
from triage.protocols import Move as Moved
from triage.relevance import not_relevant


def state(store: Store) -> tuple[object, ...]:
    cases = store.queue(QueueQuery(view="all", limit=1000))
    return (
        store.issues(),
        [(case.id, case.issue, case.people) for case in cases],
        [(row.id, row.issue) for row in store.mentions(Span())],
        store.totals(),
    )


def issue(store: Store, id: int) -> IssueRow:
    found = store.issue(id)
    assert found is not None
    return found


@pytest.fixture
def filled(world: Any) -> Any:
    """Three issues: a with three posts of two people, b with two of two, c with one."""
    world.hear(
        *(
            world.mention(id, f"#{tag} text {id}", author=author, minute=minute)
            for id, tag, author, minute in (
                ("1", "a", "ann", 5),
                ("2", "a", "ann", 1),
                ("3", "a", "bob", 9),
                ("4", "b", "bob", 3),
                ("5", "b", "eve", 4),
                ("6", "c", "eve", 2),
            )
        )
    )
    return world


def refine(
    world: Any, *refinements: Refinement, kept: tuple[int, bytes] | None = None
) -> list[int]:
    with world.store.triage() as scope:
        memories = [("Acme", *kept)] if kept else []
        return list(
            scope.write(
                Triaged([], [], world.now, "m", [("Acme", one) for one in refinements], memories)
            )
        )


def refinement(
    absorbed: tuple[Absorbed, ...] = (),
    moves: tuple[Moved, ...] = (),
    suggestions: tuple[Suggestion, ...] = (),
) -> Refinement:
    return Refinement(9, 6, absorbed, moves, suggestions)


def test_groups_are_looked_at_as_they_are(store: Store, filled: Any) -> None:
    with store.groups() as scope:
        before = scope.grouping_epoch("Acme")
        assert scope.grouping("Acme") is None
        ids = {row.id: row.issue for row in store.mentions(Span())}
        known = Remembered(min(ids), max(ids), tuple(filled.issue.values()))
        assert scope.where_now("Acme", known).issues == ids
    a, b = filled.issue["a"], filled.issue["b"]
    store.merge(b, a, "ann", filled.now)
    refine(filled, kept=(6, b"groups"))
    with store.groups() as scope:
        assert scope.grouping_epoch("Acme") > before
        assert scope.where_now("Acme", known).ends == {b: a}
        kept = scope.grouping("Acme")
    assert kept is not None
    assert (kept.through, kept.state) == (6, b"groups")


class TestRefinements:
    def test_an_absorbed_issue_is_an_alias_with_a_reason(self, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        changed = refine(filled, refinement((Absorbed(b, a, 2, 0.9),)))
        merged = issue(store, b)
        assert (merged.id, merged.mentions, merged.people, merged.open_cases) == (a, 5, 3, 5)
        assert (merged.first_seen, merged.last_seen) == tuple(
            filled.mention("x", minute=minute).created_at for minute in (1, 9)
        )
        assert store.totals().issues == 2
        assert {filled.case_of(id).id for id in "45"} <= set(changed)
        [row] = [one for one in store.history() if one.entity == "issue"]
        assert (row.actor, row.action, row.entity_id) == ("listener", "merge", b)
        assert row.note == "90% of its 2 latest posts belong with the posts there"

    def test_moved_posts_take_their_repeats_and_cases_along(self, store: Store, world: Any) -> None:
        for id, text in (("1", "#a one"), ("2", "#a two"), ("3", "#b three")):
            world.post(id, text)
        world.collect(world.mention("copy", "said again", author="cy"))
        world.place(
            lambda one: Placement(one.id, world.issue["a"], 1.0, 1, duplicate_of=world.id_of("1")),
            "copy",
        )
        moved = Moved(world.id_of("1"), world.issue["a"], world.issue["b"], 0.1, 0.8, False)
        refine(world, refinement(moves=(moved,)))
        found = {row.mention.external_id: row.issue for row in store.mentions(Span())}
        a, b = world.issue["a"], world.issue["b"]
        assert found == {"1": b, "2": a, "3": b, "copy": b}
        assert world.case_of("copy").issue == b
        assert (issue(store, a).people, issue(store, b).people) == (1, 3)

    def test_counts_are_those_of_counting_anew(self, store: Store, filled: Any) -> None:
        a, b, c = (filled.issue[tag] for tag in "abc")
        moves = (
            Moved(filled.id_of("3"), a, c, 0.2, 0.7, True),
            Moved(filled.id_of("5"), b, c, 0.2, 0.6, True),
        )
        refine(filled, refinement(moves=moves))
        by_counting = state(store)
        row = store.merge(a, b, "bo", filled.now)  # counts both anew, and so does taking it back
        store.undo(row.id, "bo", filled.now)
        row = store.merge(c, b, "bo", filled.now)
        store.undo(row.id, "bo", filled.now)
        assert state(store) == by_counting

    def test_a_move_can_open_an_issue(self, store: Store, filled: Any) -> None:
        with store.triage() as scope:
            new = scope.new_issue()
        moved = Moved(filled.id_of("3"), filled.issue["a"], new, 0.2, 0.7, True)
        refine(filled, refinement(moves=(moved,)))
        opened = issue(store, new)
        assert (opened.mentions, opened.brand, opened.example) == (1, "Acme", "#a text 3")
        assert store.totals().issues == 4

    def test_people_can_take_back_what_the_machine_did(self, store: Store, filled: Any) -> None:
        before = state(store)
        a, b = filled.issue["a"], filled.issue["b"]
        refine(
            filled,
            refinement(
                (Absorbed(b, a, 2, 0.9),),
                (Moved(filled.id_of("3"), a, filled.issue["c"], 0.2, 0.7, True),),
            ),
        )
        for row in [one for one in store.history() if one.actor == "listener"]:
            assert store.undo(row.id, "bo", filled.now) is not None
        assert state(store) == before
        with store.triage() as scope:  # and then it is theirs
            assert {a, b, filled.issue["c"]} <= scope.decided("Acme").touched

    def test_suggestions_are_made_once(self, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        for _ in range(2):
            refine(filled, refinement(suggestions=(Suggestion(b, a, 2, 0.75),)))
        [one] = store.suggestions("Acme")
        assert (one.rule, one.issue, one.other, one.state) == ("merge", b, a, "open")
        assert one.reason == "75% of its 2 latest posts belong with the posts there"


class TestMemory:
    def test_it_is_kept_with_the_batch_and_read_once(self, store: Store, filled: Any) -> None:
        with store.triage() as scope:
            assert scope.grouping("Acme") is None
        refine(filled, kept=(6, b"memory"))
        with store.triage() as scope:
            found = scope.grouping("Acme")
            assert found is not None
            assert (found.model, found.through, found.state) == ("m", 6, b"memory")
            known = scope.grouping("Acme", known=6)
            assert known is not None
            assert known.state == b""
            assert scope.grouping("Zeta") is None

    def test_words_of_erased_posts_are_not_kept(self, store: Store, filled: Any) -> None:
        refine(filled, kept=(6, b"memory"))
        filled.collect(tombstones=["2"])
        with store.triage() as scope:
            found = scope.grouping("Acme")
            assert found is not None
            assert found.state == b""

    def test_where_posts_and_issues_are_now(self, store: Store, filled: Any) -> None:
        a, b, c = (filled.issue[tag] for tag in "abc")
        store.merge(a, b, "bo", filled.now)
        filled.collect(tombstones=["2"])
        with store.triage() as scope:
            now = scope.where_now("Acme", Remembered(1, 5, (a, c)))
        ids = {id: filled.id_of(id) for id in "1345"}
        assert now.issues == dict.fromkeys(ids.values(), b)
        assert now.ends == {a: b}


class TestDecided:
    def test_what_people_touched(self, store: Store, filled: Any) -> None:
        def touched() -> frozenset[int]:
            with store.triage() as scope:
                decided: Decided = scope.decided("Acme")
            return decided.touched

        a, b, c = (filled.issue[tag] for tag in "abc")
        assert touched() == frozenset()
        named = store.move(
            Move("bo", "rename", "issue", a, {}, {"title": "x", "titled_by": "bo"}, filled.now)
        )
        assert named is not None
        assert touched() == {a}
        store.undo(named.id, "bo", filled.now)
        assert touched() == frozenset()
        row = store.merge(b, c, "bo", filled.now)
        assert touched() == {c}
        store.undo(row.id, "bo", filled.now)
        row = store.split(a, [filled.id_of("1")], "bo", filled.now)
        assert touched() == {a, row.entity_id}

    def test_links_hold_until_taken_back(self, store: Store, filled: Any) -> None:
        one, two, three = (filled.id_of(id) for id in "146")
        first = store.link("must", "Acme", one, two, "bo", filled.now)
        store.link("cannot", "Acme", one, three, "bo", filled.now)
        with pytest.raises(Conflict, match="said already"):
            store.link("must", "Acme", two, one, "cy", filled.now)
        with store.triage() as scope:
            decided = scope.decided("Acme")
        assert (decided.together, decided.apart) == ({(one, two)}, {(one, three)})
        assert [link.rule for link in store.links("Acme")] == ["must", "cannot"]
        assert store.undo(first.id, "bo", filled.now) is not None
        assert [link.rule for link in store.links()] == ["cannot"]
        filled.post("praise", "praise of nobody")
        with pytest.raises(DeskError, match="in no issue"):
            store.link("must", "Acme", one, filled.id_of("praise"), "bo", filled.now)


class TestRegroup:
    def test_mentions_go_where_a_person_says_and_stay(self, store: Store, filled: Any) -> None:
        before = state(store)
        a, b = filled.issue["a"], filled.issue["b"]
        row = store.regroup([filled.id_of("2")], a, b, "bo", filled.now)
        assert (issue(store, a).mentions, issue(store, b).mentions) == (2, 3)
        assert filled.case_of("2").issue == b
        assert {link.rule for link in store.links()} == {"must", "cannot"}
        assert store.undo(row.id, "bo", filled.now) is not None
        assert state(store) == before
        assert store.links() == []

    def test_what_cannot_be_moved(self, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        one, four = filled.id_of("1"), filled.id_of("4")
        with pytest.raises(NotFound):
            store.regroup([one], a, 99, "bo", filled.now)
        with pytest.raises(DeskError, match="not in issue"):
            store.regroup([four], a, b, "bo", filled.now)
        with pytest.raises(DeskError, match="already"):
            store.regroup([one], a, a, "bo", filled.now)
        with pytest.raises(DeskError, match="some to"):
            store.regroup([filled.id_of(id) for id in "123"], a, b, "bo", filled.now)


class TestSuggestions:
    def suggestion(self, world: Any, one: str, other: str, rule: str = "merge") -> SuggestionRow:
        mentions = (world.id_of("1"),) if rule == "split" else ()
        where = world.issue[one], world.issue[other] if other else 0
        return SuggestionRow(
            0, "Acme", rule, *where, mentions, "because", "open", world.now, "", None
        )

    def test_a_dismissed_one_does_not_come_back(self, store: Store, filled: Any) -> None:
        again = self.suggestion(filled, "a", "b")
        assert store.suggest([again]) == 1
        [one] = store.suggestions("Acme")
        change = {"state": "dismissed", "actor": "bo", "decided_at": "2026-11-02T00:00:00Z"}
        move = Move("bo", "dismiss", "suggestion", one.id, {"state": "open"}, change, filled.now)
        done = store.move(move)
        assert done is not None
        assert store.move(move) is None
        assert store.suggest([again]) == 0
        assert store.suggestions() == []
        [told] = store.suggestions(state="dismissed")
        assert (told.actor, told.decided_at is not None) == ("bo", True)
        store.undo(done.id, "bo", filled.now)
        assert [found.id for found in store.suggestions()] == [one.id]

    def test_what_no_longer_stands_is_not_offered(self, store: Store, filled: Any) -> None:
        split = self.suggestion(filled, "a", "", "split")
        assert store.suggest([self.suggestion(filled, "a", "b"), split]) == 2
        assert store.suggestions("Acme")[1].mentions == (filled.id_of("1"),)
        assert store.suggestions("Zeta") == []
        store.merge(filled.issue["b"], filled.issue["c"], "bo", filled.now)
        assert [one.rule for one in store.suggestions()] == ["split"]


def test_vectors_of_another_model_are_found_and_replaced(store: Store, filled: Any) -> None:
    assert store.count_foreign_vectors("Acme", "test-model") == 0
    assert store.count_foreign_vectors("Acme", "new") == 6
    assert store.count_foreign_vectors("Other", "new") == 0
    refine(filled, kept=(6, b"memory"))
    before = [post.vector for post, _ in store.placed("Acme", 9, "test-model")]
    assert set(before) == {bytes(4)}
    assert {post.vector for post, _ in store.placed("Acme", 9, "new")} == {b""}
    filled.collect(filled.mention("1", "#a text edited", author="ann", minute=5))
    found = store.foreign_vectors("Acme", "new", 4)
    assert [text for _, text in found] == [f"#a text {n}" for n in (1, 2, 3)] + ["#b text 4"]
    store.renew_vectors([(mention, b"abcd") for mention, _ in found], "new")
    assert store.count_foreign_vectors("Acme", "new") == 2
    assert [mention for mention, _ in store.foreign_vectors("Acme", "new", 4, after=5)] == [6]
    assert [post.vector for post, _ in store.placed("Acme", 9, "test-model")] == before
    vectors = [post.vector for post, _ in store.placed("Acme", 9, "new")]
    assert vectors == [b"abcd"] * 4 + [b""] * 2
    assert [post.id for post, _ in store.placed("Acme", 9, after=4)] == [5, 6]
    with store.triage() as scope:
        assert scope.grouping("Acme") is None


def test_vectors_that_no_brand_uses_are_forgotten_page_by_page(store: Store, filled: Any) -> None:
    found = store.foreign_vectors("Acme", "new", 4)
    store.renew_vectors([(mention, b"abcd") for mention, _ in found], "new")
    pages, last = 0, 0
    while last := store.drop_vectors(("new",), 3, last):
        pages += 1
    assert pages >= 3
    assert {post.vector for post, _ in store.placed("Acme", 9, "test-model")} == {b""}
    assert [post.vector for post, _ in store.placed("Acme", 9, "new")] == [b"abcd"] * 4 + [b""] * 2


def test_brands_of_two_models_keep_a_vector_each(store: Store, world: Any) -> None:
    world.collect(world.mention("1", "#a one", author="ann"))
    [waiting] = store.pending(1)
    said = not_relevant("v1")
    mine, theirs = [
        Judged(waiting.id, brand, said, vector, Placement(waiting.id, 0, 0.0))
        for brand, vector in (("Acme", b"mine"), ("Zeta", b"theirs"))
    ]
    with store.triage() as scope:
        scope.write(Triaged([mine, theirs], [], world.now, "one", models={"Zeta": "two"}))
    for brand, model, vector in (("Acme", "one", b"mine"), ("Zeta", "two", b"theirs")):
        assert [post.vector for post, _ in store.placed(brand, 9, model)] == [vector]
        assert store.count_foreign_vectors(brand, model) == 0
    assert store.count_foreign_vectors("Acme", "two") == 0  # another brand's will do
