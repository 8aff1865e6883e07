"""The queue's list: saved views with their counts, the rows of one, and what stands above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from listener.desk.search import find, read_search
from listener.errors import UsageError
from listener.store.looking import PostQuery
from listener.store.protocol import Store
from listener.store.rows import QueueQuery
from listener.web.views.rows import PostRow, Row, case_row, post_row

PAGE = 50
MOST = 1_000  # counting ends here
FEW = 100  # and here where few of many are counted: finding more of them would cost too much

# What each saved view asks for; those of posts list what needs no answer.
CASES: Mapping[str, QueueQuery] = {
    "review": QueueQuery(),
    "vigilantes": QueueQuery(vigilante="likely"),
    "mine": QueueQuery(view="mine"),
    "escalating": QueueQuery(escalating=True),
    "waiting": QueueQuery(view="waiting"),
    "snoozed": QueueQuery(view="snoozed"),
    "ideas": QueueQuery(lane="idea"),
    "done": QueueQuery(view="done"),
}
POSTS: Mapping[str, str] = {"praise": "praise", "muted": "muted"}
ORDER = (
    *("review", "vigilantes", "mine", "escalating", "waiting", "snoozed"),
    *("ideas", "praise", "muted", "done"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the queue asks for."""

    view: str = "review"
    search: str = ""
    brand: str = ""
    after: str = ""

    def address(self, case: int | None = None, **more: str | int) -> str:
        """The address of the same list, with a case open or without."""
        path = "/queue" if case is None else f"/queue/{case}"
        return f"{path}{self._query(more)}" if more else f"{path}{self.tail}"

    @property
    def tail(self) -> str:
        """What stands behind the path of every address of the list: the same for each row."""
        return self._query({})

    def _query(self, more: Mapping[str, str | int]) -> str:
        given = {"view": self.view if self.view != "review" else "", "q": self.search}
        asked = {**given, "brand": self.brand, **more}
        query = urlencode({name: value for name, value in asked.items() if value != ""})
        return f"?{query}" if query else ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One saved view; `count` is written "999+" where counting ended."""

    key: str
    count: str
    current: bool
    address: str


@dataclass(frozen=True, slots=True)
class QueueList:
    """What the first column shows: cases, or posts that need no answer; `wrong` is about the search."""

    asked: Asked
    tabs: tuple[Tab, ...]
    rows: tuple[Row, ...]
    posts: tuple[PostRow, ...]
    more: str
    wrong: str = ""

    def beside(self, case: int) -> tuple[int | None, int | None]:
        """The cases before and after this one in the list."""
        ids = [row.id for row in self.rows]
        if case not in ids:
            return None, ids[0] if ids else None
        at = ids.index(case)
        before = ids[at - 1] if at else None
        return before, ids[at + 1] if at + 1 < len(ids) else None


def queue_list(
    store: Store,
    asked: Asked,
    me: str,
    now: datetime,
    looking: Mapping[int, Sequence[str]] | None = None,
) -> QueueList:
    """The list that an address asks for."""
    tabs = _tabs(store, asked, me, now)
    if asked.view in POSTS:
        return _posts(store, asked, tabs, now)
    try:
        search = read_search(asked.search, _query(asked, me, now), me)
    except UsageError as error:
        return QueueList(asked, tabs, (), (), "", str(error))
    search = replace(
        search, query=replace(search.query, after=_case_after(asked.after), limit=PAGE)
    )
    found = find(store, search)
    more = ""
    if len(found) == PAGE:
        more = asked.address(after=f"{found[-1].priority}.{found[-1].id}")
    rows = tuple(case_row(case, now, me, looking) for case in found)
    return QueueList(asked, tabs, rows, (), more)


def _query(asked: Asked, me: str, now: datetime) -> QueueQuery:
    query = replace(CASES.get(asked.view, QueueQuery()), brand=asked.brand, at=now)
    return replace(query, owner=me) if query.view == "mine" else query


def _posts(store: Store, asked: Asked, tabs: tuple[Tab, ...], now: datetime) -> QueueList:
    query = PostQuery(
        brand=asked.brand,
        lane=POSTS[asked.view],
        search=asked.search,
        limit=PAGE,
        after=_post_after(asked.after),
    )
    found = store.posts(query)
    more = ""
    if len(found) == PAGE:
        last = found[-1]
        more = asked.address(after=f"{last.mention.created_at.timestamp():.0f}.{last.id}")
    return QueueList(asked, tabs, (), tuple(post_row(row, now) for row in found), more)


def _tabs(store: Store, asked: Asked, me: str, now: datetime) -> tuple[Tab, ...]:
    """The saved views, counted in one look at the store."""
    views = [Asked(key, "", asked.brand) for key in ORDER]
    counting: list[tuple[QueueQuery | PostQuery, int]] = [
        (PostQuery(brand=asked.brand, lane=POSTS[one.view]), FEW)
        if one.view in POSTS
        else (_query(one, me, now), FEW if one.view == "ideas" else MOST)
        for one in views
    ]
    return tuple(
        Tab(
            one.view,
            f"{most - 1}+" if found >= most else str(found),
            one.view == asked.view,
            one.address(),
        )
        for one, (_, most), found in zip(views, counting, store.counts(counting), strict=True)
    )


def _case_after(text: str) -> tuple[int, int] | None:
    priority, id = _numbers(text) or (0, 0)
    return (priority, id) if id else None


def _post_after(text: str) -> tuple[datetime, int] | None:
    from datetime import UTC

    seconds, id = _numbers(text) or (0, 0)
    try:
        return (datetime.fromtimestamp(seconds, UTC), id) if id else None
    except (OverflowError, ValueError, OSError):
        return None


def _numbers(text: str) -> tuple[int, int] | None:
    """The two numbers of a place in a list; None for anything else."""
    first, _, second = text.partition(".")
    try:
        return (int(first), int(second)) if len(text) < 40 else None
    except ValueError:
        return None
