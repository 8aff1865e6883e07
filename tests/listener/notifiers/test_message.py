"""Messages: short, plain, and harmless wherever they are shown."""

from __future__ import annotations

from datetime import UTC, datetime

from listener.notifiers import compose
from listener.notifiers.message import harmless
from listener.store.alarms import AlarmRow, DeliveryRow

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def delivery(id: int = 1, title: str = "Card declined", **more: object) -> DeliveryRow:
    fields: dict[str, object] = {
        "key": f"spike:{id}",
        "what": "spike",
        "brand": "Acme",
        "issue": 7,
        "case": None,
        "reasons": ("9 people in 3 hours, 0.4 usual at this time",),
        "per_week": 0.02,
        **more,
    }
    alarm = AlarmRow(id=id, title=title, at=NOON, until=NOON, **fields)  # type: ignore[arg-type]
    return DeliveryRow(id, "desk", "sending", 1, NOON, None, "", alarm)


def test_one_alarm() -> None:
    said = compose([delivery()], NOON)
    assert (said.what, said.subject) == ("spike", "Spike: Card declined (Acme)")
    assert said.text.splitlines() == [
        "Spike: Card declined (Acme)",
        "  9 people in 3 hours, 0.4 usual at this time",
        "  listener issues show 7",
    ]
    assert said.alarms[0]["false_alarms_per_week"] == 0.02


def test_many_alarms_are_one_message_of_bounded_length() -> None:
    rows = [delivery(n, what="back" if n % 2 else "spike") for n in range(500)]
    said = compose(rows, NOON, "https://listen.example.org")
    assert said.what == "several"
    assert said.subject == "500 alarms, first: Spike: Card declined (Acme)"
    assert said.text.count("https://listen.example.org/issues/7") == 20
    assert said.text.endswith("and 480 more: listener notify list")
    assert len(said.alarms) == 500


def test_it_keeps_its_id_when_it_is_sent_again() -> None:
    rows = [delivery(1), delivery(2)]
    assert compose(rows, NOON).id == compose(rows[::-1], NOON).id
    assert compose(rows[:1], NOON).id == "listener_1"
    assert compose(rows, NOON).id != compose(rows[:1], NOON).id


def test_a_case_is_named_by_its_number() -> None:
    said = compose([delivery(title="", what="vigilante", issue=None, case=12)], NOON)
    assert said.subject == "Likely vigilante: case 12 (Acme)"
    assert said.text.endswith("listener queue show 12")


def test_trouble_that_is_over_says_so() -> None:
    more = {"what": "blind", "title": "", "brand": "", "issue": None}
    begins = compose([delivery(key="blind:feed:2026-11-20T12:00:00", **more)], NOON)  # type: ignore[arg-type]
    ends = compose([delivery(key="over:blind:feed:2026-11-20T12:00:00", **more)], NOON)  # type: ignore[arg-type]
    assert (begins.subject, begins.alarms[0]["over"]) == ("Source blind", False)
    assert (ends.subject, ends.alarms[0]["over"]) == ("Source sees again", True)
    assert (ends.what, ends.alarms[0]["what"]) == ("blind", "blind")


def test_titles_call_nobody_and_hide_no_link() -> None:
    title = harmless("@everyone <!channel> [click](https://evil.example)\n\u202ex\x00 `rm`")
    assert not set("@<>[]`\n\u202e\x00") & set(title)
    assert "https://" not in title
    assert len(harmless("x" * 1_000_000)) <= 120
