"""Working hours: when somebody is there, and when a promise made in working time falls due."""

import itertools
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from listener.config.mistakes import did_you_mean

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_KEY = r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$"

# A promise that needs more days than this is not kept in working time: 20 years of Mondays.
MAX_DAYS = 7_300

_SPAN = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-4]):([0-5][0-9])")

Opening = tuple[int, int]  # minutes since midnight, the second excluded


def _read_openings(value: object) -> tuple[Opening, ...]:
    if not isinstance(value, str):
        raise ValueError('hours are text, such as "08:00-20:00" or "08:00-12:00, 13:00-17:00"')
    openings = []
    for part in value.split(","):
        found = _SPAN.fullmatch(part.strip())
        if not found:
            raise ValueError(
                'not hours; write them like "08:00-20:00" or "08:00-12:00, 13:00-17:00"'
            )
        hours = [int(number) for number in found.groups()]
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if not start < end <= 24 * 60:
            raise ValueError("hours end after they begin and by 24:00; split a night at midnight")
        openings.append((start, end))
    openings.sort()
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(openings)):
        raise ValueError("these hours overlap")
    return tuple(openings)


def _show_openings(openings: tuple[Opening, ...]) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in openings)


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        zones = zoneinfo.available_timezones()
        if not zones:
            raise ValueError(
                "this machine has no time-zone data; install it with: pip install tzdata"
            ) from None
        close = did_you_mean(name, zones)
        hint = close if close.startswith(" —") else "; write it like Europe/London"
        raise ValueError(f"no such time zone{hint}") from None
    return name


Openings = Annotated[
    tuple[Opening, ...],
    BeforeValidator(_read_openings),
    PlainSerializer(_show_openings, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["08:00-20:00", "08:00-12:00, 13:00-17:00"]}),
]


class HoursConfig(BaseModel):
    """When people work: a time zone, then days or ranges of days with their hours."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        json_schema_extra={
            "additionalProperties": False,
            "patternProperties": {DAY_KEY: {"type": "string"}},
        },
    )
    __pydantic_extra__: dict[str, Openings]

    tz: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC", description="The time zone of these hours, such as Europe/London."
    )

    @model_validator(mode="after")
    def _days_are_days(self) -> "HoursConfig":
        taken: dict[int, str] = {}
        for key in self.__pydantic_extra__:
            if not re.fullmatch(DAY_KEY, key):
                meant = did_you_mean(key, ("tz", "mon-fri", "sat-sun", *DAYS))
                raise PydanticCustomError(
                    "day", "{said}", {"said": f"not a day{meant}", "key": key}
                )
            for day in _days(key):
                if day in taken:
                    said = f"{DAYS[day]} has hours under '{taken[day]}' already"
                    raise PydanticCustomError("day", "{said}", {"said": said, "key": key})
                taken[day] = key
        if not taken:
            raise ValueError('no day has hours; write for example mon-fri: "08:00-20:00"')
        return self

    def openings(self) -> Mapping[int, tuple[Opening, ...]]:
        """The hours of every day that has some (0 is Monday), in minutes since midnight."""
        return {day: spans for key, spans in self.__pydantic_extra__.items() for day in _days(key)}

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The moment at which `span` of working time has passed since `start` (aware); in UTC."""
        left = span
        for opens, closes in self._from(start):
            begin = max(opens, start)
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        return start.astimezone(UTC) + span

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one moment (aware) to another; none when the second is earlier."""
        passed = timedelta()
        for opens, closes in self._from(start):
            if opens >= end:
                break
            passed += min(closes, end) - max(opens, start)
        return passed

    def _from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of working time that end after `start`, in UTC, for at most MAX_DAYS."""
        zone = zoneinfo.ZoneInfo(self.tz)
        openings = self.openings()
        midnight = start.astimezone(zone).replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None
        )
        for number in range(MAX_DAYS):
            day = midnight + timedelta(days=number)
            for opens, closes in openings.get(day.weekday(), ()):
                # Wall-clock arithmetic first, then the zone: right across changes of the clock.
                begin = (day + timedelta(minutes=opens)).replace(tzinfo=zone).astimezone(UTC)
                end = (day + timedelta(minutes=closes)).replace(tzinfo=zone).astimezone(UTC)
                if end > start and end > begin:
                    yield begin, end


def _days(key: str) -> Iterator[int]:
    first, _, last = key.partition("-")
    start = DAYS.index(first)
    end = DAYS.index(last) if last else start
    for offset in range((end - start) % 7 + 1):
        yield (start + offset) % 7
