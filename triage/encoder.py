"""The quality tier: a sentence encoder that reads a post once, for judging and for grouping.

all-MiniLM-L6-v2 fine-tuned for all heads at once. It comes as a package of its own
(`models/encoder`, with its card) and needs onnxruntime; neither is loaded before it is asked for.
`training/encoder` rebuilds it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from triage.embedding import ModelDamagedError
from triage.encoder_tokens import EncoderTokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PACKAGE = "complaint_listener_encoder"
SHA256 = "3b1250de56bcd6ef855d24e7eb6ad9c20de490eadb76942b5f8862d2bde06d2e"
MODEL = f"encoder-minilm-{SHA256[:12]}"
INSTALL = "pip install 'complaint-listener[minilm]' ./models/encoder"
MOST_KEPT = 1_024


class EncoderMissingError(Exception):
    """The quality tier is asked for and not installed; the message tells the command that helps."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What one pass over a post found: its vector in bytes, and a margin for each of the heads."""

    vector: bytes
    margins: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """A loaded model: an onnxruntime session, its vocabulary and the names of its heads."""

    session: Any
    vocabulary: dict[str, int]
    names: tuple[str, ...]
    version: str


def installed() -> bool:
    """Whether the quality tier can be had here; imports nothing of it."""
    return find_spec(PACKAGE) is not None and find_spec("onnxruntime") is not None


class PostEncoder:
    """Reads posts, one a call: what it says of a post never depends on the posts beside it.

    Also an `Embedder` of 384 dimensions. The last 1,024 posts are kept, so that whoever asks for
    the margins and then for the vectors pays once. A text without any letter, digit or sign has the
    zero vector. On another kind of processor the last digits may differ: keep what it said. Never
    raises for any text; one instance, one thread.
    """

    dimensions = 384

    def __init__(self, model: EncoderModel | None = None) -> None:
        """The installed model unless another is given; raises EncoderMissingError without one."""
        self._model = packaged() if model is None else model
        self._tokens = EncoderTokens(self._model.vocabulary)
        self._kept: dict[tuple[int, ...], Encoded] = {}
        self.names = self._model.names
        self.model = self._model.version

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """One vector per text, in order: 384 signed bytes, the largest of them ±127."""
        return [self.read(text).vector for text in texts]

    def read(self, text: str) -> Encoded:
        """The vector and the margins of a post, in the order of `names`."""
        ids = self._tokens.ids(text)
        said = tuple(ids)
        found = self._kept.get(said)
        if found is None:
            found = self._read(ids)
            if len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[said] = found
        return found

    def _read(self, ids: list[int]) -> Encoded:
        vector, margins = self._model.session.run(
            ("vector", "margins"), {"ids": np.array(ids, np.int64)}
        )
        said = tuple(np.round(margins.astype(np.float64), 3).tolist())
        return Encoded(_in_bytes(vector) if len(ids) > 2 else bytes(self.dimensions), said)


def _in_bytes(vector: NDArray[np.float32]) -> bytes:
    peak = float(np.abs(vector).max())
    return bytes(np.rint(vector * np.float32(127.0 / peak)).astype(np.int8).tobytes())


@cache
def packaged() -> EncoderModel:
    """The installed model, read once; raises EncoderMissingError or ModelDamagedError."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderMissingError(
            f"the quality tier is not installed: {INSTALL}, or judging.tier: small"
        )
    return load(Path(spec.origin).parent, SHA256)


def load(folder: Path, sha256: str | None = None) -> EncoderModel:
    """Read `encoder.onnx` and `vocabulary.txt` of a folder.

    Raises EncoderMissingError without onnxruntime, and ModelDamagedError when a file is missing or
    the two are not those expected.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise EncoderMissingError(
            f"the quality tier needs onnxruntime: {INSTALL}, or judging.tier: small"
        ) from error
    try:
        graph = (folder / "encoder.onnx").read_bytes()
        words = (folder / "vocabulary.txt").read_bytes()
    except OSError as error:
        raise ModelDamagedError(f"{error.filename}: {error.strerror}; {INSTALL}") from error
    found = hashlib.sha256(graph + words).hexdigest()
    if sha256 is not None and found != sha256:
        raise ModelDamagedError(
            f"{folder}: checksum {found[:12]}…, expected {sha256[:12]}…; {INSTALL}"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    names = session.get_modelmeta().custom_metadata_map["names"].split("\n")
    vocabulary = {word: at for at, word in enumerate(words.decode().split("\n"))}
    return EncoderModel(session, vocabulary, tuple(names), f"encoder-minilm-{found[:12]}")
