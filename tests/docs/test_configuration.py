"""Every setting is documented, and every example in the pages on settings and plug-ins works."""

import importlib.metadata
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from listener.cli import cli
from listener.config import Config, load
from listener.config.settings_text import SettingText, describe_settings
from listener.hookspecs import hookspec
from listener.plugins import load_plugins
from listener.source_type import SourceType
from sources.errors import Unreadable

DOCS = Path(__file__).parents[2] / "docs"
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
PLUGINS = (DOCS / "plugins.md").read_text(encoding="utf-8")


def row(setting: SettingText) -> str:
    default = f"`{setting.default}`" if setting.default else "—"
    without = "**must be set**" if setting.required else default
    return f"| `{setting.name}` | {setting.value} | {without} | {setting.description} |"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def settings() -> list[SettingText]:
    found = [one for one in describe_settings(Config) if not one.name.startswith("sources")]
    for own in load_plugins().source_settings().values():
        found += [one for one in describe_settings(own) if one.name not in {"type", "every"}]
    return found


@pytest.mark.parametrize("setting", settings(), ids=lambda setting: setting.name)
def test_every_setting_is_documented_with_its_default(setting: SettingText) -> None:
    assert row(setting) in CONFIGURATION


def test_every_type_of_source_is_documented() -> None:
    for name in load_plugins().source_types():
        assert f"### `type: {name}`" in CONFIGURATION


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {one.name for one in settings()} | {"type", "every", "setting"}
    assert set(re.findall(r"(?m)^\| `([^`]+)` \|", CONFIGURATION)) <= known


def test_the_examples_load(tmp_path: Path) -> None:
    (example,) = blocks(CONFIGURATION, "yaml")
    (tmp_path / "config.yaml").write_text(example, encoding="utf-8")
    assert load(tmp_path / "config.yaml", load_plugins().source_settings()).brands[0].name == "Acme"


def test_the_sample_configuration_of_the_repository_loads() -> None:
    config = load(DOCS.parent / "config.yaml", load_plugins().source_settings())
    assert config.brands[0].name == "Northgate Bank"
    assert [source.type for source in config.sources] == ["sample"]


def test_every_hook_and_field_is_documented() -> None:
    import listener.hookspecs

    marker = f"{hookspec.project_name}_spec"
    hooks = [name for name, value in vars(listener.hookspecs).items() if hasattr(value, marker)]
    assert hooks == ["listener_sources"]
    for name in [*hooks, *SourceType.__dataclass_fields__]:
        assert f"`{name}" in PLUGINS


def test_the_plugin_of_the_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    info = site / "listener_guestbook-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "guestbook.py").write_text(blocks(PLUGINS, "python")[0], encoding="utf-8")
    points = blocks(PLUGINS, "toml")[0].partition("[project.entry-points.complaint_listener]")[2]
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: listener-guestbook\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(
        "[complaint_listener]" + points.replace('"', ""), encoding="utf-8"
    )
    assert len(blocks(PLUGINS, "python")[0].splitlines()) < 60
    (tmp_path / "config.yaml").write_text(blocks(PLUGINS, "yaml")[0], encoding="utf-8")
    (tmp_path / "book.tsv").write_text(
        "2026-01-02\tAnn\tNobody answered the bell.\nunreadable\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, "guestbook", raising=False)
    monkeypatch.chdir(tmp_path)
    assert importlib.metadata.version("listener-guestbook") == "1.0"

    described = CliRunner().invoke(cli, ["sources", "describe", "guestbook", "--json"])
    assert "file" in {one["name"] for one in json.loads(described.stdout)["settings"]}
    checked = CliRunner().invoke(cli, ["sources", "check", "lobby", "--json"])
    assert json.loads(checked.stdout)[0]["message"] == "2 entries"

    plugins = load_plugins()
    config = load(None, plugins.source_settings())
    from listener.app import system_clock
    from listener.plugins import Services

    source = plugins.build(config.sources[0], Services(now=system_clock))
    (batch,) = source.collect(None)
    assert [mention.text for mention in batch.mentions] == ["Nobody answered the bell."]
    assert (batch.cursor, len(batch.rejected)) == ("2", 1)
    assert next(iter(source.collect(batch.cursor))).mentions == []

    proof: dict[str, Callable[[Path], None]] = {}
    exec(blocks(PLUGINS, "python")[1], proof)
    proof["test_the_guest_book"](tmp_path)
    (tmp_path / "book.tsv").write_text("", encoding="utf-8")
    with pytest.raises(Unreadable, match="2 lines were read, 0 are left"):
        list(source.collect(batch.cursor))
