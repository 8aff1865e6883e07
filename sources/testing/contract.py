"""The contract of a source as functions that raise AssertionError; any test runner can call them.

    def test_contract(tmp_path):
        check_contract(lambda: MySource(...))

`make` must return a fresh source each time, all of them looking at the same unchanging world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING

from sources.http.link import safe_link
from sources.protocols import Batch, Check, Health, Source
from sources.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from sources.mention import Mention

LONGEST_CURSOR = 1_000_000
Key = tuple[str, str]


@dataclass(slots=True)
class Run:
    """What one call of `collect` brought, and where it left the cursor."""

    cursor: str | None
    batches: list[Batch] = field(default_factory=list)

    @property
    def mentions(self) -> list[Mention]:
        """Everything said, in the order it came."""
        return [mention for batch in self.batches for mention in batch.mentions]

    @property
    def texts(self) -> dict[Key, str]:
        """The latest words under each natural key, as the store would keep them."""
        return {mention.key: mention.full_text for mention in self.mentions}


def collect(source: Source, cursor: str | None = None, batches: int | None = None) -> Run:
    """Run a source as the runner does, dying after `batches` of them if that is given."""
    run = Run(cursor)
    stream = source.collect(cursor)
    for batch in stream:
        run.batches.append(batch)
        if batch.cursor is not None:
            run.cursor = batch.cursor
        if len(run.batches) == batches:
            break
    close = getattr(stream, "close", None)
    if close is not None:
        close()
    return run


def check_contract(make: Callable[[], Source]) -> Run:
    """Check every promise a source makes; returns the first whole run for further looks."""
    whole = collect(make())
    assert whole.batches, "collect() yields at least one batch, an empty one when nothing is new"
    check_mentions(whole)
    check_ids(make, whole)
    check_idle(make, whole)
    check_crash(make, whole)
    check_settings(make())
    return whole


def check_mentions(run: Run) -> None:
    """Words are clean, times aware, links safe, keys unique in a batch."""
    for batch in run.batches:
        keys = [mention.key for mention in batch.mentions]
        assert len(keys) == len(set(keys)), "a batch names each mention once"
        assert batch.cursor is None or len(batch.cursor) <= LONGEST_CURSOR, "a cursor stays small"
        if batch.health in (Health.DEGRADED, Health.BLIND):
            assert batch.note, f"a source that is {batch.health} says why"
    for mention in run.mentions:
        what = f"{mention.kind} {mention.external_id}"
        assert mention.text or mention.title, f"{what}: somebody said something"
        assert clean(mention.text) == mention.text, f"{what}: its text is clean"
        assert clean(mention.title) == mention.title, f"{what}: its title is clean"
        assert "\n" not in mention.title, f"{what}: its title is one line"
        assert mention.created_at.tzinfo is UTC, f"{what}: its time is in UTC"
        assert clean(mention.external_id) == mention.external_id, f"{what}: its id is clean"
        assert not mention.url or safe_link(mention.url), f"{what}: its link is http or https"


def check_ids(make: Callable[[], Source], whole: Run) -> None:
    """The same world gives the same mentions under the same names."""
    assert collect(make()).texts == whole.texts, "a second reading finds the same"


def check_idle(make: Callable[[], Source], whole: Run) -> None:
    """After everything has been seen nothing new comes, and that is said by a batch."""
    idle = collect(make(), whole.cursor)
    assert idle.batches, "an idle run yields a batch"
    for key, text in idle.texts.items():
        assert whole.texts.get(key) == text, f"{key}: an idle run invents nothing"
    again = collect(make(), idle.cursor)
    assert len(again.mentions) <= len(idle.mentions), "an idle source comes to rest"


def check_crash(make: Callable[[], Source], whole: Run) -> None:
    """Killed after any batch and started again from its cursor, a source skips nothing."""
    for died_after in range(1, len(whole.batches) + 1):
        first = collect(make(), batches=died_after)
        second = collect(make(), first.cursor)
        assert {**first.texts, **second.texts} == whole.texts, (
            f"after a crash behind batch {died_after} something is missing or different"
        )
    progress = [batch.done for batch in whole.batches if batch.total]
    assert all(one <= other for one, other in pairwise(progress)), "progress never goes back"


def check_settings(source: Source) -> None:
    """`check` answers in a sentence, and names a setting when something is wrong."""
    answer = source.check()
    assert isinstance(answer, Check), "check() returns a Check"
    assert answer.message, "check() says what it found"
    assert answer.ok or answer.setting, "check() names the setting to mend"
    assert source.name, "a source has a name"
    assert source.kind, "a source has a kind"
