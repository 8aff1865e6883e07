"""Whatever is sent to the API: nothing breaks, and every answer is one that is documented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from listener.store.rows import QueueQuery
from listener.store.users import Role
from listener.web.api.description import describe

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 5  # of each kind, for each of about fifty operations
ASKS_OUTSIDE = "/api/v1/sources/check"


@pytest.fixture
def busy(house: Any, furnish: Callable[[], Any], program: Callable[..., TestClient]) -> TestClient:
    """A program that may do everything, at a desk with work on it."""
    furnish()
    case = house.store.queue(QueueQuery())[0].id
    house.desk.replies.draft(case, "ben", "We are on it.")
    house.desk.cases.claim(case, "ben")
    return program("root", Role.ADMIN)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_nothing_that_is_sent_breaks_anything(
    app: FastAPI, busy: TestClient, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(describe(app))
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path == ASKS_OUTSIDE:
            continue
        try:
            strategy = operation.as_strategy(mode)
            check(busy, strategy)
        except schemathesis.errors.SchemathesisError as error:
            if "negative" not in str(error).lower():
                raise
            continue  # there is nothing wrong that one could send to it
        tried.add(operation.label)
    assert len(tried) > 30


def check(client: TestClient, strategy: Any) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def run(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://testserver")
        answer = client.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers={**sent.get("headers", {}), **dict(client.headers)},
            content=sent.get("data"),
            json=sent.get("json"),
        )
        case.validate_response(answer, checks=CHECKS)

    run()
