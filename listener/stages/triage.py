"""Triage: judge, group and queue what was collected, one batch in one transaction.

Judging happens before the transaction (it needs nothing of the store), grouping inside it (two
processes must not open the same issue twice). A batch that is killed anywhere is pending still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from listener.config import Config
from listener.pricing import Pricing
from listener.stages.brand import BrandRoom, Hearing, rooms
from listener.stages.casebook import CaseBook
from listener.stages.group_room import GroupRoom
from listener.stages.judging_learnt import JudgingLearnt
from listener.stages.progress import Progress, silent
from listener.stages.readers import Reading
from listener.stages.stories import Stories
from listener.stages.talk import continued as continued_talks
from listener.store.protocol import Store, TriageScope
from listener.store.rows import Judged, NewCase, Pending, Triaged
from triage.cases import opens_case
from triage.correction import corrected
from triage.judge import VERSION
from triage.labels import plain
from triage.protocols import Label, Placement, Post
from triage.relevance import not_relevant, our_own
from triage.space import STATIC
from triage.substance import answer_says_enough
from triage.titles import telling_words
from triage.verdict import Lane, Verdict
from triage.vigilante import STRANGER, Person, by_person
from triage.vigilante_weights import weights_of

BATCH = 500


class _Heard(NamedTuple):
    """A pending mention with its verdict for one brand; `brand` is "" when no query matched."""

    pending: Pending
    brand: str
    matched: str
    verdict: Verdict
    vector: bytes = b""


class Reads(Protocol):
    """Who reads texts for `Triage`: this process and its helpers, or workers anywhere, beforehand.

    What is read depends on the text, the brand and what is in use of its learning, never on who reads.
    """

    def refresh(self) -> None:
        """Take up what was put to use or taken back meanwhile."""
        ...

    def versions(self) -> Mapping[str, str]:
        """The version of verdicts for each brand whose differs from the judge's own."""
        ...

    def announce(self, brand: str, texts: Sequence[str]) -> None:
        """Hear what will be read soon."""
        ...

    def read(self, brand: str, texts: Sequence[str]) -> Sequence[Reading]:
        """The verdict and the vector of every text, in order."""
        ...

    def close(self) -> None:
        """End what helps. Harmless to repeat."""
        ...


class Triage:
    """Judges, groups and queues pending mentions. Belongs to one thread, like its store."""

    def __init__(
        self,
        store: Store,
        config: Config,
        now: Callable[[], datetime],
        reads: Reads | None = None,
        line: Callable[[int], Sequence[Pending]] | None = None,
    ) -> None:
        """`reads` reads the texts; `line` gives the next mentions, at most so many, in order of id."""
        self._store = store
        self._line = line or store.pending
        self._now = now
        self._config = config
        self._rooms = rooms(config.brands)
        self._hearing = Hearing(self._rooms, config.sources)
        contexts = {name: room.context for name, room in self._rooms.items()}
        self._judging: Reads = reads or JudgingLearnt(store, contexts)
        self._pricing = Pricing(config)
        self._began: dict[str, datetime | None] = {}

    @property
    def version(self) -> str:
        """The version of every verdict written now, but for brands with an encoder or something learnt."""
        return VERSION

    def versions(self) -> Mapping[str, str]:
        """The version of verdicts for each brand that uses the encoder or what its corrections taught."""
        self._judging.refresh()
        return self._judging.versions()

    def expect(self, brand: str, texts: Sequence[str]) -> None:
        """Say what will be collected for a brand soon, so that judging can begin."""
        self._judging.announce(brand, texts)

    def close(self) -> None:
        """End what helps. Harmless to repeat."""
        self._judging.close()

    def drain(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> int:
        """Triage all that is pending, or until `stop` says so; returns how many mentions."""
        done = 0
        while not stop():
            count = self.step()
            if not count:
                break
            done += count
            progress("triage", done, 0)
        return done

    def step(self, limit: int = BATCH) -> int:
        """Triage one batch; returns how many mentions it took on, 0 when nothing is pending."""
        batch = self._line(limit)
        if not batch:
            return 0
        for source in {pending.source for pending in batch}.difference(self._began):
            self._began[source] = self._store.listened_since(source)
        self._judging.refresh()
        heard = self._judge(batch)
        try:
            with self._store.triage() as scope:
                self._write(scope, heard)
        except BaseException:
            for room in self._rooms.values():
                room.groups.forget()
            raise
        return len(batch)

    # judging, outside the transaction

    def _judge(self, batch: Sequence[Pending]) -> list[_Heard]:
        by_brand: dict[str, list[tuple[Pending, str]]] = defaultdict(list)
        heard: list[_Heard] = []
        matches = {pending.id: list(self._matches(pending)) for pending in batch}
        continued = continued_talks(self._store, batch, matches)
        for pending in batch:
            talk = [(brand, "the same person goes on") for brand in continued.get(pending.id, ())]
            known = [one for one in matches[pending.id] or talk if one[0] in self._rooms]
            for brand, matched in known:
                by_brand[brand].append((pending, matched))
            if not known:
                heard.append(_Heard(pending, "", "", not_relevant(self.version)))
        for brand, rows in by_brand.items():
            heard.extend(self._judge_for(self._rooms[brand], rows))
        heard.sort(key=lambda one: (one.pending.id, one.brand))
        return heard

    def _matches(self, pending: Pending) -> Iterable[tuple[str, str]]:
        if pending.brand in self._rooms:
            yield pending.brand, "taken in for this brand"
        else:
            yield from self._hearing.brands(pending.mention, pending.source)

    def _judge_for(self, room: BrandRoom, rows: Sequence[tuple[Pending, str]]) -> Iterable[_Heard]:
        texts = [pending.mention.full_text for pending, _ in rows]
        readings = self._judging.read(room.name, texts)
        for (pending, matched), (verdict, vector) in zip(rows, readings, strict=True):
            if room.is_ours(pending.mention):
                verdict = our_own(verdict)
            yield _Heard(pending, room.name, matched, verdict, vector)

    # grouping and queueing, inside the transaction

    def _write(self, scope: TriageScope, heard: Sequence[_Heard]) -> None:
        mine = scope.still_pending([one.pending.id for one in heard])
        heard = [one for one in heard if one.pending.id in mine]
        if not heard:
            return
        heard = _with_corrections(scope, heard)
        at = self._now()
        placements: dict[tuple[str, int], Placement] = {}
        labels: list[tuple[str, Label]] = []
        rooms = {
            name: self._rooms[name].groups
            for name in sorted({one.brand for one in heard if one.brand})
        }
        for name, room in rooms.items():
            clusterer = room.take_up(self._store, scope)
            for placement in self._place(scope, name, heard, room):
                placements[name, placement.post] = placement
            labels.extend((name, label) for label in clusterer.labels())
        cases, people = self._cases(scope, heard, placements)
        judged = [
            Judged(
                mention=one.pending.id,
                brand=one.brand,
                verdict=self._of_person(one, people.get((one.brand, one.pending.id), STRANGER)),
                vector=one.vector,
                placement=placements.get((one.brand, one.pending.id)),
                case=cases.get((one.brand, one.pending.id)),
                matched=one.matched,
            )
            for one in heard
        ]
        refined = [(name, one) for name, room in rooms.items() for one in room.refined]
        models = {name: self._rooms[name].space.model for name in rooms}
        kept = [memory for room in rooms.values() if (memory := room.to_keep()) is not None]
        changed = scope.write(Triaged(judged, labels, at, STATIC.model, refined, kept, models))
        scope.price(self._pricing.price(scope.case_facts(changed), at), at)
        for name, room in rooms.items():
            room.keep(scope.grouping_epoch(name))
        for one in heard:
            if one.pending.again and (one.brand, one.pending.id) in placements:
                # It came late; whoever relearns the groups from the store meets it in its turn.
                self._rooms[one.brand].groups.forget()

    def _of_person(self, one: _Heard, person: Person) -> Verdict:
        """The verdict with what is known of the person, by the brand's own weights."""
        changed = self._rooms[one.brand].context.vigilante if one.brand else ()
        return by_person(one.verdict, person, weights_of(changed))

    def _place(
        self, scope: TriageScope, brand: str, heard: Sequence[_Heard], room: GroupRoom
    ) -> list[Placement]:
        """Place a brand's posts: articles we hold already with these, all others by their words."""
        posts = self._posts(scope, brand, heard)
        waiting = {post.id for post in posts}
        stories = Stories(
            scope,
            brand,
            [one.pending for one in heard if one.brand == brand and one.pending.id in waiting],
        )
        originals = [post for post in posts if not stories.repeats(post.id)]
        placed = [stories.addressed(placement) for placement in room.place(scope, originals)]
        return placed + stories.placed({one.post: one for one in placed})

    def _posts(self, scope: TriageScope, brand: str, heard: Sequence[_Heard]) -> list[Post]:
        words = self._rooms[brand].words
        ours = [one for one in heard if one.brand == brand and _names_something(one, words)]
        again = [one.pending.id for one in ours if one.pending.again]
        placed = scope.grouped(brand, again) if again else frozenset()
        return [
            Post(
                id=one.pending.id,
                text=one.pending.mention.full_text,
                vector=one.vector,
                lane=one.verdict.lane,
                created_at=one.pending.mention.created_at,
                author=one.pending.mention.author.id,
            )
            for one in ours
            if one.pending.id not in placed
        ]

    def _cases(
        self,
        scope: TriageScope,
        heard: Sequence[_Heard],
        placements: Mapping[tuple[str, int], Placement],
    ) -> tuple[dict[tuple[str, int], NewCase], dict[tuple[str, int], Person]]:
        """The case of each mention that has one, and what is known of who wrote it."""
        cases: dict[tuple[str, int], NewCase] = {}
        writers: dict[tuple[str, int], Person] = {}
        for brand in sorted({one.brand for one in heard if one.brand}):
            ours = [one for one in heard if one.brand == brand]
            people = {_person(one) for one in ours if one.pending.mention.author.id}
            told = {
                placement.duplicate_of
                for (of, _), placement in placements.items()
                if of == brand and placement.same_story
            }
            book = CaseBook(
                scope.open_cases(brand, sorted(people)),
                self._config.queue,
                scope.with_case(brand, told),
                self._began.get,
            )
            for one in ours:
                placement = placements.get((brand, one.pending.id))
                pending = one.pending
                writers[brand, pending.id] = book.person(pending.mention)
                case = book.enter(
                    pending.id, pending.mention, one.verdict, placement, pending.source
                )
                if case is not None:
                    cases[brand, pending.id] = case
        return cases, writers


def _with_corrections(scope: TriageScope, heard: Sequence[_Heard]) -> Sequence[_Heard]:
    """The verdicts as people have corrected them: only what was judged before can have been."""
    again = [one.pending.id for one in heard if one.pending.again]
    fields = scope.corrected(again) if again else {}
    if not fields:
        return heard
    return [
        one._replace(verdict=corrected(one.verdict, found))
        if (found := fields.get((one.pending.id, one.brand)))
        else one
        for one in heard
    ]


def _names_something(one: _Heard, brand: frozenset[str]) -> bool:
    """Whether a mention can say what an issue is about; `brand` are the words of its name.

    Muted ones cannot. Nor can a reply that asks for nothing or names too little: "iPhone 6s, iOS 11",
    "reinstalled, still the same" or "thank you!" answers somebody's question, and grouped by its
    words it would name an issue nobody has.
    """
    lane, mention = one.verdict.lane, one.pending.mention
    if lane is Lane.MUTED:
        return False
    if not mention.thread.parent:
        return True
    said = telling_words(plain(mention.full_text))
    return opens_case(lane) and answer_says_enough(said, brand)


def _person(one: _Heard) -> tuple[str, str]:
    mention = one.pending.mention
    return mention.kind, mention.author.id
