"""Who goes on talking: a person's later words in a conversation need not name the brand again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from listener.store.protocol import Store
from listener.store.rows import Pending
from sources.mention import Mention

Matches = Mapping[int, Sequence[tuple[str, str]]]


def continued(store: Store, batch: Sequence[Pending], matches: Matches) -> dict[int, list[str]]:
    """The brands that mentions without a match are about, since the same person has begun it.

    Somebody who complained and writes "still nothing" in the same thread talks about the same brand;
    what others say there does not become theirs. Looks at earlier mentions alone, in the batch and
    in the store alike, so that it makes no difference where a batch begins.
    """
    lost = [one for one in batch if not matches[one.id] and _may_go_on(one.mention)]
    if not lost:
        return {}
    held = store.talks(lost)
    waiting = {one.id for one in lost}
    spoken: dict[tuple[str, str], list[tuple[Mention, list[str]]]] = defaultdict(list)
    found: dict[int, list[str]] = {}
    for one in batch:
        said = one.mention
        person = said.kind, said.author.id
        brands = [brand for brand, _ in matches[one.id]]
        if one.id in waiting:
            here = {
                name for told, names in spoken[person] if _goes_on(said, told) for name in names
            }
            brands = sorted(here | set(held.get(one.id, ())))
            if brands:
                found[one.id] = brands
        if brands and said.author.id:
            spoken[person].append((said, brands))
    return found


def _may_go_on(said: Mention) -> bool:
    return bool(said.author.id and (said.thread.root or said.thread.parent))


def _goes_on(said: Mention, told: Mention) -> bool:
    """Whether a mention answers another one of the same person, or stands in the same thread."""
    thread = said.thread
    if told.external_id in (thread.root, thread.parent):
        return True
    return bool(thread.root) and told.thread.root == thread.root
