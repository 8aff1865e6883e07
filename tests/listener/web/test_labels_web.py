"""Labels through the API and in the pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

Program = Callable[..., TestClient]
SignIn = Callable[..., TestClient]


def test_a_program_puts_them_on_and_finds_by_them(program: Program, house: Any) -> None:
    case = house.open_case()
    house.open_case("another one", author="ben")
    ana = program("ana")
    answer = ana.post(f"/api/v1/cases/{case}/labels", json={"add": ["Refund", "vip"]})
    assert [row["note"] for row in answer.json()["items"]] == ["refund", "vip"]
    found = ana.get("/api/v1/cases", params={"label": "Refund"}).json()["items"]
    assert [(one["id"], one["labels"]) for one in found] == [(case, ["refund", "vip"])]
    assert len(ana.get("/api/v1/cases", params={"search": "label:vip"}).json()["items"]) == 1
    listed = ana.get("/api/v1/labels").json()["items"]
    assert listed[0] == {"label": "refund", "open_cases": 1, "cases": 1}
    again = ana.post(f"/api/v1/cases/{case}/labels", json={"add": ["vip"]})
    assert again.status_code == 409
    assert "is labelled so already" in again.json()["detail"]
    off = ana.post(f"/api/v1/cases/{case}/labels", json={"remove": ["vip"]}).json()["items"][0]
    assert ana.post(f"/api/v1/history/{off['id']}/undo").status_code == 200
    assert house.store.case(case).case.labels == ("refund", "vip")
    text = ana.get("/api/v1/exports/cases", params={"format": "csv"}).text
    row = next(one for one in csv.DictReader(io.StringIO(text)) if one["id"] == str(case))
    assert "refund" in row["labels"]


@pytest.mark.parametrize("label", ["", "<b>", "x" * 41, "a\u202eb"])
def test_what_is_no_label_is_refused(program: Program, house: Any, label: str) -> None:
    case = house.open_case()
    answer = program().post(f"/api/v1/cases/{case}/labels", json={"add": [label]})
    assert answer.status_code == 422
    assert house.store.case(case).case.labels == ()


def test_several_cases_at_once(program: Program, house: Any) -> None:
    cases = [house.open_case(f"post {n}", author=f"a{n}") for n in range(3)]
    bulk = {"cases": cases, "move": "label", "words": "outage"}
    assert program().post("/api/v1/bulk", json=bulk).json()["done"] == 3
    assert [one.open_cases for one in house.store.labels()] == [3]


def test_pages_show_put_on_and_take_off(signed_in: SignIn, house: Any) -> None:
    case = house.open_case()
    ana = signed_in()
    added = ana.post(f"/cases/{case}/label", data={"label": "Refund, big customer"})
    assert added.status_code == 303
    page = ana.get(added.headers["location"]).text
    assert 'href="/queue?q=label:big-customer"' in page
    assert "labelled" in page
    assert '<option value="refund">' in page
    listed = ana.get("/queue", params={"q": "label:refund"}).text
    assert f'data-id="{case}"' in listed
    assert ana.post(f"/cases/{case}/unlabel", data={"label": "refund"}).status_code == 303
    assert house.store.case(case).case.labels == ("big-customer",)
    wrong = ana.post(f"/cases/{case}/label", data={"label": "<script>"})
    assert (wrong.status_code, "is no label" in wrong.text) == (422, True)
    assert "<script>'" not in wrong.text


def test_chosen_rows_are_labelled_together(signed_in: SignIn, house: Any) -> None:
    cases = [house.open_case(f"post {n}", author=f"a{n}") for n in range(2)]
    ana = signed_in()
    data = {"case": cases, "label": "outage", "back": "/queue"}
    assert ana.post("/queue/bulk", data={**data, "move": "label"}).status_code == 303
    assert house.store.labels()[0].cases == 2
    assert ana.post("/queue/bulk", data={**data, "move": "unlabel"}).status_code == 303
    assert house.store.labels() == []
