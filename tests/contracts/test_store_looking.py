"""Every store: what pages ask is bounded, exact below the bound, and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listener.errors import UsageError
from listener.store.looking import PostQuery
from listener.store.protocol import Store
from listener.store.rows import Move, QueueQuery
from sources.mention import Thread, utc

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def talk(world: Any) -> Any:
    """Three people, two issues, one praise, one case written to again."""
    root = Thread(root="t1", parent="")
    world.hear(
        world.mention("1", "#login broken", "ann", 0, thread=root),
        world.mention("2", "#login broken too", "ann", 5, thread=root),
        world.mention("3", "#login 100% dead", "bo", 70),
        world.mention("4", "#refund missing join me", "cy", 80),
        world.mention("5", "praise for the staff", "di_1", 90),
    )
    return world


class TestCount:
    def test_it_counts_what_the_view_lists_and_ends_early(self, store: Store, talk: Any) -> None:
        for query in (
            QueueQuery(),
            QueueQuery(view="all"),
            QueueQuery(vigilante="likely"),
            QueueQuery(lane="idea"),
            QueueQuery(issue=talk.issue["login"]),
            QueueQuery(search="broken"),
            QueueQuery(escalating=True, at=NOON),
            QueueQuery(before=MORNING),
            QueueQuery(limit=1),
        ):
            listed = store.queue(QueueQuery(**{**fields(query), "limit": 100}))
            assert store.count(query) == len(listed), query
        assert store.count(QueueQuery(), most=2) == 2

    def test_many_are_counted_in_one_look(self, store: Store, talk: Any) -> None:
        asked: list[tuple[QueueQuery | PostQuery, int]] = [
            (QueueQuery(), 2),
            (PostQuery(lane="praise"), 9),
            (QueueQuery(brand="Other"), 9),
            (PostQuery(search="brok"), 9),
            (QueueQuery(view="all", vigilante="likely"), 9),
        ]
        each = [
            store.count(query, most)
            if isinstance(query, QueueQuery)
            else store.count_posts(query, most)
            for query, most in asked
        ]
        assert store.counts(asked) == each == [2, 1, 0, 2, 1]
        assert store.counts([]) == []

    @pytest.mark.parametrize("few", [0, 2_000])
    def test_a_source_is_found_the_same_whether_it_brings_little_or_much(
        self, store: Store, talk: Any, monkeypatch: pytest.MonkeyPatch, few: int
    ) -> None:
        monkeypatch.setattr("listener.store.sqlite.queue.FEW", few)
        for more in (
            {},
            {"issue": talk.issue["login"]},
            {"vigilante": "likely"},
            {"search": "dead"},
        ):
            of_all = store.queue(QueueQuery(view="all", **more))
            assert store.queue(QueueQuery(view="all", source="blog", **more)) == of_all != []
            assert store.queue(QueueQuery(view="all", source="reddit", **more)) == []

    def test_escalating_are_those_who_wrote_again_or_whose_promise_is_broken(
        self, store: Store, talk: Any
    ) -> None:
        again = store.queue(QueueQuery(escalating=True, at=MORNING))
        assert [case.author for case in again] == ["@ann"]
        late = store.queue(QueueQuery(escalating=True, at=NOON + timedelta(days=1)))
        assert len(late) == 3

    def test_before_is_about_opening(self, store: Store, talk: Any) -> None:
        assert store.count(QueueQuery(before=MORNING + timedelta(seconds=1))) == 3


class TestWords:
    def test_they_are_of_the_cases_of_the_queue_in_its_order(self, store: Store, talk: Any) -> None:
        for query in (QueueQuery(), QueueQuery(limit=2), QueueQuery(search="broken")):
            listed = store.queue(query)
            assert store.words(query) == [
                (
                    *(case.id, case.priority, case.text, case.title, case.author, case.url),
                    *(case.source, case.kind, case.lang),
                )
                for case in listed
            ]
        with pytest.raises(UsageError, match="no view is called"):
            store.words(QueueQuery(view="odd"))


class TestPosts:
    def test_the_latest_come_first_page_by_page(self, store: Store, talk: Any) -> None:
        found = store.posts(PostQuery(brand="Acme", limit=2))
        assert [row.mention.external_id for row in found] == ["5", "4"]
        last = found[-1]
        rest = store.posts(PostQuery("Acme", after=(last.mention.created_at, last.id)))
        assert [row.mention.external_id for row in rest] == ["3", "2", "1"]

    def test_by_lane_issue_person_time_and_words(self, store: Store, talk: Any) -> None:
        def ids(**asked: Any) -> list[str]:
            query = PostQuery(**asked)
            found = store.posts(query)
            assert store.count_posts(query) == len(found)
            return [row.mention.external_id for row in found]

        assert ids(lane="praise") == ["5"]
        assert ids(issue=talk.issue["refund"]) == ["4"]
        ann = store.person_of("forum", "ann")
        assert ann is not None
        assert ids(person=ann.id) == ["2", "1"]
        assert ids(since=MORNING + timedelta(minutes=70), until=NOON) == ["5", "4", "3"]
        assert ids(search="brok") == ["2", "1"]
        assert ids(source="blog", brand="Acme", lane="complaint") == ["4", "3", "2", "1"]
        assert ids(brand="Other") == []

    def test_what_was_erased_is_not_listed(self, store: Store, talk: Any) -> None:
        talk.collect(tombstones=["5"])
        assert store.posts(PostQuery(lane="praise")) == []
        assert store.count_posts(PostQuery(), most=3) == 3


class TestFigures:
    def test_volumes_add_up_by_hour(self, store: Store, talk: Any) -> None:
        found = store.volumes("", MORNING, NOON)
        assert [(one.start.hour, one.source, one.lane, one.posts) for one in found] == [
            (9, "blog", "complaint", 2),
            (10, "blog", "complaint", 2),
            (10, "blog", "praise", 1),
        ]
        assert store.volumes("Other", MORNING, NOON) == []

    def test_hourly_counts_every_post(self, store: Store, talk: Any) -> None:
        assert store.hourly(MORNING) == {"2026-11-01T09": 2, "2026-11-01T10": 3}
        assert store.hourly(NOON) == {}

    def test_waits_end_with_the_first_answer(self, store: Store, talk: Any) -> None:
        case = talk.case_of("3")
        answered = MORNING + timedelta(hours=2)
        store.move(
            Move(
                "bo", "resolve", "case", case.id, {}, {"state": "resolved"}, answered, case=case.id
            )
        )
        found = {one.case: one for one in store.waits("Acme", MORNING, NOON)}
        assert len(found) == 3
        assert found[case.id].answered_at == answered
        assert found[talk.case_of("1").id].answered_at is None

    def test_issue_days_count_posts(self, store: Store, talk: Any) -> None:
        login = talk.issue["login"]
        assert store.issue_days([login, 99], MORNING) == {login: {utc(NOON)[:10]: 3}, 99: {}}

    def test_cases_come_in_the_order_asked(self, store: Store, talk: Any) -> None:
        ids = [case.id for case in store.queue(QueueQuery())]
        assert [case.id for case in store.cases([*reversed(ids), 999])] == ids[::-1]


class TestPeople:
    def test_a_person_is_found_by_any_part_of_a_handle(self, store: Store, talk: Any) -> None:
        [found] = store.people("@an")
        assert (found.name, found.posts, found.open_cases) == ("Ann", 2, 1)
        assert found.last_at == MORNING + timedelta(minutes=5)
        assert store.person(found.id) == found
        assert [case.author for case in store.cases_of_person(found.id)] == ["@ann"]

    def test_wildcards_are_plain_characters(self, store: Store, talk: Any) -> None:
        assert [one.name for one in store.people("_")] == ["Di_1"]
        assert store.people("%") == []

    def test_without_a_name_the_latest_voices(self, store: Store, talk: Any) -> None:
        assert {one.name for one in store.people()} == {"Ann", "Bo", "Cy", "Di_1"}

    def test_strangers_are_none(self, store: Store, talk: Any) -> None:
        assert store.person(999) is None
        assert store.person_of("forum", "nobody") is None


def test_issues_like_share_phrases(store: Store, world: Any) -> None:
    world.hear(world.mention("1", "#login broken", "ann"), world.mention("2", "#pay x", "bo"))
    assert store.issues_like(world.issue["login"]) == []


def fields(query: QueueQuery) -> dict[str, Any]:
    return {name: getattr(query, name) for name in QueueQuery.__dataclass_fields__}


def test_one_of_several_searches_must_match(store: Store, world: Any) -> None:
    for n, text in enumerate(("#a red fox", "#b grey fox", "#c red wolf", "#d black bear")):
        world.collect(world.mention(f"s{n}", text, author=f"s{n}"))
    world.triage()

    def found(**asked: object) -> list[str]:
        return sorted(case.text for case in store.queue(QueueQuery(**asked)))  # type: ignore[arg-type]

    assert found(any_of=("red fox", "bea")) == ["#a red fox", "#d black bear"]
    assert found(any_of=("red", "bear"), search="wol") == ["#c red wolf"]
    assert store.count(QueueQuery(any_of=("fox", "wolf"))) == 3


def test_the_next_to_be_judged_waits_since_it_was_taken_in(store: Store, world: Any) -> None:
    assert store.waiting_since() is None
    world.collect(world.mention("1", "#login broken", "ann", 0))
    first = store.waiting_since()
    assert first is not None
    assert first >= MORNING
    world.triage()
    assert store.waiting_since() is None
