"""What a call may use of an account, and what is held for it."""

import pytest

from k5web.domain.calls import own_limit
from k5web.domain.calls.own_limit import OwnLimit
from k5web.domain.calls.risk import Risk
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import OwnLimitReached
from k5web.services.calls import ordering, safety
from k5web.services.calls.granting import grant
from k5web.storage.calls import caller_rows, own_limit_rows
from tests.services.house import THEIRS, House


def test_a_countrys_limit_counts_for_calls_that_go_there_and_for_no_others(k5: House) -> None:
    k5.top_up("22.00")
    quote, _ = ordering.appraise(k5.ports, k5.caller, Msisdn.parse(THEIRS))
    plan = k5.ports.plans.of(k5.caller)
    with k5.ports.sessions.begin() as db:
        own_limit_rows.keep(db, k5.caller.id, OwnLimit(own_limit.to_country("RU"), 0))
        facts = caller_rows.facts(db, k5.caller.id)
        used = safety.used(db, k5.ports, facts, quote.b_number)
        with pytest.raises(OwnLimitReached):
            grant(db, k5.ports, facts, used, plan, quote, Risk.ORDINARY, ())
        granted = grant(db, k5.ports, facts, used, plan, quote, Risk.ORDINARY, (), called="")
    assert (granted.minutes, granted.hold) == (10, rub("22.00"))
