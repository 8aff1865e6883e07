"""Every store: a case shows the conversation around it, whoever spoke."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from listener.store.protocol import Store
from sources.mention import Thread


def conversation(store: Store, world: Any, case_of: str) -> list[str]:
    rows = store.thread(world.case_of(case_of).id)
    return [row.mention.external_id for row in rows]


def test_who_spoke_in_the_same_conversation_in_order_of_time(store: Store, world: Any) -> None:
    world.hear(
        world.mention("1", minute=0),
        world.mention("4", "praise thanks", minute=30, thread=Thread("1", "3")),
        world.mention("2", "praise me too", author="ben", minute=10, thread=Thread("1", "1")),
        world.mention("3", "praise sorry!", author="acme", minute=20, thread=Thread("1", "2")),
        world.mention("9", author="cat"),
        replace(world.mention("8", author="dan", thread=Thread("1", "1")), kind="elsewhere"),
    )
    assert conversation(store, world, "1") == ["1", "2", "3", "4"]
    file = store.case(world.case_of("1").id)
    assert file is not None
    assert [row.mention.author.id for row in file.thread] == ["ann", "ben", "acme", "ann"]
    assert {row.brand for row in file.thread} == {"Acme"}
    assert conversation(store, world, "9") == ["9"]


def test_a_conversation_without_a_root_is_walked_by_its_answers(store: Store, world: Any) -> None:
    world.hear(
        world.mention("1"),
        world.mention("2", "praise", author="ben", minute=1, thread=Thread("", "1")),
        world.mention("3", author="cat", minute=2, thread=Thread("", "2")),
        world.mention("4", "praise", author="ben", minute=3, thread=Thread("", "3")),
    )
    for case in ("1", "3"):
        assert conversation(store, world, case) == ["1", "2", "3", "4"]


def test_what_is_about_no_brand_is_shown_too_each_once(store: Store, world: Any) -> None:
    world.hear(world.mention("1"))
    world.collect(world.mention("2", "praise", author="ben", minute=1, thread=Thread("1", "1")))
    world.triage(brands=("Zenith",))
    world.collect(world.mention("3", "praise", author="ben", minute=2, thread=Thread("1", "1")))
    world.triage(brands=("Acme", "Zenith"))
    world.collect(world.mention("4", "praise", author="ben", minute=3, thread=Thread("1", "1")))
    rows = store.thread(world.case_of("1").id)
    assert [(row.mention.external_id, row.brand) for row in rows] == [
        ("1", "Acme"),
        ("2", "Zenith"),
        ("3", "Acme"),
        ("4", ""),
    ]


def test_a_long_conversation_is_cut_and_a_ring_ends(store: Store, world: Any) -> None:
    world.hear(world.mention("0", thread=Thread("0", "299")))
    world.hear(
        *(
            world.mention(str(n), "praise", author="ben", minute=n, thread=Thread("0", str(n - 1)))
            for n in range(1, 300)
        )
    )
    shown = conversation(store, world, "0")
    assert len(shown) == 100
    assert shown[0] == "0"


def test_a_case_that_does_not_exist_has_none(store: Store) -> None:
    assert store.thread(7) == []


def test_what_a_person_talks_about_already(store: Store, world: Any) -> None:
    world.collect(world.mention("1"), world.mention("2", author="ben", thread=Thread("1", "1")))
    world.triage(brands=("Zenith", "Acme"))
    world.collect(world.mention("3", author="cat"))
    world.triage(brands=("",))
    world.collect(
        world.mention("4", "root", thread=Thread("1", "2")),
        world.mention("5", "parent", thread=Thread("", "1")),
        world.mention("6", "same thread", author="ben", thread=Thread("1", "4")),
        world.mention("7", "somebody else", author="dan", thread=Thread("1", "1")),
        world.mention("8", "another thread", thread=Thread("7", "7")),
        world.mention("9", "no thread"),
        world.mention("10", "nobody", author="", thread=Thread("1", "1")),
        world.mention("11", "about no brand", author="cat", thread=Thread("3", "3")),
        replace(world.mention("12", thread=Thread("1", "1")), kind="elsewhere"),
    )
    talks = store.talks(store.pending(100))
    assert talks == {4: ("Acme", "Zenith"), 5: ("Acme", "Zenith"), 6: ("Acme", "Zenith")}
    assert store.talks([]) == {}
