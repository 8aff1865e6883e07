import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name

import pytest

from listener.plugins import load_plugins

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "sources.md").read_text("utf-8")


def test_the_table_on_the_page_is_what_the_types_say() -> None:
    spec = importlib.util.spec_from_file_location("make_sources", DOCS / "make_sources.py")
    assert spec is not None
    assert spec.loader is not None
    make_sources = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_sources)
    assert make_sources.page(TEXT) == TEXT, "run: python docs/make_sources.py"


@pytest.mark.parametrize("name", load_plugins().source_types())
def test_every_type_has_a_section_with_an_example(name: str) -> None:
    section = re.search(rf"(?ms)^## {name}\n(.*?)(?=^## |\Z)", TEXT)
    assert section is not None
    assert f"type: {name}" in section[1]


def classes(build: Callable[..., object]) -> list[object]:
    """What the function that builds a source names: a class by its address, or by an import."""
    said = [cell.cell_contents for cell in build.__closure__ or ()]
    if said:
        return [resolve_name(address) for address in said]
    names = build.__code__.co_names
    own = importlib.import_module(next(word for word in names if word.startswith("sources.")))
    return [value for key, value in vars(own).items() if key in names]


def test_a_type_says_rightly_whether_one_can_answer() -> None:
    """The function that builds a source names its class; nothing is configured here."""
    for name, kind in load_plugins().source_types().items():
        found = classes(kind.build)
        assert [hasattr(one, "reply_link") for one in found] == [kind.can_answer], name
