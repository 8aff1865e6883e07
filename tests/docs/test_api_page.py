"""The API is described as it is."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def make_api() -> Any:
    spec = importlib.util.spec_from_file_location("make_api", DOCS / "make_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_description_is_the_servers(make_api: Any) -> None:
    found = make_api.description()
    committed = (DOCS / "openapi.json").read_text("utf-8")
    assert make_api.written(found) == committed, "run: python docs/make_api.py"
    text = (DOCS / "api.md").read_text("utf-8")
    assert make_api.page(text, found) == text, "run: python docs/make_api.py"


def test_every_route_says_what_it_does_and_what_can_go_wrong(make_api: Any) -> None:
    found = make_api.description()
    assert len(found["paths"]) > 40
    for path, item in found["paths"].items():
        for method in set(item) & set(make_api.METHODS):
            operation = item[method]
            assert operation["description"], path
            assert {"401", "403", "503"} <= operation["responses"].keys(), path
            keyed = "Idempotency-Key" in str(operation.get("parameters"))
            assert keyed is (method != "get"), path
