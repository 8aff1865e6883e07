"""The audit sample: the same 2 % of everything, whoever asks and whenever."""

from __future__ import annotations

from hashlib import blake2b

ONE_IN = 50


def sampled(kind: str, external_id: str) -> bool:
    """Whether a mention, by its natural key, is in the sample.

    The choice looks at nothing that was said or decided, so the sample is a fair one of any part of
    the mentions: of what was muted it says how much was muted wrongly.
    """
    key = f"{kind}\0{external_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(key, digest_size=8).digest()) % ONE_IN == 0
