"""Near-duplicates: a post that repeats an earlier one almost word for word.

Two texts are near-duplicates when their sets of 4-character sequences overlap by at least six
tenths (Jaccard), after links, @names, `RT`, case, accents and punctuation are gone. Texts too short
for that must be equal; of long ones the first 4,000 characters count. Candidates come from a
sketch: the eight smallest hashes of a text's 12-character sequences (bottom-k, Broder 1997), each
remembering the last text that bore it; every text met so is then compared exactly, so the sketch can
overlook a repeat but never invent one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, compress, pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

OVERLAP = 0.6
SHORT = 24
LONGEST = 4_000
KEYS = 8
WINDOW = 20_000
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.ones(1, bool)
_NONE: NDArray[np.uint32] = np.empty(0, np.uint32)
_KEPT = np.uint64(54)  # bits of a hash: the others tell the texts apart that are read together
GRAM, SEQUENCE = 4, 12
BITS = 2_048
_SPREAD = np.uint32(0x9E3779B1)
_WITHIN = np.uint32(32 - (BITS.bit_length() - 1))
Key = TypeVar("Key", int, bytes)
TOGETHER = 512


class Fingerprint(NamedTuple):
    """What is compared of a text: all of it when short, else its grams (sorted, once each).

    `bits` has one set for each gram, several of which may share one.
    """

    size: int
    short: bytes
    grams: NDArray[np.uint32]
    keys: tuple[int, ...]
    bits: int = 0

    def possible(self, others: Iterable[Fingerprint]) -> list[bool]:
        """Of each other, False only where the overlap is below six tenths; the grams are not looked at.

        A bit that another lacks stands for a gram, at least, that it lacks.
        """
        own, bits = len(self.grams), self.bits
        crowded = own - bits.bit_count()  # grams that share a bit
        found = []
        for other in others:
            shared = crowded + (bits & other.bits).bit_count()
            found.append(shared >= OVERLAP * (own + len(other.grams) - shared))
        return found


def fingerprint(words: Sequence[str]) -> Fingerprint:
    """The fingerprint of a text given as its words; linear in its length, which is capped."""
    return fingerprints([words])[0]


def fingerprints(texts: Sequence[Sequence[str]]) -> list[Fingerprint]:
    """The fingerprints of texts given as their words: those that each would have alone."""
    whole = [" ".join(words).encode("utf-8", "surrogatepass") for words in texts]
    found = [Fingerprint(len(data), data, _NONE, ()) for data in whole]
    long = [at for at, data in enumerate(whole) if len(data) >= SHORT]
    for start in range(0, len(long), TOGETHER):
        some = long[start : start + TOGETHER]
        grams, keys = _grams_and_keys([whole[at][:LONGEST] for at in some])
        for at, own, few, bits in zip(some, grams, keys, _bits(grams), strict=True):
            found[at] = Fingerprint(len(whole[at]), b"", own, few, bits)
    return found


def _grams_and_keys(
    texts: Sequence[bytes],
) -> tuple[list[NDArray[np.uint32]], list[tuple[int, ...]]]:
    """The grams of each text, sorted and once each, and the smallest hashes of its sequences."""
    data = b"".join(texts)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(data))  # letters to the end
    short: NDArray[np.uint32] = np.ndarray((len(data) - 3,), "<u4", data, 0, (1,))
    wide: NDArray[np.uint64] = np.ndarray((len(data) - 11,), "<u8", data, 0, (1,)) * _MIX
    wide ^= short[8:]
    wide *= _MIX
    coded = (owner[:-3] << np.uint64(32) | short)[left[:-3] >= GRAM]
    coded.sort()
    coded = coded[np.concatenate((_FIRST, coded[1:] != coded[:-1]))]
    hashes = (owner[:-11] << _KEPT | wide >> np.uint64(64) - _KEPT)[left[:-11] >= SEQUENCE]
    hashes.sort()
    owners = np.arange(len(texts) + 1, dtype=np.uint64)
    edges = np.searchsorted(coded, owners << np.uint64(32)).tolist()
    starts = np.searchsorted(hashes, owners << _KEPT).tolist()
    own = coded.astype(np.uint32)
    hashes &= (np.uint64(1) << _KEPT) - np.uint64(1)
    grams = [own[first:end].copy() for first, end in pairwise(edges)]
    keys = [
        tuple(dict.fromkeys(hashes[first : min(end, first + 2 * KEYS)].tolist()))[:KEYS]
        for first, end in pairwise(starts)
    ]
    return grams, keys


def _bits(grams: Sequence[NDArray[np.uint32]]) -> list[int]:
    """A bit for each gram of each text, as one number a text."""
    found: list[int] = []
    for start in range(0, len(grams), TOGETHER):
        some = grams[start : start + TOGETHER]
        owner = np.repeat(np.arange(len(some)) * BITS, [len(own) for own in some])
        there = np.zeros(len(some) * BITS, np.uint8)
        there[owner + (np.concatenate([_NONE, *some]) * _SPREAD >> _WITHIN)] = 1
        packed = np.packbits(there).tobytes()
        found += [
            int.from_bytes(packed[at : at + BITS // 8], "little")
            for at in range(0, len(packed), BITS // 8)
        ]
    return found


def overlaps(one: Fingerprint, others: Sequence[Fingerprint]) -> list[float]:
    """Jaccard overlap of a fingerprint with each of the others, all compared at once.

    0…1; short texts are equal (1) or not (0), and so are those too unlike in length (0).
    """
    if one.short:
        return [float(one.short == other.short) for other in others]
    found = [0.0] * len(others)
    at, grams = [], []
    for number, other in enumerate(others):
        least, most = sorted((one.size, other.size))
        if other.size and not other.short and least >= OVERLAP * most:
            at.append(number)
            grams.append(other.grams)
    if not one.size or not at:
        return found
    lengths = [len(each) for each in grams]
    met = np.concatenate(grams)
    where = one.grams.searchsorted(met)
    where[where == len(one.grams)] = 0
    starts = list(accumulate(lengths[:-1], initial=0))
    shared = np.add.reduceat(one.grams[where] == met, starts, dtype=np.int64).tolist()
    for number, length, both in zip(at, lengths, shared, strict=True):
        found[number] = both / (len(one.grams) + length - both)
    return found


class DuplicateIndex:
    """The originals seen lately, to find which of them a new text repeats.

    Holds at most `window` originals, oldest out first, and looks at no more than eight of them per
    text. A repeat keeps its original findable under its own wording, but not alive for ever.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._originals: OrderedDict[int, tuple[Fingerprint, int]] = OrderedDict()
        self._last_with: dict[int | bytes, int] = {}
        self._keys_of: dict[int, set[int | bytes]] = {}

    def original_of(self, print_: Fingerprint) -> int:
        """The id of the original that a text repeats most closely (the oldest of equals), or 0."""
        if print_.short:
            return self._last_with.get(print_.short, 0)
        last = self._last_with
        candidates = {last[key] for key in print_.keys if key in last}
        if not candidates:
            return 0
        known = self._originals
        possible = print_.possible([known[post][0] for post in candidates])
        posts = sorted(compress(candidates, possible))
        if not posts:
            return 0
        alike = overlaps(print_, [self._originals[post][0] for post in posts])
        closest = max(alike)
        return posts[alike.index(closest)] if closest >= OVERLAP else 0

    def issue_of(self, original: int) -> int:
        """The issue an original was remembered with."""
        return self._originals[original][1]

    def reissue(self, original: int, issue: int) -> None:
        """Note that an original is in another issue now; nothing happens when it is out of the window."""
        known = self._originals.get(original)
        if known is not None:
            self._originals[original] = (known[0], issue)

    def remember(self, post: int, print_: Fingerprint, issue: int = 0) -> None:
        """Take in an original under its id (positive, new here); a text without words is none."""
        if not print_.size:
            return
        self._originals[post] = (print_, issue)
        self._keys_of[post] = set()
        self._point(print_, post)
        if len(self._originals) > self._window:
            self.forget(next(iter(self._originals)))

    def forget(self, post: int) -> None:
        """Let an original go; nothing happens when it is none."""
        if self._originals.pop(post, None) is not None:
            for key in self._keys_of.pop(post):
                if self._last_with.get(key) == post:
                    del self._last_with[key]

    def repeat(self, original: int, print_: Fingerprint) -> None:
        """Note another wording of an original; nothing happens when it is out of the window."""
        if original in self._originals:
            self._point(print_, original)

    def kept(self) -> dict[str, NDArray[np.generic]]:
        """Everything, as arrays: the originals, their grams in a row, and who bore which key last."""
        originals = list(self._originals.items())
        prints = [print_ for _, (print_, _) in originals]
        long = [print_.grams for print_ in prints]
        whole, whole_by = self._pointers(int)
        short, short_by = self._pointers(bytes)
        return {
            "originals": np.array([post for post, _ in originals], np.int64),
            "issues": np.array([issue for _, (_, issue) in originals], np.int64),
            "sizes": np.array([print_.size for print_ in prints], np.int64),
            "shorts": _packed([print_.short for print_ in prints]),
            "grams": np.concatenate([np.empty(0, np.uint32), *long]),
            "lengths": np.array([len(grams) for grams in long], np.int64),
            "keys": np.array([key for print_ in prints for key in print_.keys], np.uint64),
            "key_counts": np.array([len(print_.keys) for print_ in prints], np.int64),
            "pointed": np.array(whole, np.uint64),
            "pointed_by": whole_by,
            "pointing": self._last_of(whole) == whole_by,
            "worded": _packed(short),
            "worded_by": short_by,
            "wording": self._last_of(short) == short_by,
        }

    def _pointers(self, kind: type[Key]) -> tuple[list[Key], NDArray[np.int64]]:
        """All keys of one kind, those of a post in order, so that the same index gives the same bytes."""
        keys: list[Key] = []
        counts = []
        for own in self._keys_of.values():
            some = sorted([key for key in own if isinstance(key, kind)])
            keys += some
            counts.append(len(some))
        posts = np.fromiter(self._keys_of, np.int64, len(self._keys_of))
        return keys, np.repeat(posts, counts)

    def _last_of(self, keys: Sequence[int | bytes]) -> NDArray[np.int64]:
        """The post that bore each key last, 0 for none."""
        last = self._last_with
        return np.array([last.get(key, 0) for key in keys], np.int64)

    def take_up(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Become what was kept."""
        ends = np.cumsum(arrays["lengths"].astype(np.int64))[:-1]
        grams = np.split(arrays["grams"].astype(np.uint32), ends)
        stops = np.cumsum(arrays["key_counts"].astype(np.int64))[:-1]
        keys = np.split(arrays["keys"].astype(np.uint64), stops)
        rows = zip(
            arrays["originals"].tolist(),
            arrays["issues"].tolist(),
            arrays["sizes"].tolist(),
            _unpacked(arrays["shorts"], len(arrays["originals"])),
            grams,
            keys,
            strict=False,
        )
        self._originals = OrderedDict(
            (post, (Fingerprint(size, short, some, tuple(of.tolist()), bits), issue))
            for (post, issue, size, short, some, of), bits in zip(rows, _bits(grams), strict=False)
        )
        self._keys_of = {post: set() for post in self._originals}
        self._last_with = {}
        worded = _unpacked(arrays["worded"], len(arrays["worded_by"]))
        for names, by, last in (
            (arrays["pointed"].tolist(), arrays["pointed_by"], arrays["pointing"]),
            (worded, arrays["worded_by"], arrays["wording"]),
        ):
            for key, post, is_last in zip(names, by.tolist(), last.tolist(), strict=True):
                self._keys_of[post].add(key)
                if is_last:
                    self._last_with[key] = post

    def issues(self) -> dict[int, int]:
        """The issue of every original."""
        return {post: issue for post, (_, issue) in self._originals.items()}

    def _point(self, print_: Fingerprint, post: int) -> None:
        keys = self._keys_of[post]
        if len(keys) > 16 * KEYS:
            return
        for key in (print_.short,) if print_.short else print_.keys:
            self._last_with[key] = post
            keys.add(key)


def _packed(words: Sequence[bytes]) -> NDArray[np.uint8]:
    """Short texts behind one another; a fingerprint's words hold no line break."""
    return np.frombuffer(b"\n".join(words), np.uint8)


def _unpacked(packed: NDArray[np.generic], count: int) -> list[bytes]:
    return packed.tobytes().split(b"\n") if count else []
