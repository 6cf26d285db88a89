"""Faults in the books of the bank are named: a document under two names, suspense that is not what waits. I13, I14."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from k5web.domain.money import rub
from k5web.services.bank import doubtful_payments
from k5web.services.bank.closing import close, reopen
from k5web.services.bank.suspense import assign
from k5web.services.books.verify import verify
from tests.bank_files import Came
from tests.services.bank.payouts import REASON, payout, receive, waiting
from tests.services.house import House
from tests.tamper import tampering

ALIKE = (
    "UPDATE bank_payment SET payer_hash = (SELECT payer_hash FROM bank_payment WHERE document_no = '17' LIMIT 1); "
    "UPDATE bank_payment SET document_no = '0017' WHERE document_no = '18'"
)

FAULTS = {  # what somebody with the keys of the database does to money of suspense
    "a closing without its event": "DELETE FROM posting WHERE origin = 'close'",
    "an event without its closing": "DELETE FROM bank_closing",
    "a closing of another sum": "UPDATE posting SET amount_minor = amount_minor + 1 WHERE origin = 'close'",
    "a closing to another house account": "UPDATE posting SET counter = 'cash.bank' WHERE origin = 'close'",
    "a payment that vanished": "DELETE FROM bank_payment WHERE document_no = '6001'",
    "a payment that waits twice": "UPDATE bank_payment SET amount_minor = 2 * amount_minor WHERE document_no = '6003'",
    "a payment closed and given": "UPDATE bank_payment SET assigned_to = 100001, assigned_at = recorded_at "
    "WHERE owner_id = 0 AND document_no = '6001'",
    "a payment given and not credited": "UPDATE bank_payment SET amount_minor = 1 WHERE owner_id <> 0",
    "a closing undone only in words": "UPDATE ledger_transaction SET reverses_key = 'x' WHERE origin = 'reversal'",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_of_suspense_is_named(k5: House, database_url: str, tmp_path: Path, fault: str) -> None:
    """One is closed, one given, one waits, one waits again. Promise: I14."""
    numbers = [waiting(k5, tmp_path, payout(str(n))) for n in range(6001, 6005)]
    close(k5.ports, numbers[0], REASON, "staff:1")
    assign(k5.ports, numbers[1], k5.caller.id, "staff:1")
    close(k5.ports, numbers[3], REASON, "staff:1")
    reopen(k5.ports, numbers[3], "staff:1")
    k5.assert_sound()
    with tampering(database_url) as connection:
        connection.execute(text(FAULTS[fault]))
    assert "I14" in {breach.invariant for breach in verify(k5.ports)}


def twins(k5: House, folder: Path, database_url: str, second: Came, alike: str = ALIKE) -> list[str]:
    """Bring No. 17 and a second document, make them alike by hand, and return what is said of documents."""
    receive(k5, folder, first(k5))
    receive(k5, folder, second)
    k5.assert_sound()
    with tampering(database_url) as connection:
        for statement in alike.split("; "):
            connection.execute(text(statement))
    return [breach.found for breach in verify(k5.ports) if breach.invariant == "I13"]


def first(k5: House) -> Came:
    return Came("17", rub("500.00"), f"л/с {k5.caller.id}")


def second(k5: House) -> Came:
    """Another payment by its number and payer."""
    return replace(first(k5), number="18", payer_account="40702810500000000002")


@pytest.mark.parametrize("purpose", ["", "за связь"])
def test_a_document_under_two_names_is_a_breach(k5: House, tmp_path: Path, database_url: str, purpose: str) -> None:
    """Its purpose may be cut otherwise: payer, number, sum and day are one."""
    [found] = twins(k5, tmp_path, database_url, replace(second(k5), purpose=purpose or second(k5).purpose))
    assert found.startswith("of 50000 has two names: 20261130-")


@pytest.mark.parametrize("day", ["30.11.2026", "29.11.2026"])
def test_rows_that_are_older_than_the_payers_hash_are_compared_by_their_purpose(
    k5: House, tmp_path: Path, database_url: str, day: str
) -> None:
    """The other format told the day of posting: they came on one day."""
    forget = f"{ALIKE}; UPDATE bank_payment SET payer_hash = NULL"
    other = replace(second(k5), day=day, received="30.11.2026")
    assert len(twins(k5, tmp_path, database_url, other, forget)) == 1


def test_two_documents_of_one_file_with_days_of_their_own_are_two(k5: House, tmp_path: Path) -> None:
    done = receive(k5, tmp_path, first(k5), replace(first(k5), day="27.11.2026", received="30.11.2026"))
    assert done.credited.count == 2
    k5.assert_sound()


def test_rows_that_are_older_with_another_purpose_are_two(k5: House, tmp_path: Path, database_url: str) -> None:
    forget = f"{ALIKE}; UPDATE bank_payment SET payer_hash = NULL"
    assert twins(k5, tmp_path, database_url, replace(second(k5), purpose=f"K5-{k5.caller.id}"), forget) == []


def test_what_was_given_to_its_owner_later_is_seen_too(k5: House, tmp_path: Path, database_url: str) -> None:
    other = replace(second(k5), purpose="за связь")
    assign(k5.ports, waiting(k5, tmp_path, other), k5.caller.id, "staff:1")
    assert len(twins(k5, tmp_path, database_url, other)) == 1


def test_another_payer_is_another_document(k5: House, tmp_path: Path, database_url: str) -> None:
    only_number = "UPDATE bank_payment SET document_no = '17'"
    assert twins(k5, tmp_path, database_url, second(k5), only_number) == []


def test_another_day_is_another_document(k5: House, tmp_path: Path, database_url: str) -> None:
    assert twins(k5, tmp_path, database_url, replace(second(k5), day="27.11.2026")) == []


def test_equal_payments_and_what_a_person_said_is_another_are_no_breach(k5: House, tmp_path: Path) -> None:
    twice = first(k5)
    receive(k5, tmp_path, twice, twice)
    receive(k5, tmp_path, replace(twice, bic=""))
    [doubtful] = doubtful_payments.doubtful(k5.ports)
    doubtful_payments.credit(k5.ports, doubtful.doubt.number, "staff:1")
    assert k5.balance() == rub("1500.00")
    k5.assert_sound()


def anyhow(chance: random.Random, one: Came) -> Came:
    """Return the payment as some file may tell it, or another one that is much like it."""
    return replace(
        one,
        number=chance.choice(["17", "17", "0017", "4017", ""]),
        day=chance.choice(["30.11.2026", "30.11.2026", "27.11.2026"]),
        received=chance.choice(["", "30.11.2026"]),
        amount=chance.choice([one.amount, one.amount, rub("1.00")]),
        payer_account=chance.choice([one.payer_account, one.payer_account, "", "40702810500000000002"]),
        bic=chance.choice([one.bic, one.bic[1:], "", "044525594"]),
        purpose=chance.choice([one.purpose, f"{one.purpose}. Без НДС", "за связь"]),
    )


@pytest.mark.parametrize("seed", range(10))
def test_no_import_by_itself_gives_a_document_two_names(k5: House, tmp_path: Path, seed: int) -> None:
    """Whatever files tell of a few payments, side by side or one after the other: what may be a second name waits."""
    chance = random.Random(seed)
    told = [anyhow(chance, first(k5)) for _ in range(3)]
    for _ in range(3):
        payments = [chance.choice([chance.choice(told), anyhow(chance, first(k5))]) for _ in range(4)]
        bics = [replace(one, bic=chance.choice([one.bic, "", "044525594"])) for one in payments[:2]]
        receive(k5, tmp_path, *payments, *bics)
        k5.assert_sound()
