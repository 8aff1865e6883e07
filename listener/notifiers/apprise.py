"""Messages by Apprise: chat rooms, e-mail, telephones; the extra `[notify]`."""

from __future__ import annotations

import importlib.util
import logging
import re
import warnings
from typing import Any

from listener.notifiers.message import Message
from listener.notifiers.protocol import Fate, Sent

INSTALL = "pip install 'complaint-listener[notify]'"
# What Apprise's services write when the other side has answered with an error.
_ANSWERED = re.compile(r"error\s*=\s*\d{3}|\b[45]\d\d\b")
_LONGEST_ANSWER = 200


class AppriseNotifier:
    """Sends by whatever service an Apprise address names.

    Apprise says only whether it worked. When its log tells that the other side answered with an
    error, the message certainly did not arrive; otherwise it is in doubt.
    """

    kind = "apprise"

    def __init__(self, url: str) -> None:
        """Load nothing yet: Apprise costs half a second."""
        self._url = url

    def problem(self) -> str:
        """Why nothing can be sent to this address, "" when it can be tried."""
        if importlib.util.find_spec("apprise") is None:
            return f"Apprise is not installed: {INSTALL}"
        return "" if self._service() else "Apprise does not know an address like this one"

    def send(self, message: Message) -> Sent:
        """Send a message once."""
        problem = self.problem()
        if problem:
            return Sent(Fate.REFUSED, problem)
        log, heard = logging.getLogger("apprise"), _Heard()
        before, log.propagate = log.propagate, False
        log.addHandler(heard)
        try:
            arrived = self._service().notify(
                body=message.text, title=message.subject, body_format="text"
            )
        except Exception as error:  # noqa: BLE001  a service of Apprise's is anybody's code
            return Sent(Fate.IN_DOUBT, f"Apprise failed: {type(error).__name__}")
        finally:
            log.removeHandler(heard)
            log.propagate = before
        if arrived:
            return Sent(Fate.SENT, "Apprise says it was sent")
        if heard.answered:
            return Sent(Fate.NOT_SENT, f"Apprise says: the other side refused ({heard.answered})")
        return Sent(Fate.IN_DOUBT, "Apprise says it failed, and not whether it arrived")

    def _service(self) -> Any:
        """Apprise with our one address; empty when it does not know it."""
        log = logging.getLogger("apprise")
        before, log.disabled = log.disabled, True  # its complaint would show the address
        try:
            with warnings.catch_warnings():  # it loads modules that Python has given up
                warnings.simplefilter("ignore")
                from apprise import Apprise

                service = Apprise()
                service.add(self._url)
        finally:
            log.disabled = before
        return service


class _Heard(logging.Handler):
    """Listens whether Apprise tells of an answer; keeps only its status, never an address."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.answered = ""

    def emit(self, record: logging.LogRecord) -> None:
        found = _ANSWERED.search(record.getMessage()[:_LONGEST_ANSWER])
        if found and record.levelno >= logging.WARNING:
            self.answered = re.sub(r"\D", "", found[0])
