"""init, check, schema, doctor, backup: from nothing to a store, and what each says of trouble."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from listener.cli import COMMANDS, cli
from listener.config import load
from listener.config.starter import starter
from listener.errors import ListenerError
from listener.plugins import load_plugins
from listener.store import open_store, run_lock
from listener.store.alarms import NewAlarm, Settled, Watched
from listener.store.rows import SourceState
from sources.protocols import Health

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(arguments), input=stdin, env={"COLUMNS": "200"})

    return invoke


def error(result: Result) -> ListenerError:
    assert isinstance(result.exception, ListenerError), result.output
    return result.exception


def configure(*sources: str) -> None:
    lines = ["brands: [{name: Acme}]", "sources:", *(f"  - {source}" for source in sources)]
    Path("config.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


# ── import ──────────────────────────────────────────────────────────────────────────────────────


def test_an_import_that_left_a_line_out_ends_as_a_part(invoke: Invoke) -> None:
    configure()
    Path("posts.jsonl").write_text('{"id": "1", "text": "on hold"}\nnot json\n', encoding="utf-8")
    result = invoke("import", "posts.jsonl")
    told = error(result)
    assert told.exit_code == 4
    assert str(told) == "1 line was not taken in; all else is stored"
    assert "then the same command again" in told.hint
    assert "posts.jsonl:2: not JSON" in result.stderr
    assert invoke("import", "posts.jsonl").exit_code == 0  # what was told once is not told again
    assert "there is no brand 'Acne'" in str(error(invoke("import", "x.jsonl", "--brand", "Acne")))


def test_init_names_a_command_that_would_work(invoke: Invoke) -> None:
    invoke("init", "--brand", "Käse & Co")
    told = error(invoke("init", "--brand", "Käse & Co"))
    assert told.hint == "listener init --brand 'Käse & Co' --path config-new.yaml"


# ── the command line as a whole ─────────────────────────────────────────────────────────────────


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "from listener.cli import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Commands" in done.stdout
    heavy = {"rich", "pydantic", "pydantic_settings", "numpy", "sqlite3", "sqlite_utils", "yaml"}
    heavy |= {
        "feedparser",
        "fastapi",
        "uvicorn",
        "httpx2",
        "httpx",
        "structlog",
        "pluggy",
        "orjson",
    }
    heavy |= {"apscheduler", "py3langid", "vaderSentiment", "argon2", "triage", "sources"}
    assert not heavy & set(done.stderr.split())


def written_commands() -> list[str]:
    """The commands whose modules exist."""
    root = Path(sys.modules["listener"].__file__ or "").parent
    module = {
        name: path.partition(":")[0].rpartition(".")[2] for name, (path, _) in COMMANDS.items()
    }
    return [name for name in COMMANDS if (root / "cli" / f"{module[name]}.py").exists()]


@pytest.mark.parametrize("name", written_commands())
def test_the_overview_says_what_each_command_says_of_itself(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert (command.help or "").splitlines()[0] == COMMANDS[name][1]


# ── init ────────────────────────────────────────────────────────────────────────────────────────


def test_init_writes_a_valid_config_and_says_what_comes_next(invoke: Invoke) -> None:
    done = invoke("init", "--brand", "Acme Bank")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "listener check" in done.stderr
    config = load(None, load_plugins().source_settings())
    assert (config.brands[0].name, config.brands[0].query) == ("Acme Bank", '"Acme Bank"')
    assert config.sources == ()


def test_every_commented_source_of_init_is_valid(invoke: Invoke) -> None:
    invoke("init", "--brand", "Acme & Söhne")
    text = Path("config.yaml").read_text(encoding="utf-8")
    opened = re.sub(r"(?m)^( +)# (- \{|handles:|languages:|groups:|hours:)", r"\1\2", text)
    Path("config.yaml").write_text(opened, encoding="utf-8")
    config = load(None, load_plugins().source_settings())
    assert {source.name for source in config.sources} >= {"news", "forum", "archive"}
    assert config.queue.hours is not None
    assert config.brands[0].groups[0].name == "vip"


def test_init_never_overwrites_unless_forced(invoke: Invoke) -> None:
    Path("config.yaml").write_text("mine", encoding="utf-8")
    refused = error(invoke("init", "--brand", "Acme"))
    assert "is there already; nothing was changed" in str(refused)
    assert Path("config.yaml").read_text(encoding="utf-8") == "mine"
    assert invoke("init", "--brand", "Acme", "--force").exit_code == 0
    assert "Acme" in Path("config.yaml").read_text(encoding="utf-8")


def test_init_elsewhere(invoke: Invoke) -> None:
    assert "--config acme.yaml" in invoke("init", "--brand", "Acme", "--path", "acme.yaml").stderr
    assert Path("acme.yaml").exists()
    failed = error(invoke("init", "--brand", "Acme", "--path", "no/such/folder.yaml"))
    assert "cannot be written: No such file or directory" in str(failed)


@pytest.mark.parametrize("brand", ["", "   ", "x" * 81, "a\nb", "a\x1b[2J"])
def test_init_refuses_names_nobody_can_read(invoke: Invoke, brand: str) -> None:
    assert error(invoke("init", "--brand", brand)).exit_code == 2
    assert not Path("config.yaml").exists()


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30))
def test_any_brand_name_reads_back(brand: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(starter(brand), encoding="utf-8")
        assert load(path, load_plugins().source_settings()).brands[0].name == brand


# ── check ───────────────────────────────────────────────────────────────────────────────────────


def test_check_tries_every_source(invoke: Invoke) -> None:
    Path("posts.jsonl").write_text(
        '{"text": "on hold for hours", "id": "1", "created_at": "2026-01-01T00:00:00Z"}\n',
        encoding="utf-8",
    )
    configure("{name: archive, type: files, paths: [posts.jsonl]}")
    done = invoke("check")
    assert done.exit_code == 0, done.output
    assert "config.yaml is right: 1 brand, 1 source." in done.stdout
    assert "archive" in done.stdout


def test_check_names_the_setting_of_a_failing_source(invoke: Invoke) -> None:
    configure("{name: archive, type: files, paths: [nope.jsonl]}")
    done = invoke("check", "--json")
    assert error(done).exit_code == 4
    assert "archive" in str(error(done))
    found = json.loads(done.stdout)
    assert (found["ok"], found["sources"][0]["ok"]) == (False, False)
    assert found["sources"][0]["setting"].startswith("sources.0.")
    assert not Path("listener.db").exists()


def test_check_of_a_wrong_config(invoke: Invoke) -> None:
    Path("config.yaml").write_text("brands: [{name: A}]\nwbe: {}\n", encoding="utf-8")
    done = invoke("check", "--json")
    assert error(done).exit_code == 3
    assert json.loads(done.stdout)["mistakes"] == [
        "config.yaml:2:1: wbe: not a setting — did you mean 'web'?"
    ]


def test_check_without_a_config(invoke: Invoke) -> None:
    missing = error(invoke("check"))
    assert (missing.exit_code, missing.hint) == (3, "listener init --brand NAME")


def test_check_remarks_on_overrides_and_on_nothing_to_listen_to(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTENER_WEB__PORT", "1234")
    configure()
    done = invoke("check")
    assert "LISTENER_WEB__PORT overrides web.port" in done.stderr
    assert "no source is configured yet" in done.stderr


# ── schema ──────────────────────────────────────────────────────────────────────────────────────


def test_the_committed_schema_is_up_to_date(invoke: Invoke, request: pytest.FixtureRequest) -> None:
    printed = invoke("schema").stdout
    committed = request.config.rootpath / "docs" / "config.schema.json"
    assert committed.read_text(encoding="utf-8") == printed, (
        "renew it: listener schema > docs/config.schema.json"
    )


def test_the_schema_knows_every_type_of_source(invoke: Invoke) -> None:
    schema = json.loads(invoke("schema").stdout)
    for name in load_plugins().source_types():
        own = schema["$defs"][f"source-{name}"]
        assert own["properties"]["type"] == {"const": name}
        assert {"name", "type"} <= set(own["required"])
        assert own["additionalProperties"] is False


# ── doctor ──────────────────────────────────────────────────────────────────────────────────────


def test_doctor_finds_a_sound_installation_sound(invoke: Invoke) -> None:
    configure()
    with open_store(f"sqlite:///{Path('listener.db').absolute()}"):
        pass
    done = invoke("doctor", "--json")
    assert done.exit_code == 0, done.output
    findings = json.loads(done.stdout)["findings"]
    assert {finding["state"] for finding in findings} == {"ok"}
    assert {finding["about"] for finding in findings} >= {
        "python",
        "sqlite",
        "libraries",
        "import names",
        "plug-ins",
        "configuration",
        "disk",
        "store",
        "lock",
        "clock",
    }


def test_doctor_tells_of_sources_that_do_not_see_and_messages_that_stick(invoke: Invoke) -> None:
    Path("config.yaml").write_text(
        "brands: [{name: Acme}]\nsources:\n"
        + "".join(f"  - {{name: {name}, type: sample}}\n" for name in ("one", "two", "three"))
    )
    at = datetime(2026, 11, 20, tzinfo=UTC)
    alarm = NewAlarm("blind:one", "blind", "", ("one is blind",), targets=[("desk", at)])
    with open_store(f"sqlite:///{Path('listener.db').absolute()}") as store:
        store.set_health(SourceState("one", Health.BLIND, at, "token rejected"))
        store.set_health(SourceState("two", Health.HEALTHY, at, ""))
        store.watched(Watched(at, alarms=[alarm]))
        [row] = store.take_deliveries(at, at)
        store.settle_deliveries([Settled(row.id, "sending", "in doubt", at)])
    done = invoke("doctor", "--json")
    assert error(done).exit_code == 1
    told = [f for f in json.loads(done.stdout)["findings"] if f["about"] in ("sources", "messages")]
    assert [(f["state"], f["message"]) for f in told] == [
        ("wrong", "one blind since 2026-11-20 00:00 UTC (token rejected)"),
        ("note", "three has not been asked yet"),
        ("ok", "1 of 3 see"),
        ("note", "1 did not arrive or are in doubt, the latest to desk"),
    ]
    assert told[0]["advice"] == "listener sources check one"


def test_doctor_says_who_holds_the_lock(invoke: Invoke) -> None:
    configure()
    url = f"sqlite:///{Path('listener.db').absolute()}"
    with open_store(url), run_lock(url):
        done = invoke("doctor", "--json")
    lock = [f for f in json.loads(done.stdout)["findings"] if f["about"] == "lock"]
    assert lock[0]["state"] == "note"
    assert "is at work on this store" in lock[0]["message"]


def test_doctor_ends_with_1_and_the_first_advice(invoke: Invoke) -> None:
    Path("config.yaml").write_text("brands: []\n", encoding="utf-8")
    done = invoke("doctor")
    assert error(done).exit_code == 1
    assert "needs at least one entry" in done.stdout


def test_doctor_reads_a_damaged_store(invoke: Invoke) -> None:
    configure()
    Path("listener.db").write_bytes(b"this is no database" * 400)
    done = invoke("doctor", "--json")
    assert error(done).exit_code == 1
    store = [f for f in json.loads(done.stdout)["findings"] if f["about"] == "store"]
    assert store[0]["state"] == "wrong"
    assert store[0]["advice"]


def test_doctor_tells_of_another_distribution_under_our_names(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "site" / "stranger-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("triage\n")
    (info / "RECORD").write_text("triage/__init__.py,,\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    configure()
    done = invoke("doctor")
    assert "stranger also installs a package called 'triage'" in done.stdout
    assert error(done).exit_code == 1


# ── backup ──────────────────────────────────────────────────────────────────────────────────────


def test_backup_copies_and_never_overwrites(invoke: Invoke) -> None:
    configure()
    missing = error(invoke("backup", "copy.db"))
    assert (missing.exit_code, missing.hint) == (1, "listener run")
    with open_store(f"sqlite:///{Path('listener.db').absolute()}"):
        done = invoke("backup", "copy.db")
    assert done.exit_code == 0, done.output
    assert "verified" in done.stderr
    with open_store(f"sqlite:///{Path('copy.db').absolute()}") as copy:
        assert copy.totals().mentions == 0
    assert "exists already" in str(error(invoke("backup", "copy.db")))
