"""How alarms reach people: one message, and the ways to send it."""

from listener.notifiers.choice import missing, notifier_for
from listener.notifiers.message import Message, compose, trial
from listener.notifiers.protocol import Fate, Notifier, Sent

__all__ = ["Fate", "Message", "Notifier", "Sent", "compose", "missing", "notifier_for", "trial"]
