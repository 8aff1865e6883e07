"""Every error that a person can meet says what to type next."""

import ast
from pathlib import Path

import pytest

from listener import errors

LISTENER = Path(__file__).parents[2] / "listener"
SPOKEN = ("cli", "config", "desk", "fleet", "measuring", "stages")
FILES = sorted(path for folder in SPOKEN for path in (LISTENER / folder).rglob("*.py"))
NAMES = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ListenerError)
}


def without_hint(path: Path) -> list[str]:
    """Where an error is made of a sentence alone."""
    return [
        f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in NAMES
        and len(node.args) + len(node.keywords) < 2
        and not any(isinstance(one, ast.Starred) for one in node.args)
    ]


def test_the_rule_finds_an_error_without_a_hint(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(
        'raise UsageError("no")\nraise UsageError("no", "yes")\nraise NotFound(*both)\n'
    )
    assert without_hint(file) == ["one.py:1: UsageError('no')"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LISTENER)))
def test_an_error_names_the_next_command(path: Path) -> None:
    assert without_hint(path) == []
