"""Articles of a batch that carry on a story we hold: one story is one mention with many copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from listener.store.protocol import TriageScope
from listener.store.rows import Article, Pending
from triage.canonical import STORY_LIVES, story_of
from triage.protocols import Placement


@dataclass(frozen=True, slots=True)
class _First:
    """What an article repeats: `issue` is None while it is in the same batch."""

    article: Article
    original: int
    issue: int | None = None


class Stories:
    """One brand's articles in one batch, and which earlier ones they repeat.

    An article repeats the earliest one with the same canonical address, whatever its headline says,
    that was written within 30 days of it and came before it. One feed that gives several entries
    the very same link says nothing about stories, so those are left to their words. What is decided
    depends on earlier mentions alone, not on where a batch begins.
    """

    def __init__(self, scope: TriageScope, brand: str, batch: Iterable[Pending]) -> None:
        """Look up a batch's stories in the triage transaction that will place it."""
        articles = [
            Article(one.id, story, one.source, one.mention.url, one.mention.created_at)
            for one in batch
            if (story := story_of(one.mention))
        ]
        self._story = {one.mention: one.story for one in articles}
        self._firsts: dict[int, _First] = {}
        if not articles:
            return
        held = scope.stories(brand, articles, STORY_LIVES)
        here: dict[str, list[Article]] = defaultdict(list)
        for one in articles:
            firsts = [_First(told, told.mention) for told in here[one.story] if _near(told, one)]
            if one.mention in held:
                row = held[one.mention]
                firsts.append(_First(row.article, row.original, row.issue))
            first = min(firsts, key=_age, default=None)
            if first is not None and _another_link(first.article, one):
                self._firsts[one.mention] = first
            here[one.story].append(one)

    def repeats(self, mention: int) -> bool:
        """Whether it is placed with the article it repeats, and not by its words."""
        return mention in self._firsts

    def addressed(self, placement: Placement) -> Placement:
        """A placement with the address of the article, which later ones are found by."""
        story = self._story.get(placement.post, "")
        return placement._replace(story=story) if story else placement

    def placed(self, placements: Mapping[int, Placement]) -> list[Placement]:
        """Place what repeats an article, in order, given the placements of all others."""
        known = dict(placements)
        for mention, first in self._firsts.items():
            issue, original = first.issue, first.original
            if issue is None:
                before = known[first.article.mention]
                issue, original = before.issue, before.duplicate_of or original
            known[mention] = Placement(
                mention,
                issue,
                1.0 if issue else 0.0,
                nearest=first.article.mention,
                duplicate_of=original,
                story=self._story[mention],
                same_story=True,
            )
        return [known[mention] for mention in self._firsts]


def _near(told: Article, one: Article) -> bool:
    return abs(one.created_at - told.created_at) <= STORY_LIVES


def _age(first: _First) -> tuple[object, int]:
    return first.article.created_at, first.article.mention


def _another_link(told: Article, one: Article) -> bool:
    return (told.source, told.url) != (one.source, one.url)
