"""Notify: send what waits to the people who want to be told, beside collecting and never in its way.

What is due is taken in one transaction before anything is sent, and what became of it is written
afterwards; whoever dies in between leaves it in doubt, and nothing in doubt is ever sent by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import structlog

from listener.config import Config
from listener.config.notify import NotifyConfig, names_of
from listener.notifiers import Fate, Message, Notifier, Sent, compose, notifier_for
from listener.store.alarms import DeliveryRow, Settled
from listener.store.protocol import Store

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=15)
PATIENCE = 60.0  # seconds that the end of a run waits for messages on their way
DELAYS = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 180, 360, 720))
LONGEST_ANSWER = 300

Build = Callable[[NotifyConfig, Callable[[], datetime]], Notifier]


class Notify:
    """Sends for one process: takes what is due, sends in a thread of its own, writes what came of it.

    `tend` never waits for the network. One target's messages go out in one; what certainly did not
    arrive is tried again after 1, 5, 15, 60 minutes, 3, 6 and 12 hours, or when the other side says.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        now: Callable[[], datetime],
        build: Build = notifier_for,
    ) -> None:
        """Open nothing yet."""
        self._store = store
        self._rules = names_of(config.notify)
        self._address = config.web.public_url
        self._now = now
        self._build = build
        self._worker: ThreadPoolExecutor | None = None
        self._sending: list[tuple[Future[Sent], Sequence[DeliveryRow]]] = []

    def tend(self) -> int:
        """Write what became of messages, and hand on what is due; returns how many were sent."""
        sent = self._settle()
        if self._sending:  # one round at a time: a slow target gathers, and nobody waits for it
            return sent
        now = self._now()
        by_target: dict[str, list[DeliveryRow]] = defaultdict(list)
        for row in self._store.take_deliveries(now, now - LEASE):
            by_target[row.target].append(row)
        for target, rows in by_target.items():
            rule = self._rules.get(target)
            if rule is None:
                self._write(rows, Sent(Fate.REFUSED, f"no entry of notify is called {target}"))
                continue
            message = compose(rows, now, self._address)
            self._sending.append((self._submit(self._build(rule, self._now), message), rows))
        return sent

    def close(self, patience: float = PATIENCE) -> int:
        """Wait a while for messages on their way and write what became of them. Harmless to repeat."""
        wait([future for future, _ in self._sending], timeout=patience)
        sent = self._settle()
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)
            self._worker = None
        return sent

    def _submit(self, notifier: Notifier, message: Message) -> Future[Sent]:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="notify")
        return self._worker.submit(notifier.send, message)

    def _settle(self) -> int:
        done = [one for one in self._sending if one[0].done()]
        self._sending = [one for one in self._sending if not one[0].done()]
        return sum(self._write(rows, _outcome(future)) for future, rows in done)

    def _write(self, rows: Sequence[DeliveryRow], sent: Sent) -> int:
        """Write what became of one message's deliveries; returns how many arrived."""
        now = self._now()
        answer = sent.answer[:LONGEST_ANSWER]
        self._store.settle_deliveries([_settled(row, sent, answer, now) for row in rows])
        tell = log.info if sent.fate is Fate.SENT else log.warning
        tell("notified", target=rows[0].target, alarms=len(rows), fate=str(sent.fate), said=answer)
        return len(rows) if sent.fate is Fate.SENT else 0


def _outcome(future: Future[Sent]) -> Sent:
    """What a notifier said; one that broke its promise and raised leaves its message in doubt."""
    error = future.exception()
    if error is None:
        return future.result()
    return Sent(Fate.IN_DOUBT, f"the notifier failed: {type(error).__name__}")


def _settled(row: DeliveryRow, sent: Sent, answer: str, now: datetime) -> Settled:
    if sent.fate is Fate.NOT_SENT and row.attempts <= len(DELAYS):
        again = max(now + DELAYS[row.attempts - 1], sent.retry_at or now)
        return Settled(row.id, "sending", "waiting", now, answer, again)
    state = {Fate.SENT: "sent", Fate.IN_DOUBT: "in doubt"}.get(sent.fate, "failed")
    return Settled(row.id, "sending", state, now, answer)
