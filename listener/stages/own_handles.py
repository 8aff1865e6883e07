"""A brand's own accounts: which posts are ours, and so nobody's complaint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sources.mention import Mention

# Platforms that have two names, and kinds of which nobody has told the platform.
SAME: Mapping[str, str] = {"twitter": "x"}
UNTOLD = frozenset({"files", "webhook", "sample"})


class OwnHandles:
    """The accounts of `handles:`, by platform.

    An account is written as people write it there: `@acme`, `acme.bsky.social`, `u/acme`,
    `@acme@mastodon.social`, or the platform's own id of it; signs and case make no difference. The
    same name on another platform is somebody else, except where nobody has said which platform a
    post is from.
    """

    def __init__(self, handles: Mapping[str, str]) -> None:
        """Take them as the configuration has them: a platform, and the account there."""
        self._names: dict[str, set[str]] = defaultdict(set)
        for platform, handle in handles.items():
            if name := _plain(handle):
                self._names[_platform(platform)].add(name)
        self._all = frozenset().union(*self._names.values())

    def wrote(self, mention: Mention) -> bool:
        """Whether one of the accounts is the mention's author."""
        if not self._all:
            return False
        author = mention.author
        platform = _platform(mention.kind)
        ours = self._all if platform in UNTOLD else self._names.get(platform, frozenset())
        return not ours.isdisjoint((_plain(author.handle), _plain(author.id)))


def _platform(name: str) -> str:
    name = name.strip().casefold()
    return SAME.get(name, name)


def _plain(handle: str) -> str:
    """An account's name without the signs that are written before it."""
    name = handle.strip().casefold().removeprefix("/")
    return name.removeprefix("user/").removeprefix("u/").lstrip("@").rstrip("/")
