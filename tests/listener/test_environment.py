"""The environment: overriding settings."""

import pytest

from listener.config import environment


def test_a_section_may_be_given_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_WEB", '{"port": 1, "host": "::1"}')
    assert environment.overrides() == {("web", "port"): "1", ("web", "host"): "::1"}
    monkeypatch.setenv("LISTENER_WEB", "{port")
    assert environment.overrides() == {("web",): "{port"}


def test_a_path_has_one_variable() -> None:
    assert environment.variable(("queue", "promise", "severe")) == "LISTENER_QUEUE__PROMISE__SEVERE"
