from __future__ import annotations

from typing import Any

import pytest

from listener.errors import Conflict, DeskError, NotFound

House = Any


@pytest.fixture
def issues(house: House, heard: Any) -> dict[str, Any]:
    ids = house.hear(
        heard("card never came", author="ann", issue=1),
        heard("still no card", author="ben", issue=1),
        heard("my card got lost in the post", author="", issue=1),
        heard("app crashes", author="zoe", issue=2),
    )
    return {"house": house, "mentions": ids, "desk": house.desk.issues, "store": house.store}


def members(store: Any, issue: int) -> list[int]:
    from listener.store.rows import Span

    return sorted(one.id for one in store.mentions(Span(), issue))


def test_a_name_given_by_a_person_stays_and_can_be_taken_back(issues: dict[str, Any]) -> None:
    issues["desk"].rename(1, "ann", "  Card arrives\n late ")
    row = issues["store"].issue(1)
    assert (row.title, row.titled_by) == ("Card arrives late", "ann")
    with pytest.raises(Conflict, match="has that title already"):
        issues["desk"].rename(1, "ann", "Card arrives late")
    issues["house"].desk.undo("ann", issue=1)
    assert issues["store"].issue(1).titled_by == ""


@pytest.mark.parametrize("title", ["", "  ", "x" * 201])
def test_a_title_is_neither_empty_nor_endless(issues: dict[str, Any], title: str) -> None:
    with pytest.raises(DeskError):
        issues["desk"].rename(1, "ann", title)


def test_a_merge_can_be_undone_by_either_number(issues: dict[str, Any]) -> None:
    before = members(issues["store"], 1)
    issues["desk"].merge(2, 1, "ann")
    assert issues["store"].issue(2).id == 1
    assert len(members(issues["store"], 1)) == 4
    with pytest.raises(Conflict, match="are one already"):
        issues["desk"].merge(2, 1, "ann")
    issues["house"].desk.undo("ann", issue=1)
    assert issues["store"].issue(2).id == 2
    assert members(issues["store"], 1) == before


def test_issues_of_two_brands_stay_apart(issues: dict[str, Any], heard: Any) -> None:
    issues["house"].hear(heard("rail is late", author="tom", issue=3), brand="Rail")
    with pytest.raises(DeskError, match="different brands stay apart"):
        issues["desk"].merge(3, 1, "ann")


def test_a_split_makes_a_new_issue_and_can_be_undone(issues: dict[str, Any]) -> None:
    lost = issues["mentions"][2]
    done = issues["desk"].split(1, [lost, lost], "ann")
    assert members(issues["store"], done.entity_id) == [lost]
    issues["house"].desk.undo("ann", issue=1)
    assert len(members(issues["store"], 1)) == 3


def test_a_split_moves_some_and_only_what_is_inside(issues: dict[str, Any]) -> None:
    with pytest.raises(DeskError, match="which mentions"):
        issues["desk"].split(1, [], "ann")
    with pytest.raises(DeskError, match=f"not in issue 1: mention {issues['mentions'][3]}"):
        issues["desk"].split(1, [issues["mentions"][3]], "ann")
    with pytest.raises(DeskError, match="all 3 mentions"):
        issues["desk"].split(1, issues["mentions"][:3], "ann")


def test_a_fix_names_those_to_be_told_and_drafts_for_each(issues: dict[str, Any]) -> None:
    desk = issues["desk"]
    assert all(not desk.notice(desk.issue(1), person) for person in desk.loop(1))
    desk.fix(1, "ann", "Cards go out within two days again.")
    row, people = desk.issue(1), desk.loop(1)
    assert [one.status for one in people] == ["untold", "untold", "unreachable"]
    drafts = [desk.notice(row, person) for person in people]
    assert "Hi @ann" in drafts[0]
    assert "Cards go out within two days again." in drafts[0]
    assert drafts[2] == ""
    with pytest.raises(Conflict, match="is fixed already"):
        desk.fix(1, "ann", "again")
    issues["house"].desk.undo("ann", issue=1)
    assert issues["store"].issue(1).state == "open"


def test_an_issue_does_not_close_silently_over_untold_people(issues: dict[str, Any]) -> None:
    desk = issues["desk"]
    desk.fix(1, "ann", "mended")
    with pytest.raises(Conflict, match="2 people who complained about issue 1 have not been told"):
        desk.close(1, "ann")
    done = desk.close(1, "ann", "all got a letter")
    assert done.note == "all got a letter (2 untold)"
    with pytest.raises(Conflict, match="closed already"):
        desk.close(1, "ann")
    desk.reopen(1, "ann")
    assert issues["store"].issue(1).state == "open"
    with pytest.raises(Conflict, match="is open"):
        desk.reopen(1, "ann")


def test_a_fix_says_what_was_mended(issues: dict[str, Any]) -> None:
    with pytest.raises(DeskError, match="the note is empty"):
        issues["desk"].fix(1, "ann", " ")


def test_unknown_issues_are_not_found(issues: dict[str, Any]) -> None:
    desk = issues["desk"]
    for act in (
        lambda: desk.rename(99, "ann", "x"),
        lambda: desk.merge(99, 1, "ann"),
        lambda: desk.merge(1, 99, "ann"),
        lambda: desk.split(99, [1], "ann"),
        lambda: desk.fix(99, "ann", "x"),
        lambda: desk.loop(99),
    ):
        with pytest.raises(NotFound, match="there is no issue 99"):
            act()
