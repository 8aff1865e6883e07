"""The files an operator installs: units, image, composition, each checked by a linter of its kind."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from listener.cli import cli

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("listener*"))


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of settings have capitals
    parser.read(DEPLOY / name, encoding="utf-8")
    return parser


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_units_start_commands_that_exist(name: str) -> None:
    line = shlex.split(unit(name)["Service"]["ExecStart"])
    assert line[0] == "/opt/listener/bin/listener"
    understood = CliRunner().invoke(cli, [*line[1:], "--help"])
    assert understood.exit_code == 0, understood.output


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line(name: str, tmp_path: Path) -> None:
    for path in DEPLOY.glob("listener*"):
        text = path.read_text("utf-8").replace("/opt/listener/bin/listener", sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in verified.stderr.splitlines() if name in line]
    assert said == []


def test_the_watchdog_waits_longer_than_any_work_may_be_silent() -> None:
    from listener.daemon import GRACE
    from listener.stages.apart import NO_ANSWER

    service = unit("listener.service")["Service"]
    patience = timedelta(minutes=int(service["WatchdogSec"].removesuffix("min")))
    assert patience > 2 * NO_ANSWER
    assert int(service["TimeoutStopSec"]) > GRACE


def test_the_image_passes_its_linter() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_image_takes_what_is_there() -> None:
    for line in (DEPLOY / "Dockerfile").read_text("utf-8").splitlines():
        if line.startswith("COPY") and "--from" not in line:
            assert all((ROOT / name).exists() for name in line.split()[1:-1])


def test_the_composition_sets_settings_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    from listener.config.environment import overrides

    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["listener"]
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, value)
    assert overrides() == {("store",): "sqlite:////data/listener.db", ("web", "host"): "0.0.0.0"}
    context = (DEPLOY / service["build"]["context"]).resolve()
    assert (context / service["build"]["dockerfile"]).exists()
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
