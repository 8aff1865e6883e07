from __future__ import annotations

from typing import Any

import pytest

from listener.desk import Desk
from listener.errors import Conflict, DeskError, NotFound
from sources.mention import Mention

House = Any


def states(house: House, case: int) -> list[tuple[str, str]]:
    return [(one.kind, one.state) for one in house.store.replies(case)]


def test_a_reply_is_drafted_approved_and_marked_as_sent(house: House) -> None:
    case = house.open_case()
    house.desk.replies.draft(case, "ann", "  Sorry! We are on it. ")
    assert house.store.replies(case)[0].text == "Sorry! We are on it."
    assert states(house, case) == [("reply", "draft")]
    house.desk.replies.approve(case, "lead")
    assert states(house, case) == [("reply", "approved")]
    done = house.desk.replies.sent(case, "ann")
    assert done.note == "sent by hand"
    assert states(house, case) == [("reply", "sent")]
    assert house.store.case(case).case.state == "waiting"


def test_a_draft_that_nobody_approved_cannot_have_been_sent(house: House) -> None:
    case = house.open_case()
    with pytest.raises(DeskError, match="has no reply to mark as sent"):
        house.desk.replies.sent(case, "ann")
    house.desk.replies.draft(case, "ann", "Sorry")
    with pytest.raises(Conflict, match="is draft, not approved") as caught:
        house.desk.replies.sent(case, "ann")
    assert caught.value.hint == f"listener queue reply {case} --approve"
    with pytest.raises(NotFound, match="has no reply 77"):
        house.desk.replies.approve(case, "ann", 77)


def test_an_undone_draft_is_cancelled_and_cannot_be_approved(house: House) -> None:
    case = house.open_case()
    house.desk.replies.draft(case, "ann", "Sorry")
    house.desk.undo("ann", case=case)
    with pytest.raises(Conflict, match="is cancelled"):
        house.desk.replies.approve(case, "lead")


@pytest.mark.parametrize("text", ["", " \t\n", "\x00\x00", "\u200b\u200e"])
def test_an_empty_reply_is_refused(house: House, text: str) -> None:
    case = house.open_case()
    for keep in (house.desk.replies.draft, house.desk.replies.note):
        with pytest.raises(DeskError, match="is empty"):
            keep(case, "ann", text)
    assert states(house, case) == []


def test_an_endless_reply_is_refused(house: House) -> None:
    case = house.open_case()
    with pytest.raises(DeskError, match="has 10,001 characters, at most 10,000"):
        house.desk.replies.draft(case, "ann", "a" * 10_001)


def test_a_colleague_may_note_but_not_answer(house: House) -> None:
    case = house.open_case()
    house.desk.cases.claim(case, "zoe")
    house.desk.replies.note(case, "ann", "seen this before")
    with pytest.raises(Conflict, match="zoe has case"):
        house.desk.replies.draft(case, "ann", "Sorry")


def test_the_link_is_the_sources_own_or_the_posts(house: House) -> None:
    case = house.open_case()

    class Forum:
        def reply_link(self, mention: Mention) -> str:
            return f"https://forum.example/reply/{mention.external_id}"

    assert house.desk.replies.link(case) == "https://reddit.example/r/acme/1"
    assert house.desk.replies.link(case, Forum()) == "https://forum.example/reply/p1"
    nowhere = house.open_case(url="", author="other")
    with pytest.raises(DeskError, match="has no address"):
        house.desk.replies.link(nowhere)


def test_of_two_who_answer_at_once_one_does(house: House) -> None:
    case = house.open_case()
    for who in ("ann", "bob"):
        house.desk.replies.draft(case, who, f"Hello from {who}")
        house.desk.replies.approve(case, "lead")
    one, other = house.store.replies(case)
    seen = house.store.case(case)

    class Meanwhile(type(house.store)):  # type: ignore[misc]
        """A store in which somebody else is faster between the look and the move."""

        def move_all(self, moves: object) -> object:
            house.desk.replies.sent(case, "ann", one.id)
            return super().move_all(moves)

    slow = Meanwhile(house.store.path)  # type: ignore[attr-defined]
    with slow, pytest.raises(Conflict, match="ann made the move"):
        Desk(slow, house.config, house.clock).replies.sent(case, "bob", other.id)
    assert seen is not None
    assert states(house, case) == [("reply", "sent"), ("reply", "approved")]
