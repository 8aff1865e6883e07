"""The posts of a brand that are live: who they are, which issue each is in, what it is tied to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zlib import compress, decompress

import numpy as np
from numpy.typing import NDArray

from triage.nearest import Found
from triage.reading import Reading

KEPT_TEXT = 960  # characters: more than the words that naming counts
SEPARATOR = "\x1e"

Arrays = Mapping[str, NDArray[np.generic]]


class LivePosts:
    """Columns of the live posts by slot, in order of arrival. One instance, one thread."""

    def __init__(self, neighbours: int, room: int) -> None:
        """`room` posts fit; each is tied to `neighbours` earlier ones at most."""
        self.ids = np.zeros(room, np.int64)
        self.issues = np.zeros(room + 1, np.int64)  # the last is nobody's
        self.slots = np.full((room, neighbours), -1, np.int32)
        self.products = np.zeros((room, neighbours), np.float32)
        self.texts: list[str] = []
        self.close: list[float] = []

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def room(self) -> int:
        """How many posts fit."""
        return len(self.ids)

    def add(self, reading: Reading, issue: int, close: float) -> None:
        """Take in a post; `tie` says afterwards what it is tied to."""
        slot = len(self.texts)
        self.ids[slot], self.issues[slot] = reading.post.id, issue
        self.texts.append(reading.text[:KEPT_TEXT])
        self.close.append(close)

    def tie(self, start: int, found: Found) -> None:
        """Set the ties of the posts from this slot on."""
        end = start + len(found.slots)
        self.slots[start:end] = found.slots
        self.products[start:end] = found.products

    def drop(self, count: int) -> None:
        """Forget the oldest; the slots of the others count from 0 again."""
        kept = len(self) - count
        for column in (self.ids, self.issues, self.slots, self.products):
            column[:kept] = column[count : count + kept].copy()
        self.slots[:kept] = np.maximum(self.slots[:kept] - count, -1)
        del self.texts[:count], self.close[:count]

    def slot_of(self) -> dict[int, int]:
        """The slot of every live post by id."""
        return {post: slot for slot, post in enumerate(self.ids[: len(self)].tolist())}

    def pairs(self, pairs: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
        """Pairs of live posts as slots, the earlier one first, in an order of their own."""
        if not pairs:
            return []
        live = self.slot_of()
        return sorted(
            (min(live[one], live[other]), max(live[one], live[other]))
            for one, other in pairs
            if one in live and other in live
        )

    def kept(self) -> dict[str, NDArray[np.generic]]:
        """Everything, as arrays."""
        count = len(self)
        texts = SEPARATOR.join(text.replace(SEPARATOR, " ") for text in self.texts)
        packed = compress(texts.encode("utf-8", "surrogatepass"), 1)
        return {
            "posts": self.ids[:count],
            "issues": self.issues[:count],
            "slots": self.slots[:count],
            "products": self.products[:count],
            "close": np.asarray(self.close, np.float64),
            "texts": np.frombuffer(packed, np.uint8),
        }

    def take_up(self, arrays: Arrays) -> None:
        """Become what was kept."""
        count = len(arrays["posts"])
        self.ids[:count] = arrays["posts"]
        self.issues[:count] = arrays["issues"]
        self.slots[:count] = arrays["slots"]
        self.products[:count] = arrays["products"]
        self.close = arrays["close"].tolist()
        texts = decompress(arrays["texts"].tobytes()).decode("utf-8", "surrogatepass")
        self.texts = texts.split(SEPARATOR) if count else []
        if not len(self.texts) == len(self.close) == count:
            raise ValueError("texts and posts are not the same number")

    def ties_of(self, slot: int) -> list[tuple[int, float]]:
        """What a post was tied to when it came, most similar first: (slot, product)."""
        slots, products = self.slots[slot].tolist(), self.products[slot].tolist()
        return [(at, product) for at, product in zip(slots, products, strict=True) if at >= 0]
