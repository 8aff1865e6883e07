"""Plug-ins enter by the entry-point group; a broken one is told apart and harms nobody."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.app import open_app
from listener.plugin_api import Services, SourceError
from listener.plugins import Plugins, load_plugins

ENTRY = {"name": "roof", "type": "pigeons", "room": "attic"}
SERVICES = Services(now=lambda: datetime(2026, 1, 1, tzinfo=UTC))

GOOD = """
from listener.plugin_api import Batch, Check, Services, SourceSettings, SourceType, hookimpl


class Settings(SourceSettings):
    room: str


class Source:
    kind = "pigeons"

    def __init__(self, name):
        self.name = name

    def collect(self, cursor):
        yield Batch()

    def check(self):
        return Check(True, "a pigeon sits on the roof")


@hookimpl
def listener_sources():
    build = lambda own, services: Source(own.name)
    return [SourceType("pigeons", "Carrier pigeons.", Settings, build)]
"""

Install = Callable[[str, str], Plugins]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution with one plug-in module, then load all plug-ins."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, code: str) -> Plugins:
        module = f"plugin_{name}"
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[complaint_listener]\n{name} = {module}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)
        return load_plugins()

    return install


def test_builtins_come_through_the_same_hook() -> None:
    plugins = load_plugins()
    assert "files" in plugins.source_types()
    assert {offer.distribution for offer in plugins.offers()} >= {"built in"}
    assert set(plugins.source_settings()) == set(plugins.source_types())


def test_an_installed_plugin_offers_a_source(install: Install) -> None:
    plugins = install("dovecote", GOOD)
    assert not plugins.problems
    settings = plugins.source_settings()["pigeons"].model_validate(ENTRY)
    source = plugins.build(settings, SERVICES)
    assert (source.name, source.kind) == ("roof", "pigeons")
    assert source.check().ok


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_module", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        ("def", "cannot be loaded: SyntaxError"),
        ("raise SystemExit('bye')", "cannot be loaded: SystemExit: bye"),
        (
            GOOD.replace("return [", "raise RuntimeError('no pigeons')\n    return ["),
            "RuntimeError",
        ),
        (GOOD.replace("listener_sources", "listener_sauces"), "unknown hook 'listener_sauces'"),
        (GOOD.replace("listener_sources()", "listener_sources(sky)"), "sky"),
        (GOOD.replace("return [", "return 3 or ["), "TypeError"),
        (GOOD.replace("return [", "return ['pigeons'] or ["), "a SourceType is needed"),
        (GOOD.replace('SourceType("pigeons"', 'SourceType("files"'), "offered by built in already"),
        (GOOD.replace('SourceType("pigeons"', 'SourceType("Two Words"'), "needs a name of small"),
        (GOOD.replace("Settings, build", "dict, build"), "a subclass of SourceSettings"),
        (GOOD.replace("Settings, build", "3, build"), "a subclass of SourceSettings"),
    ],
)
def test_a_broken_plugin_is_told_and_harms_nobody(install: Install, code: str, said: str) -> None:
    plugins = install("wreck", code)
    assert [problem.distribution for problem in plugins.problems] == ["wreck"]
    assert said in str(plugins.problems[0])
    assert "files" in plugins.source_types()
    assert "pigeons" not in plugins.source_types()


def test_a_type_that_cannot_build_gives_a_source_that_says_so(install: Install) -> None:
    plugins = install("clumsy", GOOD.replace("Source(own.name)", "1 / 0"))
    settings = plugins.source_settings()["pigeons"].model_validate(ENTRY)
    source = plugins.build(settings, SERVICES)
    check = source.check()
    assert not check.ok
    assert "clumsy: cannot build a source: ZeroDivisionError" in check.message
    with pytest.raises(SourceError, match="cannot build"):
        next(source.collect(None))


def test_a_program_with_a_broken_plugin_says_so_on_stderr_and_goes_on(
    install: Install, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install("wreck", "import no_such_module")
    (tmp_path / "config.yaml").write_text("brands: [{name: Acme}]\n", encoding="utf-8")
    with open_app(tmp_path / "config.yaml") as app:
        assert app.config.brands[0].name == "Acme"
    assert "plug-in wreck of wreck: cannot be loaded" in caplog.text
