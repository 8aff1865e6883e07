"""Which texts the embedding is learnt from: public sets, sentences of documentation, parts of both.

Parts of two to eight words teach what words mean together; sentences of documentation bring the
words of software, which the sets hardly have. No label is read.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import random
import re
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

from triage.wordpiece import strip_links_and_names, words_of

FILES: dict[str, Callable[[dict[str, str]], bool]] = {
    "sentiment/semeval_train": lambda _: True,
    "sentiment/umsab_train": lambda row: row["lang"] not in ("arabic", "hindi"),
    "sentiment/sts_gold": lambda _: True,
    "complaints/acl2019_given": lambda _: True,
    "intents/app_reviews_clap": lambda _: True,
    "intents/github_issues_train": lambda _: True,
    "intents/banking77_train": lambda _: True,
    "intents/clinc150": lambda row: row["split"] != "test",
    "spam/youtube_given": lambda _: True,
    "relevance/crisis_given": lambda _: True,
}
CUT = {"intents/app_reviews_clap", "intents/github_issues_train"}
DOCUMENTED = ("numpy", "scipy", "sklearn")  # besides Python's own library
PARTS_OF = 70_000
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[\r\n]+")
_MARKUP = re.compile(r"<!--.*?-->|```.*?```", re.DOTALL)


def training_texts(data: Path) -> list[str]:
    """Every text once, in a fixed order: of the sets, of documentation, then the parts."""
    seen: set[str] = set()

    def new(text: str) -> bool:
        key = " ".join(words_of(text))
        if not key or key in seen:
            return False
        seen.add(key)
        return True

    of_sets = [text for text in _of_sets(data) if new(text)]
    of_documentation = [text for text in _of_documentation() if new(text)]
    chance = random.Random(3)
    whole = chance.sample(of_sets, PARTS_OF) + of_documentation
    return of_sets + of_documentation + [text for text in _parts(whole, chance) if new(text)]


def _of_sets(data: Path) -> Iterator[str]:
    """The texts without links and names; reports also sentence by sentence."""
    for name, wanted in FILES.items():
        with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if not wanted(row):
                    continue
                text = strip_links_and_names(_MARKUP.sub(" ", row["text"]))
                parts = [part for part in _SENTENCE.split(text) if len(part) > 15][:20]
                whole = " ".join(text[:600].split())
                for piece in [whole, *(parts if name in CUT else [])]:
                    yield " ".join(piece.split())[:600]


def _of_documentation() -> Iterator[str]:
    """Plain sentences of docstrings."""
    for root in _documented():
        for file in sorted(root.rglob("*.py")):
            inner = file.relative_to(root).parts
            if any(part == "site-packages" or part.startswith("test") for part in inner):
                continue
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, ValueError):
                continue  # some files of the library are wrong on purpose
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                    yield from _sentences(ast.get_docstring(node) or "")


def _documented() -> Iterator[Path]:
    yield Path(sysconfig.get_paths()["stdlib"])
    for name in DOCUMENTED:
        found = importlib.util.find_spec(name)
        if found and found.origin:
            yield Path(found.origin).parent


def _sentences(docstring: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", docstring)[:4]:
        for sentence in re.split(r"(?<=[.!?])\s+", " ".join(paragraph.split()))[:3]:
            plain = sum(letter.isalpha() or letter == " " for letter in sentence)
            if 25 < len(sentence) < 200 and ">>>" not in sentence and plain > 0.85 * len(sentence):
                yield sentence


def _parts(texts: list[str], chance: random.Random) -> Iterator[str]:
    """Two to eight words in a row of each text that has at least six."""
    for text in texts:
        words = text.split()
        if len(words) >= 6:
            size = chance.randint(2, 8)
            start = chance.randint(0, max(0, len(words) - size))
            yield " ".join(words[start : start + size])
