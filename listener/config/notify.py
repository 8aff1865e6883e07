"""Whom to tell of what cannot wait: events, the address, quiet hours, and how often at most."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    WithJsonSchema,
    model_validator,
)

from listener.config.hours import HoursConfig
from listener.config.mistakes import did_you_mean
from sources.duration import Duration
from sources.http.link import host_of
from sources.settings import Name

Event = Literal[
    "spike",
    "growing",
    "back",
    "vigilante",
    "promise",
    "queue",
    "blind",
    "disk",
    "outbox",
    "digest",
]
EVENTS: tuple[str, ...] = get_args(Event)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://\S")
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _events(value: object) -> object:
    """One event or a list of them."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not given:
        raise ValueError(f"must be one or a list of: {', '.join(EVENTS)}")
    for one in given:
        if one not in EVENTS:
            close = did_you_mean(str(one), EVENTS)
            hint = close if close.startswith(" —") else ""
            raise ValueError(f"must be one or a list of: {', '.join(EVENTS)}{hint}")
    return tuple(dict.fromkeys(given))


def _address(url: SecretStr) -> SecretStr:
    given = url.get_secret_value().strip()
    if not _SCHEME.match(given):
        raise ValueError(
            "not an address; write https://… for a webhook, or an Apprise address such as slack://…"
        )
    if is_webhook(given) and not host_of(given):
        raise ValueError("this web address has no host; write it like https://hooks.example.org/x")
    return SecretStr(given)


def _signing_key(secret: SecretStr) -> SecretStr:
    from sources.webhook.standard import Keys

    Keys.read([secret.get_secret_value()])
    return secret


def is_webhook(url: str) -> bool:
    """Whether it is told by our own signed webhook; anything else is told by Apprise."""
    return url.lower().startswith(("http://", "https://"))


class NotifyConfig(BaseModel):
    """Whom to tell of what cannot wait."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: Annotated[
        tuple[Event, ...],
        BeforeValidator(_events),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "enum": list(EVENTS)},
                    {"type": "array", "items": {"type": "string", "enum": list(EVENTS)}},
                ]
            }
        ),
    ] = Field(description="What is told: one event or a list of them, see below.")
    url: Annotated[SecretStr, AfterValidator(_address)] = Field(
        description="Where to: `https://…` is a webhook, any other address Apprise's; it often holds a token."
    )
    name: Name | None = Field(
        default=None,
        description="What it is called in lists and logs; without it `notify-1`, by its place.",
    )
    secret: Annotated[SecretStr, AfterValidator(_signing_key)] | None = Field(
        default=None,
        description="Signs a webhook as Standard Webhooks do: `whsec_` and 24 to 64 bytes in Base64.",
    )
    brands: tuple[Name, ...] = Field(
        default=(), description="Only these brands; all, and what concerns none, without it."
    )
    hours: HoursConfig | None = Field(
        default=None,
        description="Outside these hours it waits, and comes in one message when they begin.",
    )
    every: Duration | None = Field(
        default=None,
        description="Gathers for this long and sends one message; at once without it.",
    )
    allow_private: bool = Field(
        default=False, description="Lets a webhook lie outside the public internet."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "NotifyConfig":
        if not self.webhook and (self.secret is not None or self.allow_private):
            setting = "secret" if self.secret is not None else "allow_private"
            raise ValueError(f"{setting} is for webhooks (https://…); Apprise has its own ways")
        if self.every is not None and not timedelta(minutes=1) <= self.every <= _DAY:
            raise ValueError("every lies between 1m and 1d")
        return self

    @property
    def webhook(self) -> bool:
        """Whether it is told by our own webhook."""
        return is_webhook(self.url.get_secret_value())

    def not_before(self, at: datetime) -> datetime:
        """When something that is noticed `at` may be sent: gathered first, then within hours."""
        if self.every is not None:
            at = _EPOCH + ((at - _EPOCH) // self.every + 1) * self.every
        return at if self.hours is None else self.hours.after(at, timedelta())

    def wants(self, what: str, brand: str) -> bool:
        """Whether this rule tells of such an event."""
        return what in self.when and (not brand or not self.brands or brand in self.brands)


def names_of(rules: Sequence[NotifyConfig]) -> dict[str, NotifyConfig]:
    """The rules by name, in order; ones without a name are called by their place."""
    return {rule.name or f"notify-{place}": rule for place, rule in enumerate(rules, 1)}


def distinct(rules: tuple[NotifyConfig, ...]) -> tuple[NotifyConfig, ...]:
    """Refuse two rules of one name."""
    taken: set[str] = set()
    for place, rule in enumerate(rules, 1):
        name = rule.name or f"notify-{place}"
        if name in taken:
            raise ValueError(f"two entries are called {name!r}; give each its own name")
        taken.add(name)
    return rules
