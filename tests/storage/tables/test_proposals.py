"""The table of proposals: the database itself holds that two persons decide, once. Promises: S22, S26."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from k5web.domain.desk.proposal import ProposalState
from k5web.storage.desk import proposal_rows
from tests.services.house import House
from tests.storage.desk.test_proposal_rows import ANNA, BORIS, add, decide


@pytest.mark.parametrize(
    ("is_alone", "state", "actor"),
    [
        (False, ProposalState.DONE, ANNA),  # approves their own
        (True, ProposalState.DONE, BORIS),  # alone in another one's name
        (False, ProposalState.WITHDRAWN, BORIS),
    ],
)
def test_the_database_refuses_the_wrong_person(k5: House, is_alone: bool, state: ProposalState, actor: str) -> None:
    n = add(k5, is_alone=is_alone).id
    with pytest.raises(DBAPIError):
        decide(k5, n, state, actor)


def test_the_database_refuses_that_one_person_goes_over_the_limit(k5: House) -> None:
    with pytest.raises(DBAPIError):
        add(k5, sum_minor=100001, is_alone=True)
    assert add(k5, sum_minor=100000, is_alone=True)


def test_without_a_sum_nobody_is_alone(k5: House) -> None:
    made = replace(add(k5), id=2, is_alone=True, counted=None, limit=None)
    with pytest.raises(DBAPIError), k5.ports.sessions.begin() as db:
        proposal_rows.add(db, replace(made, wish=replace(made.wish, form_key="form-0002", amount=None)))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE proposal SET amount_minor = 1",
        "UPDATE proposal SET payload = '{}'",
        "UPDATE proposal SET proposed_by = 'staff:clara'",
        "UPDATE proposal SET reason = 'x'",
        "UPDATE proposal SET words = 'x'",
        "UPDATE proposal SET state = 'waiting', decided_by = NULL, decided_at = NULL",
        "UPDATE proposal SET state = 'refused'",
        "DELETE FROM proposal",
    ],
)
def test_what_was_asked_and_decided_stays(k5: House, change: str) -> None:
    decide(k5, add(k5).id)
    with pytest.raises(DBAPIError), k5.ports.sessions.begin() as db:
        db.execute(text(change))
