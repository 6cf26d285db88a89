"""The API against its own description, by schemathesis: what it allows and what it does not (S9, S16, S22)."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from k5web.services.accounts import tokens
from k5web.services.books.verify import verify
from k5web.web.api import PAPER
from tests.services.house import House
from tests.web.lived_in import live_in
from tests.web.programs import B, valid

# A schema cannot say which numbers exist, so not all that it allows is taken. And a query may hold more than it names,
# and our own token stands where a case leaves it out: of what it forbids, the order's body is looked at here
NOT_HELD: list[Any] = [positive_data_acceptance, negative_data_rejection]
ORDER = PAPER["paths"]["/api/v1/calls"]["post"]["requestBody"]["content"]["application/json"]["schema"]
DESCRIPTION = "/api/v1/openapi.json"
PAUSE_S = 7  # an order in six seconds is what a token may


@pytest.mark.parametrize(
    "count",
    [pytest.param(6, id="some"), pytest.param(1250, id="all", marks=[pytest.mark.full, pytest.mark.timeout(3600)])],
)
def test_the_api_keeps_its_description_whatever_is_asked(app: Flask, k5: House, count: int) -> None:
    """Of each of the eight operations as many: with all 10 000."""
    live_in(k5)
    k5.talk(k5.ordered_by(f"{k5.caller.id}-2"), "15")
    secret = tokens.make_token(k5.ports, k5.caller.id, "fuzz", may_call=True)
    sent = {"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}
    known = {"call_id": f"{k5.caller.id}-1", "number": B}
    seen = set()

    def ours(case: Case[Any]) -> Case[Any]:
        """Let a request that the description allows be about what is there."""
        for place in (case.path_parameters, case.query):
            place.update({name: value for name, value in known.items() if name in place})
        if isinstance(case.body, dict) and "number" in case.body:
            case.body = {"number": B}
        return case

    for found in schemathesis.openapi.from_wsgi(DESCRIPTION, app).get_all_operations():
        assert isinstance(found, Ok)
        allowed, other = map(found.ok().as_strategy, (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

        @seed(3)
        @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(st.one_of(allowed, allowed.map(ours), other))
        def one(case: Case[Any]) -> None:
            k5.clock.forward(seconds=PAUSE_S)
            answer = case.call_and_validate(headers=sent, excluded_checks=NOT_HELD)
            seen.add(answer.status_code)
            if case.operation.definition.raw["operationId"] == "order" and answer.status_code < 300:
                valid(ORDER, case.body)

        one()
    assert seen >= {200, 201, 400, 404}
    k5.sweep()
    assert list(verify(k5.ports)) == []
