from __future__ import annotations

from typing import Any

import pytest

from listener.errors import Conflict, DeskError, NotFound
from listener.store.grouping import SuggestionRow
from listener.store.rows import Span

House = Any


@pytest.fixture
def groups(house: House, heard: Any) -> dict[str, Any]:
    ids = house.hear(
        heard("card never came", author="ann", issue=1),
        heard("still no card", author="ben", issue=1),
        heard("my card got lost in the post", author="cy", issue=1),
        heard("app crashes", author="zoe", issue=2),
        heard("the app crashes again", author="ann", issue=2),
    )
    return {"house": house, "ids": ids, "desk": house.desk.groups, "store": house.store}


def members(store: Any, issue: int) -> list[int]:
    return sorted(one.id for one in store.mentions(Span(), issue))


def suggest(groups: dict[str, Any], rule: str = "merge", mentions: tuple[int, ...] = ()) -> int:
    row = SuggestionRow(
        *(0, "Acme", rule, 2 if rule == "merge" else 1, 1 if rule == "merge" else 0, mentions),
        *("75% of its 2 latest posts", "open", groups["house"].clock(), "", None),
    )
    assert groups["store"].suggest([row]) == 1
    return int(groups["store"].suggestions()[-1].id)


def test_moved_mentions_stay_and_all_moves_are_taken_back_at_once(groups: dict[str, Any]) -> None:
    one, two, three, *_ = groups["ids"]
    before = members(groups["store"], 1)
    groups["desk"].move(1, [one], 2, "ann")
    groups["desk"].move(1, [two], 2, "ann")
    assert members(groups["store"], 1) == [three]
    with pytest.raises(DeskError, match="some to"):
        groups["desk"].move(1, [three], 2, "ann")
    with pytest.raises(DeskError, match="which mentions"):
        groups["desk"].move(1, [], 2, "ann")
    taken = groups["house"].desk.undo_all("ann", 1)
    assert [row.action for row in taken] == ["undo", "undo"]
    assert members(groups["store"], 1) == before
    with pytest.raises(NotFound):
        groups["house"].desk.undo_all("ann", 1)


def test_links_between_mentions_and_issues(groups: dict[str, Any]) -> None:
    one, two, _, four, _ = groups["ids"]
    desk, store = groups["desk"], groups["store"]
    row = desk.link(one, two, "ann", together=True)
    desk.link_issues(1, 2, "ann", together=False)
    assert sorted(link.rule for link in store.links("Acme")) == ["cannot", "must"]
    groups["house"].desk.undo("ann", history=row.id)
    assert [link.rule for link in store.links("Acme")] == ["cannot"]
    with pytest.raises(DeskError, match="with itself"):
        desk.link(four, four, "ann", together=True)
    with pytest.raises(NotFound):
        desk.link(999, four, "ann", together=True)
    desk.link_issues(2, 1, "ann", together=True)
    assert store.issue(2).id == 1
    with pytest.raises(Conflict, match="split it first"):
        desk.link_issues(2, 1, "ann", together=False)


def test_a_suggestion_comes_with_what_speaks_for_it(groups: dict[str, Any]) -> None:
    suggest(groups)
    [evidence] = groups["desk"].suggestions("Acme")
    assert evidence.people_in_both == 1
    assert evidence.examples == ("app crashes", "the app crashes again")
    assert len(evidence.other_examples) == 3


def test_an_accepted_merge_is_made_and_can_be_taken_back(groups: dict[str, Any]) -> None:
    number = suggest(groups)
    done = groups["desk"].accept(number, "ann")
    assert groups["store"].issue(2).id == 1
    assert groups["store"].suggestions(state="accepted")[0].actor == "ann"
    with pytest.raises(Conflict, match="accepted already by ann"):
        groups["desk"].accept(number, "ann")
    with pytest.raises(NotFound):
        groups["desk"].accept(number + 1, "ann")
    groups["house"].desk.undo("ann", history=done.id)
    assert groups["store"].issue(2).id == 2
    assert [one.suggestion.id for one in groups["desk"].suggestions()] == [number]


def test_a_suggestion_whose_issues_have_changed_does_nothing(groups: dict[str, Any]) -> None:
    one, *_ = groups["ids"]
    merge, split = suggest(groups), suggest(groups, "split", (one,))
    groups["desk"].move(1, [one], 2, "bo")
    with pytest.raises(Conflict, match="have been moved since"):
        groups["desk"].accept(split, "ann")
    groups["house"].desk.issues.merge(2, 1, "bo")
    for decide in (groups["desk"].accept, groups["desk"].dismiss):
        with pytest.raises(NotFound, match="have changed since"):
            decide(merge, "ann")
    groups["house"].desk.undo("bo", issue=1)
    assert [row.id for row in groups["store"].suggestions()] == [merge, split]


def test_an_accepted_split_takes_what_is_still_there(groups: dict[str, Any]) -> None:
    one, two, three, *_ = groups["ids"]
    number = suggest(groups, "split", (one, two))
    [evidence] = groups["desk"].suggestions()
    assert (len(evidence.examples), len(evidence.other_examples)) == (1, 2)
    groups["desk"].move(1, [two], 2, "bo")
    done = groups["desk"].accept(number, "ann")
    assert members(groups["store"], done.entity_id) == [one]
    assert members(groups["store"], 1) == [three]


def test_a_dismissed_suggestion_can_be_called_back(groups: dict[str, Any]) -> None:
    number = suggest(groups)
    done = groups["desk"].dismiss(number, "ann")
    assert groups["desk"].suggestions() == []
    groups["house"].desk.undo("ann", history=done.id)
    assert len(groups["desk"].suggestions()) == 1
