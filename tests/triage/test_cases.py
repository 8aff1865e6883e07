"""The life of a case: legal moves, and which mention joins which case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.mention import Author, Mention, Thread
from triage.cases import (
    DONE,
    OPEN,
    SAME_TALK,
    CaseMove,
    CaseState,
    IllegalMove,
    OpenTalk,
    after,
    joins,
    legal_moves,
    opens_case,
)
from triage.verdict import Lane

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_a_case_from_new_to_resolved() -> None:
    state = CaseState.NEW
    for move, then in [
        (CaseMove.CLAIM, "answering"),
        (CaseMove.ANSWER, "waiting"),
        (CaseMove.HEAR, "new"),
        (CaseMove.CLAIM, "answering"),
        (CaseMove.LAPSE, "new"),
        (CaseMove.SNOOZE, "snoozed"),
        (CaseMove.WAKE, "new"),
        (CaseMove.RESOLVE, "resolved"),
        (CaseMove.REOPEN, "new"),
        (CaseMove.DISMISS, "dismissed"),
    ]:
        state = after(state, move)
        assert state == then


@given(st.sampled_from(CaseState), st.sampled_from(CaseMove))
def test_a_move_is_legal_or_says_what_is(state: CaseState, move: CaseMove) -> None:
    if move in legal_moves(state):
        assert after(state, move) in CaseState
    else:
        with pytest.raises(IllegalMove) as refused:
            after(state, move)
        assert all(legal.value in str(refused.value) for legal in legal_moves(state))


def test_an_agent_at_work_is_not_interrupted_by_the_customer() -> None:
    assert after(CaseState.ANSWERING, CaseMove.HEAR) is CaseState.ANSWERING


def test_a_done_case_can_only_be_reopened() -> None:
    assert set(CaseState) == OPEN | DONE
    assert all(legal_moves(state) == {CaseMove.REOPEN} for state in DONE)


def test_complaints_questions_and_ideas_open_a_case() -> None:
    assert {lane for lane in Lane if opens_case(lane)} == {
        Lane.COMPLAINT,
        Lane.QUESTION,
        Lane.IDEA,
    }


def mention(thread: Thread, at: timedelta = timedelta(0), author: str = "ann") -> Mention:
    return Mention("x", "9", "again", T0 + at, Author(author), thread=thread)


TALK = OpenTalk(1, "x", "ann", frozenset({"1", "2"}), T0)
LATER = OpenTalk(2, "x", "ann", frozenset({"5"}), T0 + timedelta(hours=1))


def test_the_same_conversation_continues_a_case_however_late() -> None:
    year = timedelta(days=365)
    assert joins(mention(Thread(root="1"), year), [TALK, LATER]) == TALK
    assert joins(mention(Thread(parent="2"), year), [TALK, LATER]) == TALK


def test_a_reply_in_a_conversation_we_do_not_hold_continues_the_latest_case() -> None:
    assert joins(mention(Thread(parent="77")), [TALK, LATER]) == LATER
    assert joins(mention(Thread(parent="77"), SAME_TALK), [TALK]) == TALK
    assert joins(mention(Thread(parent="77"), SAME_TALK + timedelta(seconds=1)), [TALK]) is None


def test_a_post_of_its_own_opens_a_case_of_its_own() -> None:
    assert joins(mention(Thread()), [TALK, LATER]) is None


@pytest.mark.parametrize("author", ["bob", ""])
def test_nobody_joins_another_persons_case(author: str) -> None:
    assert joins(mention(Thread(root="1"), author=author), [TALK]) is None
