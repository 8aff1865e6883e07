"""The search of the queue reads what people type, or says what it would have understood."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from listener.desk.search import IS, find, read_search
from listener.errors import UsageError
from listener.store.rows import QueueQuery


def read(text: str) -> QueueQuery:
    found = read_search(text, QueueQuery(), "ana")
    assert found.rest is None
    return found.query


def test_filters_and_words() -> None:
    assert read("refund is:vigilante owner:me card") == QueueQuery(
        vigilante="likely", owner="ana", search="refund card"
    )
    assert read('source:"bank forum" lane:idea issue:12') == QueueQuery(
        source="bank forum", lane="idea", issue=12
    )
    assert read("is:mine") == QueueQuery(view="mine", owner="ana")
    assert read("IS:done before:2026-11-20") == QueueQuery(
        view="done", before=datetime(2026, 11, 20, tzinfo=UTC)
    )
    assert read("not is:new") == QueueQuery(search="not")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("is:urgent", "open, mine"),
        ("lane:anger", "complaint, question"),
        ("issue:ten", "issue:12"),
        ("before:tuesday", "before:2026-11-20"),
        ('"never closed', "character"),
    ],
)
def test_what_means_nothing_is_told_with_what_would(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_search(text, QueueQuery(), "ana")


@given(st.text(max_size=200))
@example('is: owner: "" issue:١ before:9999-99-99')
@example("NEAR/99999999999 ((((")
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    with suppress(UsageError):
        read_search(text, QueueQuery(), "ana")


def test_operators_look_at_every_case_of_the_view(furnish: Any) -> None:
    house = furnish()
    for text, authors in {
        '"on hold" AND NOT terrible': ["@ben"],
        "maria OR address": ["@chloe_with_a_rather_long_handle"],
        "lane:complaint NOT minutes": ["@maria"],
        "hol": ["@maria", "@ben"],
        "(card OR hold) lane:question": ["@chloe_with_a_rather_long_handle"],
    }.items():
        found = find(house.store, read_search(text, QueueQuery(), "ana"))
        assert [case.author for case in found] == authors, text


def test_every_word_after_is_is_understood() -> None:
    for word in IS:
        read(f"is:{word}")


def test_of_a_long_search_only_the_part_with_the_mistake_is_shown() -> None:
    with pytest.raises(UsageError) as told:
        read_search(f"{'refund OR ' * 500}AND{' OR card' * 500}", QueueQuery(), "ana")
    assert "AND OR card" in str(told.value)
    assert len(str(told.value)) < 300
