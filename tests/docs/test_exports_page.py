import importlib.util
from pathlib import Path

from listener.cli.export import FORMAT_NAMES, TABLE_NAMES
from listener.exports import FORMATS, TABLES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_tells_the_columns_that_are_written() -> None:
    spec = importlib.util.spec_from_file_location("make_exports", DOCS / "make_exports.py")
    assert spec is not None
    assert spec.loader is not None
    make_exports = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_exports)
    text = (DOCS / "exports.md").read_text("utf-8")
    assert make_exports.page(text) == text, "run: python docs/make_exports.py"


def test_the_command_offers_every_table_and_format() -> None:
    assert tuple(TABLES) == TABLE_NAMES
    assert tuple(FORMATS) == FORMAT_NAMES
