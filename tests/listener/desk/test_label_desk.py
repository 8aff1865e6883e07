"""Labels at the desk: what may be one, and that they are moves like others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.desk.labels import LONGEST, MOST, label_name
from listener.desk.search import read_search
from listener.errors import Conflict, DeskError, NotFound, UsageError
from listener.store.rows import QueueQuery

House = Any


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Refund ", "refund"),
        ("Billing  Dispute", "billing-dispute"),
        ("VIP", "vip"),
        ("ﬁne", "fine"),
        ("2026/q3:a.b_c&d+e", "2026/q3:a.b_c&d+e"),
        ("возврат", "возврат"),
        ("払い戻し", "払い戻し"),
        ("STRASSE", "strasse"),
    ],
)
def test_a_label_is_kept_small(typed: str, kept: str) -> None:
    assert label_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "-x",
        "a,b",
        "a\x00b",
        "a\u202eb",
        "<b>",
        "x" * 41,
        "x" * 10**6,
        "🔥",
        "a\ud800",
        '"',
    ],
)
def test_what_is_no_label_is_refused(typed: str) -> None:
    with pytest.raises(DeskError, match="is no label") as refused:
        label_name(typed)
    assert len(str(refused.value)) < 400


@given(st.text(max_size=60))
def test_a_kept_label_stays_as_it_is_and_can_be_searched(typed: str) -> None:
    try:
        name = label_name(typed)
    except DeskError:
        return
    assert len(name) <= LONGEST
    assert label_name(name) == name
    search = read_search(f"label:{name}", QueueQuery(), "ann")
    assert (search.query.label, search.rest) == (name, None)


def test_labels_are_moves(house: House) -> None:
    case = house.open_case()
    done = house.desk.labels.add(case, "ann", ["Refund", "vip", "refund"])
    assert [row.note for row in done] == ["refund", "vip"]
    assert house.store.case(case).case.labels == ("refund", "vip")
    back = house.desk.undo("ann", case=case)
    assert back.undoes == done[-1].id
    assert house.store.case(case).case.labels == ("refund",)
    house.desk.labels.remove(case, "ben", ["refund"])
    assert house.store.case(case).case.labels == ()


def test_both_at_once(house: House) -> None:
    case = house.open_case()
    house.desk.labels.add(case, "ann", ["old", "kept"])
    house.desk.labels.change(case, "ann", ["new", "kept"], ["old", "other"])
    assert house.store.case(case).case.labels == ("kept", "new")
    for add, remove in ((["kept"], []), ([], ["gone"]), (["kept"], ["gone"])):
        with pytest.raises(Conflict, match="is labelled so already"):
            house.desk.labels.change(case, "ann", add, remove)
    with pytest.raises(DeskError, match="which label"):
        house.desk.labels.change(case, "ann", [], [])


def test_what_is_so_already_is_said(house: House) -> None:
    case = house.open_case()
    house.desk.labels.add(case, "ann", ["refund"])
    with pytest.raises(Conflict, match="has the label refund already"):
        house.desk.labels.add(case, "ben", ["refund"])
    with pytest.raises(Conflict, match="does not have the label vip"):
        house.desk.labels.remove(case, "ben", ["vip"])
    with pytest.raises(NotFound):
        house.desk.labels.add(999, "ben", ["vip"])
    with pytest.raises(DeskError, match="more than 20 labels"):
        house.desk.labels.add(case, "ben", [f"l{n}" for n in range(MOST)])


def test_nobody_s_lease_forbids_them(house: House) -> None:
    case = house.open_case()
    house.desk.cases.claim(case, "zoe")
    house.desk.labels.add(case, "ann", ["refund"])
    assert house.store.case(case).case.owner == "zoe"


def test_search_finds_them(house: House) -> None:
    case = house.open_case()
    house.open_case("on hold again", author="ben")
    house.desk.labels.add(case, "ann", ["billing dispute"])
    for typed in ("label:billing-dispute", 'label:"Billing Dispute"'):
        query = read_search(typed, QueueQuery(), "ann").query
        assert [one.id for one in house.store.queue(query)] == [case]
    with pytest.raises(UsageError, match="is no label"):
        read_search("label:<x>", QueueQuery(), "ann")
