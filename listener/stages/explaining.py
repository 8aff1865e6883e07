"""Why a post is in its issue, and why not in another one: found in what grouping remembers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

from listener.belonging import Example, Explains, Explanation, Likeness
from listener.errors import NotFound
from listener.store.looking import PostQuery
from listener.store.protocol import Store
from listener.store.rows import IssueRow, MentionRow
from triage.examples import MOST_COMPARED, varied
from triage.labels import phrases_of, plain
from triage.protocols import Tie, Why
from triage.space import STATIC, Space
from triage.titles import telling_words

if TYPE_CHECKING:
    from listener.stages.group_room import GroupRoom

NONE: Mapping[str, Space] = MappingProxyType({})
EXAMPLES = 8  # of an issue, explained
FEW = 3  # ties of a post in a list of many
MOST_READ = 4_096  # posts whose words are kept while many are explained

Read = Callable[[int], tuple[str, frozenset[str]]]


class Belonging:
    """Explains where posts are, with the groups of the brand that was asked about last at hand.

    Any thread may ask; one waits for another. The first question about a brand takes up its groups,
    about a second for 20,000 live posts; writers wait for none of it.
    """

    def __init__(self, spaces: Mapping[str, Space] = NONE) -> None:
        """Nothing is taken up yet. `spaces` are what brands are grouped by; the table without."""
        self._spaces = spaces
        self._room: GroupRoom | None = None
        self._brand = ""
        self._lock = Lock()

    def explain(self, store: Store, mention: int, other: int = 0) -> Explanation:
        """Explain where a mention is, and why not in the issue `other`. Raises NotFound."""
        asked = _standing(store, other)
        rows = store.readings(mention)
        about = store.issue(asked) if asked else None
        mine = [one for one in rows if about is None or one.brand == about.brand] or rows
        row = next((one for one in mine if one.issue is not None), next(iter(mine), None))
        if row is None:
            raise NotFound(f"there is no mention {mention}", "listener issues list")
        return self._explained(store, row, asked if asked != row.issue else 0, None, _Words(store))

    def examples(self, store: Store, issue: IssueRow, most: int = EXAMPLES) -> list[Example]:
        """Posts of an issue as different as they come, each with why it is here and why not elsewhere.

        Elsewhere is the issue that most of its other ties lead to, or the first that shares phrases
        with this one; the posts there which are most like it say why not.
        """
        near = next((one.id for one in store.issues_like(issue.id)), 0)
        words, found = _Words(store), []
        for row in examples_of(store, issue, most):
            why = self._explained(store, row, near, FEW, words)
            nearer = next((id for id in why.shares if id != issue.id), near)
            if nearer != near:
                why = self._explained(store, row, nearer, FEW, words)
            found.append(Example(row.mention.full_text, why))
        return found

    def brief(self, store: Store) -> Explains:
        """An explainer of many readings of a store, each with its few closest ties."""
        words = _Words(store)
        return lambda row: self._explained(store, row, 0, FEW, words)

    def _explained(
        self, store: Store, row: MentionRow, other: int, most: int | None, read: Read
    ) -> Explanation:
        if row.duplicate_of:
            rule = f"It repeats mention {row.duplicate_of} almost word for word and goes where that is."
            return Explanation(row.id, row.issue, rule)
        if row.issue is None:
            rule = "It is in no issue: it says too little to go on, or is not looked at."
            return Explanation(row.id, None, rule)
        why = self._why(store, row, other)
        if why is None:
            rule = (
                "It came too long ago to be looked at again; it was"
                f" {row.similarity or 0.0:.2f} like what it joined."
            )
            return Explanation(row.id, row.issue, rule)
        return _told(row, why, most, read)

    def _why(self, store: Store, row: MentionRow, other: int) -> Why | None:
        from listener.stages.group_room import GroupRoom

        with self._lock:
            if self._room is None or self._brand != row.brand:
                space = self._spaces.get(row.brand, STATIC)
                self._room, self._brand = GroupRoom(row.brand, space), row.brand
            try:
                with store.groups() as scope:
                    clusterer = self._room.take_up(store, scope)
                    self._room.keep(scope.grouping_epoch(row.brand))
                return clusterer.why(row.id, other)
            except BaseException:
                self._room = None
                raise


def explain(
    store: Store, mention: int, other: int = 0, spaces: Mapping[str, Space] = NONE
) -> Explanation:
    """The same, once. Raises NotFound."""
    return Belonging(spaces).explain(store, mention, other)


def examples_of(store: Store, issue: IssueRow, most: int = EXAMPLES) -> list[MentionRow]:
    """Posts of an issue as different as they come, the most typical one first."""
    recent = store.posts(PostQuery(brand=issue.brand, issue=issue.id, limit=MOST_COMPARED))
    recent.sort(key=lambda one: one.id != issue.central)
    return [recent[place] for place in varied([one.mention.full_text for one in recent], most)]


class _Words:
    """The text of posts with their telling words and pairs, the latest asked for kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[int, tuple[str, frozenset[str]]] = OrderedDict()

    def __call__(self, mention: int) -> tuple[str, frozenset[str]]:
        if mention not in self._kept:
            row = next(iter(self._store.readings(mention)), None)
            text = row.mention.full_text if row is not None else ""
            self._kept[mention] = text, frozenset(phrases_of(telling_words(plain(text))))
            if len(self._kept) > MOST_READ:
                self._kept.popitem(last=False)
        return self._kept[mention]


def _standing(store: Store, issue: int) -> int:
    """The issue that an id means today; 0 stays 0. Raises NotFound."""
    if not issue:
        return 0
    found = store.issue(issue)
    if found is None:
        raise NotFound(f"there is no issue {issue}", "listener issues list")
    return found.id


def _told(row: MentionRow, why: Why, most: int | None, read: Read) -> Explanation:
    issues = sorted({tie.issue for tie in why.ties}, key=lambda one: (-why.share(one), one))
    shares = {issue: round(why.share(issue), 3) for issue in issues}
    here = shares.get(why.issue, 0.0)
    if not why.ties:
        rule = "Nothing that came before is like it enough; it opened its issue."
    elif here == max(shares.values()):
        rule = f"{here:.0%} of what ties it to earlier posts leads to issue {why.issue}."
    else:
        rule = (
            f"When it came, more led elsewhere ({here:.0%} to issue {why.issue}); with the posts"
            " that came later it belongs with those there, or a person said so."
        )
    words = read(row.id)[1]
    return Explanation(
        why.post,
        why.issue,
        rule,
        why.needed,
        tuple([_likeness(tie, words, read) for tie in why.ties[:most]]),
        shares,
        tuple([_likeness(tie, words, read) for tie in why.instead[:most]]),
    )


def _likeness(tie: Tie, words: frozenset[str], read: Read) -> Likeness:
    text, theirs = read(tie.post)
    shared = sorted(words & theirs, key=lambda one: (-len(one), one))
    return Likeness(tie.post, tie.issue, tie.similarity, tuple(shared), text)
