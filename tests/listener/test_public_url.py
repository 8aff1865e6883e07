"""`web.public_url`: what it may be, and who cannot do without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from listener.config import Config, load
from listener.errors import ConfigError
from listener.plugins import load_plugins


def read(folder: Path, web: str, websub: str = "") -> Config:
    path = folder / "config.yaml"
    path.write_text(
        f"brands: [{{name: Acme}}]\nweb: {web}\n"
        "sources:\n  - {name: a, type: sample}\n"
        f"  - {{name: b, type: rss, url: 'https://blog.example/feed'{websub}}}\n",
        encoding="utf-8",
    )
    return load(path, load_plugins().source_settings())


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://listen.example.org", "https://listen.example.org"),
        (" https://listen.example.org:8443/here/ ", "https://listen.example.org:8443/here"),
        ("", ""),
    ],
)
def test_an_https_address_is_taken_without_its_last_slash(
    tmp_path: Path, written: str, url: str
) -> None:
    assert read(tmp_path, f"{{public_url: '{written}'}}").web.public_url == url


@pytest.mark.parametrize(
    "written",
    ["http://a.example", "a.example", "https://", "https://u:p@a.example", "https://a/?b", "x:y"],
)
def test_any_other_address_is_a_mistake(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigError, match=r"2:\d+: web.public_url: not an https address"):
        read(tmp_path, f"{{public_url: '{written}'}}")


def test_pushes_that_are_insisted_on_need_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"5:\d+: sources.1.websub: needs web.public_url"):
        read(tmp_path, "{port: 1}", ", websub: true")
    for silent in ("", ", websub: false"):
        read(tmp_path, "{port: 1}", silent)
    monkeypatch.setenv("LISTENER_WEB__PUBLIC_URL", "https://listen.example.org")
    assert read(tmp_path, "{port: 1}", ", websub: true").web.public_url
