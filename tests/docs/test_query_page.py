"""The example of `listener sources try` on the page about queries is what the program prints."""

import json
import shlex
from pathlib import Path

from click.testing import CliRunner

from listener.cli import cli

PAGE = Path(__file__).parents[2] / "docs" / "query.md"
POSTS = (
    ("ann", "On hold with Acme Bank for hours"),
    ("ben", "Acme Bank jobs: we are hiring"),
    ("eve", "nice weather"),
)


def test_the_example_is_what_the_program_prints(tmp_path: Path) -> None:
    example = PAGE.read_text("utf-8").partition("```\n$ listener ")[2].partition("```")[0]
    command, _, printed = example.partition("\n")
    lines = [json.dumps({"author": author, "text": text}) for author, text in POSTS]
    (tmp_path / "posts.jsonl").write_text("\n".join(lines))
    words = shlex.split(command.replace("posts.jsonl", str(tmp_path / "posts.jsonl")))
    assert CliRunner().invoke(cli, words).stdout == printed
