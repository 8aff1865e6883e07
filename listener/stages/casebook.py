"""Which mention opens a case, joins one, or needs none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from listener.config import QueueConfig
from listener.store.rows import NewCase, OpenCase
from sources.mention import Mention
from triage.cases import OpenTalk, joins, opens_case, thread_ids
from triage.protocols import Placement
from triage.severity import SEVERE
from triage.verdict import Verdict
from triage.vigilante import Person

REPOSTED = ("RT @", "RT: ", "🔁 ")
LATELY = timedelta(days=14)


class CaseBook:
    """The open cases of the people in one batch, kept up to date as the batch goes through."""

    def __init__(
        self,
        known: Sequence[OpenCase],
        queue: QueueConfig,
        told: Collection[int] = (),
        listened_since: Callable[[str], datetime | None] = lambda _: None,
    ) -> None:
        """`known` are the cases open before the batch, `told` the stories that have had one.

        `listened_since` says when a source was first asked.
        """
        self._listened_since = listened_since
        self._queue = queue
        self._told = set(told)
        self._talks: dict[tuple[str, str], list[OpenTalk]] = defaultdict(list)
        for case in known:
            talk = OpenTalk(
                *(case.mention, case.kind, case.author_id, case.threads, case.last_at),
                started=case.started,
            )
            self._talks[case.kind, case.author_id].append(talk)

    def enter(
        self,
        id: int,
        mention: Mention,
        verdict: Verdict,
        placement: Placement | None,
        source: str = "",
    ) -> NewCase | None:
        """Decide for one mention, in order of arrival; None when nobody needs to answer it.

        What a person writes later in a conversation belongs to the case they already have, whatever
        its lane. Somebody's copy of their own words joins their open case; a repost, or a copy that
        nobody has signed, needs no answer. The same words from another customer are another case. A
        story opens one case, however many papers carry it.

        Nobody can have promised an answer to a post written before anybody listened: its promise,
        and its waiting, count from when its source was first asked.
        """
        story = placement.duplicate_of if placement is not None and placement.same_story else 0
        if story in self._told:
            return None
        case = self._enter(id, mention, verdict, placement, source)
        if case is not None:
            self._told.add(id if placement is None else placement.duplicate_of or id)
        return case

    def person(self, mention: Mention) -> Person:
        """What is known of a mention's author just before it is entered.

        Counted are the posts they started lately in cases still open, and this one: who answers
        within a conversation does what they were asked to.
        """
        talks = self._talks.get((mention.kind, mention.author.id), [])
        lately = [talk for talk in talks if abs(mention.created_at - talk.last_at) <= LATELY]
        known = any(mention.external_id in talk.ids for talk in lately)
        starts = not (mention.thread.parent or known)
        posts = sum(talk.started for talk in lately) + starts
        return Person(max(1, posts), mention.author.followers)

    def _enter(
        self,
        id: int,
        mention: Mention,
        verdict: Verdict,
        placement: Placement | None,
        source: str,
    ) -> NewCase | None:
        talks = self._talks.get((mention.kind, mention.author.id), [])
        copy = placement is not None and placement.duplicate_of > 0 and not placement.same_story
        talk = joins(mention, talks)
        if talk is None and copy and mention.author.id:
            talk = max(talks, key=lambda one: (one.last_at, one.case), default=None)
        if talk is not None:
            self._continue(talk, mention)
            return self._case(verdict, mention, source, joined=talk.case)
        if not opens_case(verdict.lane):
            return None
        if copy and (not mention.author.id or mention.text.startswith(REPOSTED)):
            return None
        if mention.author.id:
            self._open(id, mention)
        return self._case(verdict, mention, source, joined=0)

    def _open(self, id: int, mention: Mention) -> None:
        ids = thread_ids(mention.external_id, mention.thread)
        started = int(not mention.thread.parent)
        talk = OpenTalk(id, mention.kind, mention.author.id, ids, mention.created_at, started)
        self._talks[mention.kind, mention.author.id].append(talk)

    def _continue(self, talk: OpenTalk, mention: Mention) -> None:
        talks = self._talks[talk.kind, talk.author]
        ids = talk.ids | thread_ids(mention.external_id, mention.thread)
        last_at = max(talk.last_at, mention.created_at)
        started = talk.started
        if not mention.thread.parent and mention.external_id not in talk.ids:
            started += 1
        talks[talks.index(talk)] = replace(talk, ids=ids, last_at=last_at, started=started)

    def _case(self, verdict: Verdict, mention: Mention, source: str, joined: int) -> NewCase:
        written, began = mention.created_at, self._listened_since(source)
        late = began if began is not None and began > written else None
        severe = verdict.severity_band in SEVERE
        due = self._queue.due_at(verdict.lane.value, severe, late or written)
        return NewCase(joined, verdict.lane.value, written, due, late)
