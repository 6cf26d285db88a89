"""Notices of QIWI's networks through the whole house, row by row of the table of expected behaviour."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from k5web.config.settings import Settings
from k5web.domain.money import Money
from k5web.services.accounts import blocking
from k5web.services.books import corrections, statements
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.qiwi.network_house import ABSENT, ACTIVE, BLOCKED, Town
from tests.connectors.qiwi.wire_requests import (
    CHECK,
    OSMP,
    PAY,
    elements,
    get,
    opened,
)


@pytest.fixture
def town(sessions: Sessions) -> Town:
    """On both databases."""
    return Town(sessions, Clock())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({}, "0", id="row 1: active"),
        pytest.param({"account": "abc"}, "4", id="row 2: no account at all"),
        pytest.param({"account": ABSENT}, "5", id="row 3: nobody's"),
        pytest.param({"account": BLOCKED}, "79", id="row 4: blocked"),
        pytest.param({"sum": "5.00"}, "241", id="row 5: too small"),
        pytest.param({"sum": "20000.00"}, "242", id="row 6: too large"),
    ],
)
def test_rows_1_to_6_check(town: Town, changes: dict[str, str], code: str) -> None:
    answer = town.says(CHECK, **changes)
    assert (answer["osmp_txn_id"], answer["result"]) == ("700100200300", code)
    assert ACTIVE not in answer["comment"]
    assert "Айгуль" not in answer["comment"]
    assert town.som() == "0.00"


@pytest.mark.parametrize("changes", [{"account": "abc"}, {"account": ABSENT}, {"sum": "5.00"}, {"sum": "20000.00"}])
def test_rows_2_to_6_hold_for_a_payment_without_a_check_too(town: Town, changes: dict[str, str]) -> None:
    """And a refusal holds no name: the same number is judged afresh."""
    assert town.result(PAY, **changes) == town.result(CHECK, **changes) != "0"
    assert town.result(PAY) == "0"


def test_rows_7_to_10_pay_repeat_and_conflict(town: Town) -> None:
    first = town.says(PAY)  # row 7
    assert (first["result"], first["sum"], town.som()) == ("0", "250.00", "250.00")
    assert first["prv_txn"].isdigit()
    assert town.says(PAY) == first  # row 8
    blocking.block(town.ports, town.payer.id, "staff:test", "trial")
    assert town.says(PAY) == first  # row 9
    conflict = town.says(PAY, sum="251.00")  # row 10
    assert conflict["result"] == "300"
    assert "prv_txn" not in conflict
    assert town.incidents() == ["payment_conflict"]
    assert town.som() == "250.00"
    assert town.result(PAY, account=BLOCKED) == "300"
    town.assert_sound()


def test_row_9_also_where_the_partner_is_closed_or_its_limits_changed(town: Town) -> None:
    first = town.says(PAY)
    town.use(opened(OSMP, is_open=False, minimum="500.00"))
    assert town.says(PAY) == first
    assert town.result(PAY, txn_id="2") == "7"


def test_row_11_a_database_outage_is_1_and_the_repeat_credits_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("", {}, Exception())

    with monkeypatch.context() as patch:
        patch.setattr("k5web.storage.payments.notice_rows.add", gone)
        assert town.result(PAY, txn_id="2") == "1"
        assert town.result(CHECK) == "1"
    assert town.som() == "0.00"
    assert town.result(PAY, txn_id="2") == town.result(PAY, txn_id="2") == "0"
    assert town.som() == "250.00"


def test_row_12_a_foreign_address_is_403_and_stores_no_payment(town: Town) -> None:
    settings = Settings.from_env({"K5_SECRET_KEY": "0123456789abcdef" * 2, "K5_PUBLIC_URL": "http://localhost"})
    client = create_app(settings, town.ports).test_client()
    claimed = {"X-Forwarded-For": "79.142.16.1"}
    for foreign, headers, status in (
        ("192.0.2.1", {}, 403),
        ("192.0.2.1", claimed, 403),
        ("79.142.15.255", {}, 403),
        ("79.142.16.1", claimed, 403),  # through a proxy that nobody trusts
        ("79.142.16.1", {}, 200),
    ):
        client.environ_base["REMOTE_ADDR"] = foreign
        answer = client.get("/hooks/qiwi/optima", query_string=PAY, headers=headers)
        assert answer.status_code == status
        assert (answer.data == b"", town.som()) == (status == 403, "0.00" if status == 403 else "250.00")


@pytest.mark.parametrize("text", ["250,00", "250.", "-1.00", "1e3"])
def test_row_13_a_sum_that_is_none_is_300(town: Town, text: str) -> None:
    assert town.result(PAY, sum=text) == "300"
    assert town.som() == "0.00"


def test_row_14_without_its_time_a_payment_is_credited_by_ours(town: Town) -> None:
    assert town.result({name: value for name, value in PAY.items() if name != "txn_date"}) == "0"
    [line] = statements.statement(town.ports, town.payer.id, limit=10).lines
    assert str(line.posting.amount) == "250.00"


def test_row_15_payments_at_the_same_moment_are_one_credit(town: Town) -> None:
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: town.says(PAY, txn_id="6"), range(8)))
    credited = {answer["prv_txn"] for answer in answers if answer["result"] == "0"}
    assert len(credited) == 1
    assert {answer["result"] for answer in answers} <= {"0", "1"}
    assert town.som() == "250.00"


def test_row_16_a_lost_answer_is_given_again_after_ten_minutes(town: Town) -> None:
    first = town.says(PAY, txn_id="7")
    town.clock.forward(minutes=10)
    assert town.says(PAY, txn_id="7") == first
    assert town.som() == "250.00"


def test_row_17_an_unknown_command_is_300(town: Town) -> None:
    assert town.result(PAY, command="refund") == "300"


def test_row_18_a_repeated_parameter_is_300(town: Town) -> None:
    sent = "command=pay&txn_id=9&account=996555010203&sum=1.00&sum=100.00"
    assert elements(town.take(get(sent)))["result"] == "300"
    assert town.som() == "0.00"


def test_a_twenty_digit_number_is_kept_as_it_is(town: Town) -> None:
    long, other = "99999999999999999999", "09999999999999999999"
    numbers = {town.says(PAY, txn_id=key)["prv_txn"] for key in (long, other, long)}
    assert len(numbers) == 2
    assert town.som() == "500.00"


def test_a_cancel_gives_the_money_back_once(town: Town) -> None:
    paid = town.says(PAY)
    cancel = {"command": "cancel", "txn_id": "900", "cancel_txn_id": PAY["txn_id"]}
    first = town.says(cancel)
    assert (first["result"], first["prv_txn"], first["sum"]) == ("0", paid["prv_txn"], "250.00")
    assert town.says(cancel, txn_id="901") == first | {"osmp_txn_id": "901"}
    assert town.som() == "0.00"
    assert town.result({"command": "status", "txn_id": PAY["txn_id"]}) == "7"
    town.assert_sound()


def test_a_cancel_of_spent_money_is_251_and_listed(town: Town) -> None:
    number = town.says(PAY)["prv_txn"]
    name = next(line.posting.name for line in statements.statement(town.ports, town.payer.id, limit=1).lines)
    corrections.refund(town.ports, town.payer.id, name, Money(1, "KGS"), "spent", "test")
    assert number
    assert town.result({"command": "cancel", "txn_id": "900", "cancel_txn_id": PAY["txn_id"]}) == "251"
    assert len(town.incidents()) == 1


def test_a_cancel_that_comes_first_is_unknown_and_bars_the_payment(town: Town) -> None:
    assert town.result({"command": "cancel", "txn_id": "900", "cancel_txn_id": PAY["txn_id"]}) == "5"
    assert town.result(PAY) == "7"
    assert town.som() == "0.00"


def test_a_cancel_by_our_own_number(town: Town) -> None:
    number = town.says(PAY)["prv_txn"]
    town.use(opened(OSMP, cancel="prv_txn"))
    assert town.result({"command": "cancel", "prv_txn": number}) == "0"
    assert town.result({"command": "cancel", "prv_txn": "1"}) == "5"
    assert town.som() == "0.00"


def test_a_status_query_says_what_became_of_a_payment(town: Town) -> None:
    assert town.result({"command": "status", "txn_id": PAY["txn_id"]}) == "1"
    paid = town.says(PAY)
    assert town.says({"command": "status", "txn_id": PAY["txn_id"]})["prv_txn"] == paid["prv_txn"]
