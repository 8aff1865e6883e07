from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

import listener.app
from listener.cli import cli
from listener.cli.console import out
from listener.cli.empty_queue import why_empty
from listener.cli.queue_corrections import LANES
from listener.errors import ListenerError
from listener.store.rows import SourceState, Totals
from sources.protocols import Health
from triage.verdict import Lane

House = Any
Type = Callable[..., Result]

HOSTILE = (
    "[bold red]free money[/] \x1b[31mred\x1b]0;title\x07 \u202eevil\u202c \u2066x\u2069 \u200bzero "
    "\x00nul \ud83d half\r\nnext line\ttab " + "\U0001f600" * 300 + "x" * 10_000
)


@pytest.fixture
def type_(house: House, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Type a command at the house, at a width."""
    opened = functools.partial(listener.app.open_app, now=house.clock)
    monkeypatch.setattr(listener.app, "open_app", opened)

    def run(*words: object, width: int = 100, stdin: str | None = None) -> Result:
        return CliRunner().invoke(
            cli,
            ["--config", str(house.config_path), *map(str, words)],
            input=stdin,
            env={"COLUMNS": str(width), "LOGNAME": "ann"},
        )

    return run


def shown(result: Result) -> str:
    assert result.exception is None, result.exception
    return "\n".join(line.rstrip() for line in result.stdout.split("\n"))


@pytest.mark.parametrize("width", [40, 60, 100, 160])
def test_the_queue_reads_well_at_any_width(
    furnish: Callable[[], House], type_: Type, snapshot: Any, width: int
) -> None:
    house = furnish()
    house.desk.cases.prioritise(house.case(2), "zoe", 70)
    listing = shown(type_("queue", "list", width=width))
    assert listing == snapshot
    assert max(map(len, listing.split("\n"))) <= width


def test_the_header_says_what_is_blind_and_what_waits(
    furnish: Callable[[], House], type_: Type
) -> None:
    house = furnish()
    since = house.clock.at - timedelta(hours=9, minutes=50)
    house.store.set_health(SourceState("reddit", Health.BLIND, since, "token rejected"))
    listing = shown(type_("queue", "list"))
    assert "reddit blind since 2026-11-20 02:10 UTC (token rejected)" in listing
    assert "SAMPLE DATA" in listing
    assert "3 new" in listing


def test_the_header_names_a_source_that_is_unusually_quiet(house: House, type_: Type) -> None:
    since = house.clock.at - timedelta(hours=9)
    reason = "unusually quiet since 2026-11-20 03:00 UTC: about 30 posts usually come in that time"
    house.store.set_health(SourceState("forum", Health.DEGRADED, since, reason, quiet_since=since))
    house.store.set_health(SourceState("blog", Health.DEGRADED, since, "one line was unreadable"))
    listing = " ".join(shown(type_("queue", "list")).split())
    assert f"forum {reason}" in listing
    assert "unreadable" not in listing


def test_the_header_counts_posts_in_languages_that_nobody_reads(
    house: House, heard: type[Any], type_: Type
) -> None:
    house.hear(heard("Quá tệ", lang="vi"), heard("Chậm quá", lang="vi"), heard("ひどい", lang="ja"))
    assert "not read for sentiment: 2 vi, 1 ja" in shown(type_("queue", "list"))


def test_an_empty_queue_says_why_and_what_to_type(house: House, type_: Type) -> None:
    assert "Nothing is listened to" in shown(type_("queue", "list"))
    assert "Next:  listener sources describe, or listener import FILE" in shown(
        type_("queue", "list")
    )
    case = house.open_case()
    for words in (("--label", "vip"), ("--owner", "zoe"), ("--view", "done")):
        assert "No case matches.\nNext:  listener queue list --view all" in shown(
            type_("queue", "list", *words)
        )
    house.desk.cases.resolve(case, "ann")
    assert "All quiet, or all done.\nNext:  listener queue list" in shown(type_("queue", "list"))


@pytest.mark.parametrize(
    ("heard", "pending", "failing", "said", "command"),
    [
        (0, 0, 0, "Nothing was heard yet.", "listener run --once"),
        (1_500, 1_200, 0, "1,200 mentions wait to be judged.", "listener run --once"),
        (0, 0, 2, "Nothing was heard yet: 2 of 3 sources could not be", "listener sources check"),
        (9, 0, 1, "No case is open, but 1 of 3 sources could not be", "listener sources check"),
    ],
)
def test_an_empty_queue_is_not_called_quiet_before_it_is_known(
    heard: int, pending: int, failing: int, said: str, command: str
) -> None:
    totals = Totals(heard, pending, {}, {}, 0, {}, sample=False)
    why, next_ = why_empty(totals, 3, failing, narrowed=False)
    assert why.startswith(said)
    assert next_ == command


@pytest.mark.parametrize("typed", ["abc", "0", "-1", "1.5", "٣", "9" * 19])
def test_what_is_no_number_of_a_case_is_named(type_: Type, typed: str) -> None:
    result = type_("queue", "claim", "--", typed)
    assert result.exit_code == 2
    told = " ".join(result.stderr.split())
    assert f"{typed!r} is not the number of a case; see listener queue list" in told


def test_a_priority_may_be_below_nothing(house: House, type_: Type) -> None:
    case = house.open_case()
    assert "-5, by hand" in type_("queue", "priority", case, "-5").stdout
    assert type_("queue", "priority", case, "--clera").exit_code == 2


def test_the_next_command_names_the_configuration(house: House, type_: Type) -> None:
    error = type_("queue", "show", 99).exception
    assert isinstance(error, ListenerError)
    assert error.hint == f"listener --config {house.config_path} queue list --view all"
    case = house.open_case()
    back = f"Take it back: listener --config {house.config_path} queue undo {case} --move "
    assert back in type_("queue", "note", case, "Same as last week.").stderr


def test_words_of_the_judge_are_for_people(house: House, type_: Type) -> None:
    case = house.open_case("I was on hold for two weeks and you do not answer. Shame on you!")
    page = " ".join(shown(type_("queue", "show", case, width=200)).split())
    for name in ("first_person", "second_person", "service_reading", "vader_reading", "long_wait"):
        assert name not in page


@pytest.mark.parametrize("width", [60, 100])
def test_a_case_is_shown_with_everything_known(
    furnish: Callable[[], House], type_: Type, snapshot: Any, width: int
) -> None:
    house = furnish()
    case = house.case(1)
    house.desk.cases.claim(case, "ann")
    house.desk.replies.note(case, "ben", "Same as last week.")
    house.desk.replies.draft(case, "ann", "Sorry!\nWe are on it.")
    house.clock.forward(minutes=5)
    assert shown(type_("queue", "show", case, width=width)) == snapshot


def test_the_parts_on_the_page_add_up_to_the_priority(
    furnish: Callable[[], House], type_: Type
) -> None:
    furnish()
    page = shown(type_("queue", "show", 1)).partition("Why it is here")[2].split("\n\n")[0]
    numbers = [int(line.split()[0]) for line in page.strip().split("\n")]
    assert sum(numbers[:-1]) == numbers[-1] == 86


def test_the_words_that_decided_are_marked(house: House) -> None:
    from rich.console import Console

    from listener.cli.case_page import highlighted
    from triage.verdict import Signal

    text = "I was on hold\nfor hours"
    marked = highlighted(text, [Signal("on_hold", 6, 13, "on hold"), Signal("x", 9, 17, "")])
    assert marked.plain == text
    assert [(span.start, span.end) for span in marked.spans] == [(6, 17)]
    console = Console(width=40, force_terminal=True, color_system="truecolor", file=out().file)
    assert console.width == 40


@pytest.mark.parametrize("width", [60, 100, 200])
def test_a_hostile_post_is_only_text(house: House, type_: Type, width: int) -> None:
    case = house.open_case(HOSTILE, author="a\x1b[31mb\u202e", title="=1+1\x07", source="rss")
    house.desk.replies.note(case, "ben", "\x1b[2Jgone " + HOSTILE[:200])
    house.desk.cases.claim(case, "ann")
    for words in (("queue", "list", "--view", "all"), ("queue", "show", case)):
        page = shown(type_(*words, width=width))
        assert "free money" in page
        assert "[bold red]" in page
        odd = {c for c in page if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n"}
        assert not odd, odd


def test_a_long_post_is_cut_and_says_so(house: House, type_: Type) -> None:
    case = house.open_case("word " * 200_000)
    page = shown(type_("queue", "show", case))
    assert len(page) < 8_000
    assert "more characters, see --json" in page
    assert len(json.loads(type_("queue", "show", case, "--json").stdout)["case"]["text"]) > 900_000


def test_json_has_the_same_names_as_the_store(furnish: Callable[[], House], type_: Type) -> None:
    furnish()
    (first, *_) = json.loads(type_("queue", "list", "--json").stdout)
    assert (first["id"], first["priority"], first["lane"]) == (1, 86, "complaint")
    assert first["due_at"] == "2026-11-20T10:00:00Z"
    assert [part["points"] for part in first["reasons"]] == [56, 20, 12, -2]
    file = json.loads(type_("queue", "show", 1, "--json").stdout)
    known = {"case", "mentions", "edits", "parts", "replies", "history", "thread"}
    assert set(file) == known | {"explanation"}
    assert file["mentions"][0]["verdict"]["sentiment"]["compound"] == -0.25


def test_the_options_narrow_the_queue(furnish: Callable[[], House], type_: Type) -> None:
    house = furnish()
    house.desk.cases.claim(house.case(2), "zoe")

    def ids(*words: str) -> list[int]:
        found = json.loads(type_("queue", "list", "--json", *words).stdout)
        return [case["id"] for case in found]

    assert ids() == [1, 3]
    assert ids("--view", "all") == [1, 2, 3]
    assert ids("--view", "mine", "--as", "zoe") == [2]
    assert ids("--view", "all", "--owner", "zoe") == [2]
    assert ids("--lane", "question") == [3]
    assert ids("--vigilante", "likely") == [1]
    assert ids("--source", "bank-forum") == [3]
    assert ids("--search", "nobody answ") == [1]
    assert ids("--limit", "1") == [1]
    assert ids("--brand", "acme") == [1, 3]
    house.clock.forward(minutes=21)
    assert ids() == [1, 2, 3]


def test_a_case_is_worked_by_typing(house: House, type_: Type) -> None:
    case = house.open_case()
    steps: list[tuple[tuple[object, ...], str]] = [
        (("claim", case), "is yours until 2026-11-20T12:20:00Z"),
        (("note", case, "-"), "stays in the house"),
        (("reply", case, "Sorry!"), "nothing was sent"),
        (("reply", case, "--approve", "--as", "lead"), "Approved"),
        (("reply", case, "--sent"), "the case now waits"),
        (("priority", case, "90"), "90, by hand"),
        (("priority", case, "--clear"), "the sum of its parts"),
        (("snooze", case, "2h"), "sleeps until 2026-11-20T14:00:00Z"),
        (("snooze", case, "2026-11-21T09:00+01:00"), "sleeps until 2026-11-21T08:00:00Z"),
        (("claim", case), "is yours"),
        (("assign", case, "ben"), "is ben's task"),
        (("release", case, "--as", "ben"), "everybody's again"),
        (("resolve", case, "refund issued"), "is resolved"),
        (("reopen", case), "is open again"),
        (("dismiss", case, "not about us"), "is dismissed"),
        (("undo", case), "Taken back: move"),
    ]
    for words, said in steps:
        result = type_("queue", *words, stdin="Same as last week.")
        assert result.exception is None, (words, result.exception)
        assert said in result.stdout, (words, result.stdout)
    log = house.store.case(case).history
    assert {row.actor for row in log} == {"ann", "lead", "ben"}
    # Sending is two moves: the reply's and the case's.
    assert len(log) == len(steps) + 1


def test_every_move_prints_its_history_row_as_json(house: House, type_: Type) -> None:
    case = house.open_case()
    row = json.loads(type_("queue", "claim", case, "--json").stdout)
    assert (row["actor"], row["action"], row["case"]) == ("ann", "claim", case)


def test_reply_without_words_prints_the_link(house: House, type_: Type) -> None:
    case = house.open_case()
    assert type_("queue", "reply", case).stdout == "https://reddit.example/r/acme/1\n"
    drafted = type_("queue", "reply", case, "Sorry!").stdout
    assert "Answer in the browser: https://reddit.example/r/acme/1\n" in drafted
    nowhere = house.open_case(url="", author="other")
    assert "has no address" in str(type_("queue", "reply", nowhere).exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", 99), "there is no case 99"),
        (("snooze", 1, "soon"), "neither a length nor a time"),
        (("snooze", 1, "2020-01-01"), "must lie ahead"),
        (("priority", 1), "either points or --clear"),
        (("reply", 1, "x", "--sent"), "one at a time"),
        (("reply", 1, " "), "the reply is empty"),
        (("reply", 1, "x", "--reply", 7), "--reply 7 goes with --approve or --sent"),
        (("list", "--source", "nope"), "no source is called 'nope'"),
        (("claim", 1, "--as", " "), "who are you"),
        (("undo",), "ann has made no move"),
        (("list", "--brand", "Nobody"), "there is no brand 'Nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(
    house: House, type_: Type, words: tuple[object, ...], said: str
) -> None:
    house.open_case()
    error = type_("queue", *words).exception
    assert isinstance(error, ListenerError)
    assert said in str(error)
    assert error.hint


def test_labels_are_typed_listed_and_searched(house: House, type_: Type) -> None:
    case, other = house.open_case(), house.open_case("on hold again", author="ben")
    said = shown(type_("queue", "label", case, "Refund", "vip"))
    assert said == f"Case {case} has: refund, vip.\n"
    for words in (("--label", "Refund"), ("--search", "label:refund is:open")):
        listed = json.loads(type_("queue", "list", "--json", *words).stdout)
        assert [one["id"] for one in listed] == [case]
    assert "labels: refund, vip" in shown(type_("queue", "show", case))
    type_("queue", "label", other, "vip")
    listed = [line.split() for line in shown(type_("queue", "labels")).split("\n")]
    assert [line for line in listed if line[-1:] in (["1"], ["2"])] == [
        ["vip", "2", "2"],
        ["refund", "1", "1"],
    ]
    assert shown(type_("queue", "unlabel", case, "vip")) == f"Case {case} no longer has: vip.\n"
    assert json.loads(type_("queue", "labels", "--json").stdout)[0]["label"] == "refund"
    wrong = type_("queue", "label", case, "<b>")
    assert "is no label" in str(wrong.exception)


@pytest.mark.parametrize(("until", "said"), [("worse", "it gets worse"), ("answer", "they answer")])
def test_a_case_sleeps_until_something_happens(
    house: House, type_: Type, until: str, said: str
) -> None:
    case = house.open_case()
    done = shown(type_("queue", "snooze", case, until, "--at-most", "2d"))
    assert done == f"Case {case} sleeps until {said}, or 2026-11-22T12:00:00Z.\n"
    assert f"sleeps until {said}, or " in shown(type_("queue", "show", case))
    assert f"sleeps until {said}" in " ".join(
        shown(type_("queue", "list", "--view", "snoozed", width=200)).split()
    )
    wrong = type_("queue", "snooze", case, "2h", "--at-most", "2d")
    assert "--at-most goes with answer or worse" in str(wrong.exception)


@pytest.mark.parametrize("answer", ["n\n", "", "\n"])
def test_nobody_is_erased_without_a_yes(house: House, type_: Type, answer: str) -> None:
    case = house.open_case("Nobody answers.", author="ann")
    row = house.store.case(case).mentions[0].mention
    person = f"{row.kind}:{row.author.id}"
    error = type_("store", "erase", person, stdin=answer).exception
    assert isinstance(error, ListenerError)
    assert str(error) == "nothing was erased"
    assert error.hint.endswith(f"store erase {person} --yes")
    assert house.store.case(case).case.text == "Nobody answers."
    assert "Erased 1 mentions of" in type_("store", "erase", person, stdin="y\n").stderr
    assert house.store.case(case).case.text == ""


def test_the_lanes_one_may_type_are_those_there_are() -> None:
    assert tuple(lane.value for lane in Lane) == LANES
