"""Whose post opens a case, whose joins one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from listener.config import QueueConfig
from listener.stages.casebook import CaseBook
from listener.store.rows import NewCase, OpenCase
from sources.mention import Author, Mention, Thread
from triage.judge import Judge
from triage.protocols import Placement
from triage.verdict import Lane, Verdict

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
COMPLAINT, PRAISE = Judge().judge(
    ["My card does not work, this is terrible and nobody answers", "Thank you, you are great!"]
)


def post(id: str, author: str = "ann", hours: float = 0, thread: Thread | None = None) -> Mention:
    at = AT + timedelta(hours=hours)
    return Mention("forum", id, "text", at, Author(author), thread=thread or Thread())


def book(*known: OpenCase) -> CaseBook:
    return CaseBook(known, QueueConfig())


def enter(
    cases: CaseBook, id: int, mention: Mention, verdict: Verdict = COMPLAINT, copy_of: int = 0
) -> NewCase | None:
    return cases.enter(id, mention, verdict, Placement(id, 1, 1.0, duplicate_of=copy_of))


def test_the_lanes_that_need_an_answer_open_a_case() -> None:
    assert COMPLAINT.lane is Lane.COMPLAINT
    opened = enter(book(), 1, post("a"))
    assert opened is not None
    assert (opened.joins, opened.lane, opened.opened_at) == (0, "complaint", AT)
    assert opened.due_at is not None
    assert opened.due_at > AT
    assert enter(book(), 1, post("a"), PRAISE) is None


def test_nobody_promised_an_answer_before_anybody_listened() -> None:
    began = AT + timedelta(days=90)
    cases = CaseBook((), QueueConfig(), (), {"archive": began}.get)
    old = cases.enter(1, post("a"), COMPLAINT, None, "archive")
    assert old is not None
    fresh = cases.enter(2, post("b", "ben", hours=24 * 91), COMPLAINT, None, "archive")
    assert fresh is not None
    elsewhere = cases.enter(3, post("c", "cat"), COMPLAINT, None, "blog")
    assert elsewhere is not None
    assert old.due_at is not None
    assert (old.opened_at, old.waits_from) == (AT, began)
    assert old.due_at > began
    assert (fresh.waits_from, elsewhere.waits_from) == (None, None)
    assert elsewhere.due_at == AT + (old.due_at - began)


def test_later_words_in_the_conversation_join_the_case_even_a_thank_you() -> None:
    cases = book()
    enter(cases, 1, post("a"))
    joined = enter(cases, 2, post("b", hours=50, thread=Thread("a", "a")), PRAISE)
    assert joined is not None
    assert joined.joins == 1
    third = enter(cases, 3, post("c", hours=100, thread=Thread("a", "b")))
    assert third is not None
    assert third.joins == 1


def test_somebody_else_in_the_same_conversation_has_a_case_of_their_own() -> None:
    cases = book()
    enter(cases, 1, post("a"))
    other = enter(cases, 2, post("b", author="ben", thread=Thread("a", "a")))
    assert other is not None
    assert other.joins == 0


def test_a_reply_in_a_conversation_we_do_not_hold_joins_within_three_days() -> None:
    for hours, joins in ((70, 1), (75, 0)):
        cases = book()
        enter(cases, 1, post("a"))
        case = enter(cases, 2, post("b", hours=hours, thread=Thread("x", "y")))
        assert case is not None
        assert case.joins == joins


def test_a_case_that_was_open_before_the_batch_is_joined() -> None:
    known = OpenCase(9, 40, "Acme", "forum", "ann", frozenset({"a"}), AT)
    case = enter(book(known), 50, post("b", thread=Thread("a", "a")))
    assert case is not None
    assert case.joins == 40


def test_copies() -> None:
    cases = book()
    enter(cases, 1, post("a"))
    own = enter(cases, 2, post("b", hours=200), copy_of=1)
    assert own is not None
    assert own.joins == 1, "one's own words again are more of the same case"
    other = enter(cases, 3, post("c", author="ben"), copy_of=1)
    assert other is not None
    assert other.joins == 0, "the same words from another customer are another case"
    assert enter(cases, 4, post("d", author=""), copy_of=1) is None, "nobody signed it"
    repost = Mention("forum", "e", "RT @ann: text", AT, Author("cat"))
    assert enter(cases, 5, repost, copy_of=1) is None


def test_posts_that_somebody_starts_are_counted_what_they_answer_is_not() -> None:
    cases = book()
    enter(cases, 1, post("a"))
    enter(cases, 2, post("b", hours=1, thread=Thread("a", "a")))
    enter(cases, 3, post("c", hours=2))
    assert cases.person(post("d", hours=3)).posts == 3
    assert cases.person(post("e", hours=3, thread=Thread("c", "c"))).posts == 2
    assert cases.person(post("c", hours=2)).posts == 2
    assert cases.person(post("f", hours=24 * 30)).posts == 1
    assert cases.person(post("g", author="ben")).posts == 1


def test_posts_before_the_batch_count_too_and_reach_is_known() -> None:
    known = OpenCase(9, 40, "Acme", "forum", "ann", frozenset({"a"}), AT, started=2)
    author = Author("ann", followers=5_000)
    person = book(known).person(Mention("forum", "b", "text", AT, author))
    assert (person.posts, person.followers) == (3, 5_000)
