"""A bank's statement is credited once, believed whole or refused whole. Promises: B4, B6, B13, docs/ledger.md."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k5web.domain.money import Money, rub
from k5web.errors import WrongFile, WrongStatement
from k5web.services.accounts import blocking
from k5web.services.bank.statement_import import import_statement
from k5web.services.bank.suspense import suspense
from k5web.services.payments import payers
from tests.bank_files import OURS, THEIRS, Came, exchange, table
from tests.services.bank.retelling import take, to
from tests.services.house import House

INN = "7708789018"


@pytest.mark.parametrize("coding", ["cp1251", "cp866", "utf-8"])
def test_a_payment_reaches_its_subscriber_by_account_code(k5: House, tmp_path: Path, coding: str) -> None:
    done = take(k5, tmp_path, exchange(to(k5, "1"), coding))
    assert (done.credited.count, done.suspended.count, k5.balance()) == (1, 0, rub("500.00"))
    k5.assert_sound()


@pytest.mark.parametrize("purpose", ["По договору № K5-{id} от 01.12.2026. Без НДС", "К5-{id}", "л/с {id}", "ЛС№{id}"])
def test_an_account_or_contract_is_found_however_it_is_written(k5: House, tmp_path: Path, purpose: str) -> None:
    assert take(k5, tmp_path, exchange(to(k5, "1", purpose=purpose))).credited.count == 1


def test_a_company_is_found_by_its_tax_number(k5: House, tmp_path: Path) -> None:
    payers.set_inn(k5.ports, k5.caller.id, INN)
    done = take(k5, tmp_path, exchange([Came(payer_inn=INN, purpose="Оплата услуг связи")]))
    assert (done.credited.count, k5.balance()) == (1, rub("500.00"))


def test_a_table_says_the_same_as_an_exchange_file(k5: House, tmp_path: Path) -> None:
    payments = to(k5, "1", "2")
    assert take(k5, tmp_path, exchange(payments)).credited.count == 2
    for again in (table(payments), table(payments, "cp1251", "\t"), table(payments, "utf-8-sig", ",", "1000,00")):
        assert take(k5, tmp_path, again).known == 2
    assert k5.balance() == rub("1000.00")


@pytest.mark.parametrize(
    ("purpose", "why"),
    [
        ("Перевод средств по договору № {id} от 01.02.2024 по Реестру Операций от 26.11.2026", "nobody"),
        ("Возврат переплаты по договору {id} от 11.03.2025 за аренду офиса", "nobody"),
        ("Услуги связи, лицевые счета {id}, 100002 (по 300 руб.). Без НДС", "several"),
        ("Оплата связи лицевой счет5{id}", "unknown"),
        ("Оплата услуг связи. По лицевому счету {id} 77. Без НДС", "several"),
    ],
)
def test_a_number_that_merely_looks_like_an_account_credits_nobody(
    k5: House, tmp_path: Path, purpose: str, why: str
) -> None:
    take(k5, tmp_path, exchange([Came(purpose=purpose.format(id=k5.caller.id))]))
    assert ([one.payment.why for one in suspense(k5.ports).first], k5.balance()) == ([why], rub("0.00"))


def test_a_blocked_account_gets_nothing_by_itself(k5: House, tmp_path: Path) -> None:
    blocking.block(k5.ports, k5.caller.id, "staff:test", "trial")
    take(k5, tmp_path, exchange(to(k5, "1")))
    assert [one.payment.why for one in suspense(k5.ports).first] == ["inactive"]


def test_what_goes_out_and_what_is_of_others_is_left_out_and_counted(k5: House, tmp_path: Path) -> None:
    foreign = Came("3", payee_account="40702810900000000009")
    done = take(k5, tmp_path, exchange([*to(k5, "1"), Came("2").outgoing(), foreign]))
    assert (done.credited.count, done.outgoing, done.foreign, done.suspended.count) == (1, 1, 1, 0)


def test_money_is_late_after_three_working_days(k5: House, tmp_path: Path) -> None:
    """Tuesday, 1 December, it is; from Thursday on three working days, from Wednesday on four."""
    for number, day in (("1", "26.11.2026"), ("2", "25.11.2026")):
        done = take(k5, tmp_path, exchange([Came(number, purpose=f"л/с {k5.caller.id}", day=day)]))
        assert [one.days for one in done.late.first] == ([] if number == "1" else [4])


def test_a_dry_run_says_the_same_and_moves_nothing(k5: House, tmp_path: Path) -> None:
    content = exchange([*to(k5, "1", "1"), Came("3", purpose="?")])
    done = take(k5, tmp_path, content, dry_run=True)
    assert (done.credited.count, done.suspended.count, k5.balance()) == (2, 1, rub("0.00"))
    assert take(k5, tmp_path, content).credited.count == 2


def test_a_file_whose_totals_are_wrong_is_refused_whole(k5: House, tmp_path: Path) -> None:
    for content in (exchange(to(k5, "1", "2"), received="1000.01"), table(to(k5, "1", "2"), total="1000,01")):
        with pytest.raises(WrongStatement, match=r"1000\.01 received by .* totals, 1000\.00 by the documents"):
            take(k5, tmp_path, content)
    assert k5.balance() == rub("0.00")


def test_a_file_that_ends_too_early_is_refused_whole(k5: House, tmp_path: Path) -> None:
    whole = exchange(to(k5, "1", "2")).splitlines(keepends=True)
    for length in range(len(whole) - 1):  # without its last line, КонецФайла, the totals prove it whole
        with pytest.raises((WrongStatement, WrongFile)):
            take(k5, tmp_path, b"".join(whole[:length]))
    assert k5.balance() == rub("0.00")


_RUNS = count(1)  # each example has a payer of its own, for the database is one
_OCCURRENCES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 3), st.booleans()), min_size=1, max_size=8
)  # which payment, its sum, to the subscriber or to nobody


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), days=st.lists(_OCCURRENCES, min_size=1, max_size=3))
def test_repeats_overlaps_and_disorder_credit_each_payment_once(
    k5: House, tmp_path: Path, data: st.DataObject, days: list[list[tuple[int, int, bool]]]
) -> None:
    """Any days, in part or whole, overlap in any order, format and letters; at last all of it comes once more."""
    before = k5.balance(), suspense(k5.ports).amount
    run = next(_RUNS)
    by_day = [[_payment(k5, run, day, *one) for one in payments] for day, payments in enumerate(days)]
    for _ in range(data.draw(st.integers(1, 3), label="files")):
        some = data.draw(st.lists(st.sampled_from(by_day), unique_by=id, min_size=1))
        part = [payment for day in some for payment in day if data.draw(st.integers(0, 3), label="in")]
        _import(k5, tmp_path, data, part)
    _import(k5, tmp_path, data, [payment for day in by_day for payment in day])
    k5.assert_sound()
    mine, nobodys = (
        sum(amount * 10000 for day in days for _which, amount, is_mine in day if is_mine is whose)
        for whose in (True, False)
    )
    assert (k5.balance() - before[0], suspense(k5.ports).amount - before[1]) == (Money(mine), Money(nobodys))


def _payment(k5: House, run: int, day: int, which: int, amount: int, is_mine: bool) -> Came:
    purpose = f"лицевой счет {k5.caller.id}" if is_mine else "без адреса"
    return Came(
        f"{which + 1}",
        Money(amount * 10000),
        purpose,
        f"{day + 1:02}.11.2026",
        payer_account=f"{run:020}",
        bic=f"04{run:07}",
    )


def _import(k5: House, folder: Path, data: st.DataObject, payments: Sequence[Came]) -> None:
    shuffled = data.draw(st.permutations(payments))
    coding = data.draw(st.sampled_from(["cp1251", "cp866", "utf-8"]))
    if data.draw(st.booleans(), label="with wrong totals first"):
        with pytest.raises(WrongStatement):
            take(k5, folder, exchange(shuffled, coding, received="0.01"))
    content = table(shuffled) if data.draw(st.booleans(), label="as a table") else exchange(shuffled, coding)
    take(k5, folder, content)


def test_two_imports_at_once_credit_each_payment_once(k5: House, tmp_path: Path) -> None:
    path = tmp_path / "statement.txt"
    path.write_bytes(exchange([*to(k5, *map(str, range(20))), *to(k5, "20", "20"), Came("21", purpose="?")]))
    with ThreadPoolExecutor(2) as crowd:
        both = list(crowd.map(lambda _: import_statement(k5.ports, path, [OURS]), range(2)))
    assert sum(done.credited.count for done in both) == 22
    assert sum(done.known for done in both) == 23
    assert (k5.balance(), suspense(k5.ports).count) == (rub("11000.00"), 1)
    k5.assert_sound()


def test_a_transfer_between_our_own_accounts_is_nobodys_payment(k5: House, tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes(exchange([Came("1", payer_account=THEIRS)]))
    done = import_statement(k5.ports, path, [OURS, THEIRS])
    assert (done.credited.count, done.suspended.count, done.between) == (0, 0, 1)
