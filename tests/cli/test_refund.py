"""`k5 refund` and `k5 subscriber end`: the unused advance is paid once, contracts end by the rule."""

from collections.abc import Callable
from datetime import timedelta

from click.testing import Result

from k5web.services.accounts import advances, endings
from k5web.services.ports import Ports
from tests.conftest import Clock
from tests.services.accounts.test_advances import TO

K5 = Callable[..., Result]


def test_an_application_is_listed_and_paid_once(k5: K5, subscriber: int, ports: Ports, clock: Clock) -> None:
    """B12."""
    assert "nothing is to be refunded" in k5("refund", "list").output
    assert k5("subscriber", "credit", str(subscriber), "100.00", "--document", "1").exit_code == 0
    ending = endings.apply(ports, subscriber)
    assert f"the contract ends for subscriber, last day {ending.last_day}" in k5("subscriber", "endings").output
    clock.now += timedelta(days=(ending.last_day - ports.today()).days + 1)
    assert "1 contracts ended on their day" in k5("billing", "run").output
    advances.apply(ports, subscriber, TO)
    listed = k5("refund", "list", "--for", "the day's payments").output
    assert f"{subscriber}: 100.00 RUB by " in listed
    assert TO.account in listed
    assert f"{subscriber}: 100.00 RUB refunded" in k5("refund", "paid", str(subscriber), "--document", "17").output
    assert f"{subscriber}: 100.00 RUB refunded" in k5("refund", "paid", str(subscriber), "--document", "17").output
    again = k5("refund", "paid", str(subscriber), "--document", "18")
    assert again.exit_code == 1
    assert "there is nothing to refund" in again.output
    assert k5("ledger", "verify").exit_code == 0
    assert "the contract goes on" in k5("subscriber", "keep", str(subscriber)).output
    assert "was not to end" in k5("subscriber", "keep", str(subscriber)).output


def test_a_contract_is_not_ended_without_the_rule(k5: K5, subscriber: int) -> None:
    """B9."""
    refused = k5("subscriber", "end", str(subscriber), "--reason", "why not")
    assert refused.exit_code == 1
    assert "no debt and no breach is borne" in refused.output
    assert "no contract is to end" in k5("subscriber", "endings").output
    assert k5("refund", "decline", str(subscriber), "--reason", "x").exit_code == 1
