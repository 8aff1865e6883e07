from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.embedding import SHA256, TABLE, ModelDamagedError, StaticEmbedder
from triage.wordpiece import MOST_ROWS, words_of

HOSTILE = [
    "",
    "\x00" * 50,
    "\ud800\udfff",
    "😡" * 5_000,
    "\u202eevil\u202c \u200b\u200bzero",
    "a" * 1_000_000,
    "love a " * 4_000,
    "@" * 100_000,
    "rt " * 50_000,
    "http" * 50_000,
    "\u0301" * 10_000,
    "ﷺ" * 4_000,
]


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


def cosine(one: bytes, other: bytes) -> float:
    a, b = (np.frombuffer(v, np.int8).astype(np.float64) for v in (one, other))
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_like_meanings_lie_close(embedder: StaticEmbedder) -> None:
    declined, rejected, crash, french = embedder.embed(
        [
            "My card was declined at the supermarket",
            "the shop rejected my card payment",
            "your app crashes every time I open it",
            "@acme my CARD was declined at the supermarket!! https://example.org/x",
        ]
    )
    assert cosine(declined, rejected) > cosine(declined, crash) + 0.2
    assert cosine(declined, french) > 0.95


def test_words_of_other_alphabets_meet(embedder: StaticEmbedder) -> None:
    one, same, other = embedder.embed(
        ["не работает приложение", "приложение опять не работает", "где моя посылка"]
    )
    assert cosine(one, same) > cosine(one, other)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_too_much(embedder: StaticEmbedder, text: str) -> None:
    (vector,) = embedder.embed([text])
    assert len(vector) == embedder.dimensions
    assert any(vector) or not any(word.isalnum() for word in words_of(text))


@given(st.lists(st.text(), max_size=8))
def test_a_vector_depends_on_its_text_alone(embedder: StaticEmbedder, texts: list[str]) -> None:
    assert embedder.embed(texts) == [embedder.embed([text])[0] for text in texts]
    assert embedder.embed(texts[::-1]) == embedder.embed(texts)[::-1]


def test_vectors_stay_what_they_were(embedder: StaticEmbedder) -> None:
    vectors = embedder.embed(["Refund never arrived", "Wie kündige ich?", "支付失败了怎么办"])
    found = hashlib.sha256(b"".join(vectors)).hexdigest()
    assert found == "a184376d50a9cff9231a3f8dd9111db063c4e3681e51faaff6e13b9e67637699"


def test_sums_are_exact_in_single_precision(embedder: StaticEmbedder) -> None:
    with np.load(TABLE, allow_pickle=False) as arrays:
        table, scale = arrays["table"], arrays["scale"]
    assert table.dtype == np.int8
    assert table.nbytes <= 8_400_000
    assert int(np.abs(table.astype(np.int32)).max()) * int(scale.max()) * MOST_ROWS < 2**24


def test_a_changed_or_missing_table_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / "embedding.npz"
    with pytest.raises(ModelDamagedError, match="install the package again"):
        StaticEmbedder(changed)
    changed.write_bytes(TABLE.read_bytes()[:-1])
    with pytest.raises(ModelDamagedError, match=f"expected {SHA256[:12]}"):
        StaticEmbedder(changed)
