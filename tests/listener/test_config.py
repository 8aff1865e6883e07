"""config.yaml: what is accepted, and how every mistake is told."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from listener.config import Config, QueueConfig, load
from listener.config.secrets import secret_values
from listener.errors import ConfigError, UsageError
from sources.settings import SourceSettings
from triage.priority import Policy
from triage.verdict import Lane


class RssSettings(SourceSettings):
    url: str


class RedditSettings(SourceSettings):
    subreddits: tuple[str, ...]
    client_id: SecretStr
    client_secret: SecretStr


class FileSettings(SourceSettings):
    paths: tuple[Path, ...]


KNOWN: Mapping[str, type[SourceSettings]] = {
    "rss": RssSettings,
    "reddit": RedditSettings,
    "files": FileSettings,
}
FULL = """\
store: sqlite:///listener.db
brands:
  - name: Acme
    query: '("acme bank" OR @acmebank OR #acmebank) NOT (acme NEAR/3 "looney tunes")'
    handles: {mastodon: "@acme@mastodon.social", bluesky: acme.bsky.social, reddit: u/acmebank}
    languages: [en, es, de, no]
    groups: [{name: vip, people: ["bluesky:did:plc:1"], points: 8}]
sources:
  - {name: blogs, type: rss, url: "https://example.org/feed", every: 15m}
  - {name: reddit, type: reddit, subreddits: [banking], every: 2m, client_id: ${REDDIT_CLIENT_ID},
     client_secret: ${REDDIT_CLIENT_SECRET}, budget: {posts_per_day: 2000},
     base_url: "http://localhost:1", allow_private: true}
queue:
  promise: {severe: 1h, complaint: 4h, question: 8h}
  hours: {tz: Europe/London, mon-fri: "08:00-20:00"}
  lease: 20m
replies: {approval: lead, dry_run: true}
retention: {text: 365d, verify: [1h, 24h, 7d]}
notify: [{when: spike, url: "${NOTIFY_URL}"}]
web: {host: 127.0.0.1, port: 8080}
"""
MINIMAL = "brands:\n  - name: Acme\n"

Load = Callable[[str], Config]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LISTENER_STORE", "LISTENER_WEB__PORT", "LISTENER_QUEUE__LEASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a configuration that is called config.yaml and stands in the current folder."""
    monkeypatch.chdir(tmp_path)

    def read(text: str) -> Config:
        Path("config.yaml").write_text(text, encoding="utf-8")
        return load(None, KNOWN)

    return read


@pytest.fixture
def mistakes(read: Load) -> Callable[[str], list[str]]:
    """The lines of the error that a configuration ends with."""

    def mistakes(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            read(text)
        assert caught.value.exit_code == 3
        return str(caught.value).splitlines()

    return mistakes


Mistakes = Callable[[str], list[str]]


def test_every_key_of_the_design_is_accepted(
    read: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REDDIT_CLIENT_ID", "id-canary")
    monkeypatch.setenv("REDDIT_CLIENT_SECRET", "secret-canary")
    monkeypatch.setenv("NOTIFY_URL", "tgram://token-canary")
    config = read(FULL)
    assert config.store == f"sqlite:///{tmp_path}/listener.db"
    assert config.brands[0].languages == ("en", "es", "de", "no")
    assert config.brands[0].groups[0].points == 8
    assert isinstance(config.sources[0], RssSettings)
    assert config.sources[0].every == timedelta(minutes=15)
    assert config.sources[1].budget.posts_per_day == 2000
    assert config.queue.promise.severe == timedelta(hours=1)
    assert config.queue.lease == timedelta(minutes=20)
    assert config.retention.verify[-1] == timedelta(days=7)
    assert config.web.port == 8080
    assert "canary" not in repr(config) + config.model_dump_json()
    assert secret_values(config) == {"id-canary", "secret-canary", "tgram://token-canary"}


def test_a_brand_is_all_that_is_needed(read: Load) -> None:
    config = read(MINIMAL)
    assert (config.brands[0].query, config.sources, config.replies.dry_run) == ("", (), True)


def test_a_brand_is_found_by_name_or_because_it_is_the_only_one(read: Load) -> None:
    one = read(MINIMAL)
    assert one.brand() is one.brand("Acme") is one.brands[0]
    two = read(MINIMAL + "  - name: Bolt\n")
    assert two.brand("Bolt").name == "Bolt"
    with pytest.raises(UsageError, match="which brand") as which:
        two.brand()
    assert which.value.hint == "--brand with one of: Acme, Bolt"
    with pytest.raises(UsageError, match="there is no brand 'Bold' — did you mean 'Bolt'"):
        two.brand("Bold")


def test_all_mistakes_are_told_at_once_each_in_its_place(mistakes: Mistakes) -> None:
    text = """\
stroe: sqlite:///x.db
brands:
  - name: Acme
    query: 'acme AND ('
  - name: Acme
    languages: [en, english]
sources:
  - {name: blogs, type: rss, evry: 15m}
  - {name: blogs, type: rsss}
  - {name: third, type: files, paths: a.csv, brands: [Acne]}
  - words
queue:
  promise: {severe: soon, complaint: 15}
  hours: {tz: Europe/Lodnon, mon-fri: "8-20"}
replies: {approval: laed, dry_run: perhaps}
retention: {verify: [7d, 1h]}
notify: {when: spike}
web: {port: 70000}
"""
    assert mistakes(text) == [
        "config.yaml:1:1: stroe: not a setting — did you mean 'store'?",
        "config.yaml:4:23: brands.0.query: character 11: expected a term at the beginning; "
        "remove (, or put a term behind it",
        "config.yaml:5:11: brands.1.name: brands.0 has this name already; names are unique",
        "config.yaml:6:21: brands.1.languages.1: not a language; write its ISO 639 code in small "
        "letters, such as en or de",
        "config.yaml:8:5: sources.0.url: is missing",
        "config.yaml:8:30: sources.0.evry: not a setting — did you mean 'every'?",
        "config.yaml:9:12: sources.1.name: sources.0 has this name already; names are unique",
        "config.yaml:9:25: sources.1.type: no such type of source — did you mean 'rss'?",
        "config.yaml:10:39: sources.2.paths: a list is needed here, such as [one, two]",
        "config.yaml:10:55: sources.2.brands.0: there is no brand of this name "
        "— did you mean 'Acme'?",
        "config.yaml:11:5: sources.3: a map of settings is needed here: {name: …, type: …}",
        "config.yaml:13:21: queue.promise.severe: not a duration; "
        "write it like 45s, 15m, 2h, 1h30m or 365d",
        "config.yaml:13:38: queue.promise.complaint: not a duration (a unit is missing); "
        "write it like 45s, 15m, 2h, 1h30m or 365d",
        "config.yaml:14:15: queue.hours.tz: no such time zone — did you mean 'Europe/London'?",
        "config.yaml:14:39: queue.hours.mon-fri: not hours; "
        'write them like "08:00-20:00" or "08:00-12:00, 13:00-17:00"',
        "config.yaml:15:21: replies.approval: must be one of: none, lead — did you mean 'lead'?",
        "config.yaml:15:36: replies.dry_run: true or false is needed here",
        "config.yaml:16:21: retention.verify: each re-check comes later than the one before, "
        "such as [1h, 24h, 7d]",
        "config.yaml:17:9: notify: a list is needed here, such as [one, two]",
        "config.yaml:18:13: web.port: must be less than or equal to 65535",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("store: sqlite:///a.db\n", "config.yaml:1:1: brands: is missing"),
        ("brands: []\n", "config.yaml:1:9: brands: needs at least one entry"),
        ("brands:\n", "config.yaml:1:8: brands: is missing"),
        ("brands: Acme\n", "config.yaml:1:9: brands: a list is needed here"),
        ("brands: [{name: ' '}]\n", "config.yaml:1:17: brands.0.name: must not be empty"),
        ("brands: [Acme]\n", "config.yaml:1:10: brands.0: a map of settings is needed here"),
        (MINIMAL + "sources: rss\n", "config.yaml:3:10: sources: a list is needed here"),
        (
            MINIMAL + "sources: [{name: a}]\n",
            "config.yaml:3:11: sources.0.type: is missing; known here: files, reddit, rss",
        ),
        (MINIMAL + "store: mysql://x\n", "config.yaml:3:8: store: not a store; write it like"),
        (MINIMAL + "store: 'sqlite:///'\n", "config.yaml:3:8: store: not a store; write it like"),
        (MINIMAL + "web: {port: eighty}\n", "config.yaml:3:13: web.port: a whole number is needed"),
        (MINIMAL + "web: on\n", "config.yaml:3:6: web: a map of settings is needed here"),
        (MINIMAL + "\tweb: 1\n", "config.yaml:3:1: a tab; indent with spaces"),
        (
            MINIMAL + "queue: {hours: {mon-fry: '08:00-09:00'}}\n",
            "config.yaml:3:17: queue.hours.mon-fry: not a day — did you mean 'mon-fri'?",
        ),
        (
            MINIMAL + "queue: {hours: {mon-fri: '08:00-09:00', wed: '10:00-11:00'}}\n",
            "config.yaml:3:41: queue.hours.wed: wed has hours under 'mon-fri' already",
        ),
        (
            MINIMAL + "queue: {hours: {tz: UTC}}\n",
            "config.yaml:3:16: queue.hours: no day has hours",
        ),
        (
            MINIMAL + "queue: {hours: {mon: '09:00-12:00, 11:00-13:00'}}\n",
            "config.yaml:3:22: queue.hours.mon: these hours overlap",
        ),
        (
            MINIMAL + "queue: {hours: {mon: '22:00-06:00'}}\n",
            "config.yaml:3:22: queue.hours.mon: hours end after they begin",
        ),
    ],
)
def test_one_mistake(mistakes: Mistakes, text: str, said: str) -> None:
    lines = mistakes(text)
    assert len(lines) == 1
    assert lines[0].startswith(said)


def test_a_missing_file_names_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"there is no config\.yaml") as caught:
        load(None, KNOWN)
    assert caught.value.hint == "listener init --brand NAME"
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path, KNOWN)


# ── secrets and variables ───────────────────────────────────────────────────────────────────────

REDDIT = MINIMAL + "sources:\n  - {name: r, type: reddit, subreddits: [a], client_id: i, "


def test_a_missing_variable_names_itself_and_the_setting(mistakes: Mistakes) -> None:
    assert mistakes(REDDIT + "client_secret: ${NO_SUCH_THING}}\n") == [
        "config.yaml:4:75: sources.0.client_secret: NO_SUCH_THING is not set in the environment"
    ]


def test_a_broken_reference_is_told(mistakes: Mistakes) -> None:
    assert "'${' begins a variable" in mistakes(REDDIT + "client_secret: '${1X}'}\n")[0]
    assert "'${' begins a variable" in mistakes(REDDIT + "client_secret: 'a${X'}\n")[0]


def test_variables_have_defaults_and_an_escape(read: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY", "${PATH}")
    config = read("brands: [{name: 'A ${CITY} ${NO_SUCH:-b:c} $${X}'}]\n")
    assert config.brands[0].name == "A ${PATH} b:c ${X}"


def test_a_secret_from_a_file(read: Load, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n", encoding="utf-8")
    source = read(REDDIT + "client_secret: 'file:key'}\n").sources[0]
    assert isinstance(source, RedditSettings)
    assert source.client_secret.get_secret_value() == "s3cret"


def test_files_that_cannot_hold_a_secret(mistakes: Mistakes, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "huge").write_bytes(b"x" * 70_000)
    cannot = "config.yaml:4:75: sources.0.client_secret: "
    for name, said in [
        ("nope", f"{cannot}cannot read the secret in {tmp_path}/nope: No such file or directory"),
        (".", f"{cannot}cannot read the secret in {tmp_path}: Is a directory"),
        ("binary", f"{cannot}the secret in {tmp_path}/binary is not UTF-8 text"),
        ("huge", f"{cannot}the secret in {tmp_path}/huge is longer than 65,536 bytes"),
    ]:
        assert mistakes(REDDIT + f"client_secret: 'file:{name}'}}\n") == [said]


def test_file_is_read_for_secrets_only(read: Load) -> None:
    assert read("brands: [{name: 'file:/etc/hostname'}]\n").brands[0].name == "file:/etc/hostname"


@pytest.mark.parametrize(
    "text",
    [
        "brands: [{name: Acme, query: '${CANARY} AND ('}]\n",
        "brands: [{name: Acme, languages: ['${CANARY}']}]\n",
        MINIMAL + "store: '${CANARY}'\n",
        MINIMAL + "web: {port: '${CANARY}'}\n",
        MINIMAL + "replies: {approval: '${CANARY}'}\n",
        MINIMAL + "queue: {hours: {tz: '${CANARY}', mon: '${CANARY}'}}\n",
        MINIMAL + "notify: [{when: '${CANARY}', url: '${CANARY}'}]\n",
    ],
)
def test_no_mistake_shows_what_a_variable_held(
    mistakes: Mistakes, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("CANARY", "hush-hush-canary")
    assert "hush" not in "\n".join(mistakes(text))


# ── overrides and paths ─────────────────────────────────────────────────────────────────────────


def test_the_environment_overrides_the_file(read: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_STORE", "sqlite:////var/lib/acme.db")
    monkeypatch.setenv("LISTENER_WEB__PORT", "8123")
    monkeypatch.setenv("LISTENER_QUEUE__PROMISE__SEVERE", "30m")
    config = read(MINIMAL + "web: {host: localhost, port: 1}\n")
    assert config.store == "sqlite:////var/lib/acme.db"
    assert (config.web.host, config.web.port) == ("localhost", 8123)
    assert config.queue.promise.severe == timedelta(minutes=30)
    assert config.queue.promise.complaint == timedelta(hours=4)


def test_a_mistake_in_the_environment_names_the_variable(
    mistakes: Mistakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTENER_WEB__PROT", "1")
    monkeypatch.setenv("LISTENER_QUEUE__LEASE", "soon")
    assert mistakes(MINIMAL) == [
        "LISTENER_QUEUE__LEASE: queue.lease: not a duration; "
        "write it like 45s, 15m, 2h, 1h30m or 365d",
        "LISTENER_WEB__PROT: web.prot: not a setting — did you mean 'port'?",
    ]


def test_a_section_from_the_environment_that_is_no_map(
    mistakes: Mistakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTENER_WEB", "{port")
    assert mistakes(MINIMAL) == ["LISTENER_WEB: web: a map of settings is needed here"]


def test_paths_count_from_the_folder_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "acme.yaml").write_text(
        MINIMAL + "sources: [{name: f, type: files, paths: [posts.csv, /abs/x.csv]}]\n"
    )
    monkeypatch.chdir(tmp_path)
    config = load(Path("etc/acme.yaml"), KNOWN)
    assert config.store == f"sqlite:///{folder}/listener.db"
    source = config.sources[0]
    assert isinstance(source, FileSettings)
    assert source.paths == (folder / "posts.csv", Path("/abs/x.csv"))


# ── promises ────────────────────────────────────────────────────────────────────────────────────

FRIDAY_EVENING = datetime(2026, 3, 27, 19, 0, tzinfo=UTC)  # the clocks change on the 29th


def test_promises_count_working_hours_only(read: Load) -> None:
    queue = read(
        MINIMAL
        + "queue: {hours: {tz: Europe/London, mon-fri: '08:00-20:00', sat: '10:00-12:00'}}\n"
    ).queue
    # One hour on Friday, two on Saturday, the fourth on Monday, when London is an hour ahead.
    due = queue.due_at("complaint", False, FRIDAY_EVENING)
    assert due == datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
    assert queue.due_at("complaint", True, FRIDAY_EVENING) == datetime(2026, 3, 27, 20, tzinfo=UTC)


def test_points_of_policy_signals_are_settings(read: Load, mistakes: Mistakes) -> None:
    policy = read(MINIMAL + "queue: {points: {safety: 31, press: -3}}\n").queue.policy()
    assert (policy.signals["safety"], policy.signals["press"]) == (31, -3)
    assert policy.signals["legal"] == QueueConfig().policy().signals["legal"]
    assert mistakes(MINIMAL + "queue: {points: {safty: 31}}\n") == [
        "config.yaml:3:18: queue.points.safty: not a policy signal — did you mean 'safety'?"
    ]
    assert mistakes(MINIMAL + "queue: {points: {safety: 1000}}\n") == [
        "config.yaml:3:18: queue.points.safety: points lie between -100 and 100"
    ]


def test_promises_without_hours_run_around_the_clock() -> None:
    queue = QueueConfig()
    assert queue.due_at("question", False, FRIDAY_EVENING) == FRIDAY_EVENING + timedelta(hours=8)
    assert queue.due_at("question", True, FRIDAY_EVENING) == FRIDAY_EVENING + timedelta(hours=8)
    assert queue.due_at("praise", False, FRIDAY_EVENING) is None
    assert queue.due_at("muted", False, FRIDAY_EVENING) is None


def test_a_promise_goes_on_with_what_was_left_of_it(read: Load) -> None:
    queue = read(
        MINIMAL
        + "queue: {hours: {tz: Europe/London, mon-fri: '08:00-20:00', sat: '10:00-12:00'}}\n"
    ).queue
    due = queue.due_at("complaint", False, FRIDAY_EVENING)
    assert due is not None
    # Answered after half an hour: half of Friday's hour, Saturday's two and Monday's one are left.
    paused = FRIDAY_EVENING + timedelta(minutes=30)
    tuesday = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
    assert queue.resumed(due, paused, tuesday) == tuesday + timedelta(hours=3, minutes=30)
    assert queue.resumed(due, paused, paused) == due
    late = due + timedelta(hours=2)
    assert queue.resumed(due, late, tuesday) == tuesday - timedelta(hours=2), "late stays late"
    assert queue.resumed(None, paused, tuesday) is None


def test_a_promise_around_the_clock_is_put_off_by_the_pause() -> None:
    pause = timedelta(days=2)
    due = FRIDAY_EVENING + timedelta(hours=4)
    for paused in (FRIDAY_EVENING, due, due + timedelta(hours=1)):
        assert QueueConfig().resumed(due, paused, paused + pause) == due + pause


def test_the_weights_of_a_priority_are_settings(read: Load, mistakes: Mistakes) -> None:
    weights = "queue: {weights: {question: 25, a_day: 5, ageing_over: 30m}}\n"
    policy = read(MINIMAL + weights).queue.policy()
    assert (policy.lanes[Lane.QUESTION], policy.lanes[Lane.COMPLAINT]) == (25, 20)
    assert (policy.a_day, policy.ageing_hours) == (5, 0.5)
    assert QueueConfig().policy() == Policy()
    [mistake] = mistakes(MINIMAL + "queue: {weights: {a_day: 0}}\n")
    assert mistake.startswith("config.yaml:3:26: queue.weights.a_day:")


def test_a_tier_that_is_not_installed_names_the_command(
    read: Load, mistakes: Mistakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "brands:\n  - {name: Acme, tier: quality}\n"
    monkeypatch.setattr("triage.encoder.installed", lambda: False)
    [mistake] = mistakes(text)
    assert "pip install 'complaint-listener[minilm]' ./models/encoder" in mistake
    monkeypatch.setattr("triage.encoder.installed", lambda: True)
    assert read(text).brands[0].tier == "quality"
    assert read("brands: [{name: Acme}]").brands[0].tier == "small"


def test_the_weights_of_a_vigilante_are_settings(read: Load, mistakes: Mistakes) -> None:
    from listener.stages.brand import BrandRoom

    config = read("brands: [{name: Acme, vigilante: {press: 0, legal: 2, posts_from: 5}}]")
    room = BrandRoom(config.brands[0])
    assert room.context.vigilante == (("posts_from", 5), ("press", 0))
    (said,) = mistakes("brands: [{name: Acme, vigilante: {pres: 1}}]")
    assert "did you mean 'press'?" in said
    (said,) = mistakes("brands: [{name: Acme, vigilante: {press: 5}}]")
    assert "brands.0.vigilante.press" in said


def test_how_severe_a_complaint_is_at_least_is_a_setting(read: Load, mistakes: Mistakes) -> None:
    from listener.config.severe import SevereConfig
    from listener.stages.brand import BrandRoom
    from triage.severity import LIFTS

    config = read("brands: [{name: Acme, severe: {safety: 4, legal: 2, privacy: 3}}]")
    assert BrandRoom(config.brands[0]).context.severe == (("legal", 2), ("safety", 4))
    (said,) = mistakes("brands: [{name: Acme, severe: {legal: 5}}]")
    assert "brands.0.severe.legal" in said
    assert dict(SevereConfig()) == dict(LIFTS)


def test_the_default_weights_of_a_vigilante_are_the_house_s_own() -> None:
    from listener.config.vigilante import VigilanteConfig
    from triage.vigilante_weights import DEFAULTS

    assert dict(VigilanteConfig()) == dict(DEFAULTS)
