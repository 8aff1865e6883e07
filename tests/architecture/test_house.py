"""Rules of the house that a machine can check."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(p for top in ("sources", "triage", "listener") for p in (ROOT / top).rglob("*.py"))
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "base", "misc"}


def test_there_is_a_product_to_check() -> None:
    assert len(PRODUCT) > 30


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_is_named_after_a_noun_and_holds_no_stub(path: Path) -> None:
    assert path.stem.strip("_") not in FORBIDDEN_NAMES
    text = path.read_text("utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text)
    assert len(text.splitlines()) <= 400, "two nouns in one file?"


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_fit_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 60, (
                f"{path.name}: {node.name} is too long"
            )


def test_only_the_configuration_reads_the_environment() -> None:
    allowed = {"listener/config/environment.py"}
    for path in PRODUCT:
        name = str(path.relative_to(ROOT))
        if name not in allowed:
            reads = r"\bos\.(environ(?!\.setdefault)|getenv)\b"
            assert not re.search(reads, path.read_text("utf-8")), name


def test_only_two_clocks_ask_for_the_time() -> None:
    clocks = {
        "listener/app.py",
        "sources/http/fetch.py",
    }  # the program's, and the fetcher's default
    for path in PRODUCT:
        if path.relative_to(ROOT).as_posix() not in clocks:
            text = path.read_text("utf-8")
            assert not re.search(r"\b(datetime\.(now|utcnow)|time\.time)\(", text), path
