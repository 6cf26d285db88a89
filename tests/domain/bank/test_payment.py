"""By what a payment is known again in any spelling, and when two mentions are one. Promises: B13, docs/ledger.md."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest

from k5web.domain.bank.payment import (
    ASSIGNED,
    DAYS_APART,
    Mention,
    Part,
    identity,
    identity_as_written,
    known_by,
    names,
    only_difference,
    words_of,
)
from k5web.domain.bank.statement import BankDocument, Cells
from k5web.domain.money import rub

OURS, OTHER = "40702810938000017997", "40702810100000000022"
PAID = BankDocument(
    line=1,
    part=0,
    number="17",
    day=date(2026, 11, 30),
    amount=rub("500.00"),
    payer_account="40702810500000000001",
    payer_bic="044525593",
    payer_inn="",
    payer="",
    payee_account=OURS,
    purpose="л/с 8841",
    received_on=None,
    cells=Cells("0017", "40702 810 5 0000 0000001", "44525593"),
)
TOLD = Mention(OURS, "4017", PAID.day, frozenset([b"payer"]), "044525593", PAID.amount)


def test_a_payment_is_known_again_in_another_file() -> None:
    again = replace(PAID, line=90, purpose="другими словами", payer="ООО", payer_inn="7708789018", part=3)
    assert identity(again) == identity(PAID)


@pytest.mark.parametrize(
    "other",
    [
        replace(PAID, number="18"),
        replace(PAID, day=date(2026, 12, 1)),
        replace(PAID, amount=rub("500.01")),
        replace(PAID, payer_account="40702810500000000002"),
        replace(PAID, payer_bic="044525594"),
        replace(PAID, payee_account=OTHER),
    ],
)
def test_another_number_day_sum_payer_or_account_is_another_payment(other: BankDocument) -> None:
    assert identity(other) != identity(PAID)


def test_what_was_known_by_its_cells_is_known_still() -> None:
    """This is, word for word, how payments were named before their parts were normalised."""
    for cells in (Cells("0017", "40702 810 5 0000 0000001", "44525593"), Cells("№ 17", "407.02.810", "")):
        number = cells.number.strip().lstrip("0") or "0"
        account, bic = cells.payer_account.replace(" ", ""), cells.payer_bic.strip().zfill(9)
        parts = ("v1", OURS, "2026-11-30", number, account, bic, "50000")
        digest = hashlib.sha256("|".join(parts).encode()).digest()[:16]
        document = replace(PAID, cells=cells)
        assert identity_as_written(document) == digest
        assert names(document, 2)[1] == f"20261130-17-{digest.hex()}-2"


def test_a_clean_file_gives_the_names_it_always_gave() -> None:
    clean = replace(PAID, cells=Cells(PAID.number, PAID.payer_account, PAID.payer_bic))
    assert identity(clean) == identity_as_written(clean)
    assert len(set(names(clean, 1))) == 1


def test_a_name_fits_the_ledger_and_holds_no_account() -> None:
    for name in names(replace(PAID, number="0001234567890123/ы", cells=Cells("№ 9", "x" * 90, "")), 99999):
        assert len(name) + len(ASSIGNED) <= 64
        assert PAID.payer_account not in name
    assert known_by(names(PAID, 3)[0]) == known_by(names(PAID, 1)[0] + ASSIGNED) == identity(PAID)
    assert known_by("anything") == b""


@pytest.mark.parametrize(
    ("other", "part", "is_told"),
    [
        (TOLD, Part.PURPOSE, True),
        (replace(TOLD, account=OTHER), Part.ACCOUNT, True),
        (replace(TOLD, number="1234017"), Part.NUMBER, True),
        (replace(TOLD, number=""), Part.NUMBER, False),
        (replace(TOLD, day=TOLD.day + timedelta(DAYS_APART)), Part.DAY, True),
        (replace(TOLD, payer=frozenset([b"other"])), Part.PAYER, True),
        (replace(TOLD, payer=frozenset()), Part.PAYER, False),
        (replace(TOLD, payer=None, bic=None), Part.PURPOSE, True),
        (replace(TOLD, bic="044525594"), Part.BIC, True),
        (replace(TOLD, bic=""), Part.BIC, False),
        (replace(TOLD, amount=rub("500.01")), Part.SUM, True),
        (replace(TOLD, number="", bic=""), Part.NUMBER, False),
        (replace(TOLD, number="", payer=frozenset(), bic=""), Part.NUMBER, False),
        (replace(TOLD, day=TOLD.day + timedelta(1), bic=""), Part.DAY, True),
    ],
)
def test_one_part_may_differ_between_two_mentions_of_a_payment(other: Mention, part: Part, is_told: bool) -> None:
    assert only_difference(TOLD, other) == only_difference(other, TOLD) == (part, is_told)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TOLD, replace(TOLD, number="4018")),
        (TOLD, replace(TOLD, number="17")),
        (TOLD, replace(TOLD, number="401")),
        (TOLD, replace(TOLD, number="1234017", amount=rub("1.00"))),
        (replace(TOLD, bic=""), replace(TOLD, number="1234017")),
        (replace(TOLD, payer=frozenset()), replace(TOLD, day=TOLD.day + timedelta(1))),
        (TOLD, replace(TOLD, day=TOLD.day + timedelta(DAYS_APART + 1))),
        (TOLD, replace(TOLD, day=TOLD.day - timedelta(DAYS_APART + 1))),
        (replace(TOLD, number=""), replace(TOLD, number="", day=TOLD.day + timedelta(1))),
        (replace(TOLD, number=""), replace(TOLD, number="", amount=rub("1.00"))),
        (replace(TOLD, number=""), replace(TOLD, number="", payer=frozenset([b"other"]))),
    ],
)
def test_where_more_differs_or_too_little_is_told_there_are_two_payments(one: Mention, other: Mention) -> None:
    assert only_difference(one, other) is None


def test_a_payer_is_known_by_any_key_in_use() -> None:
    assert only_difference(replace(TOLD, payer=frozenset([b"new", b"payer"])), TOLD) == (Part.PURPOSE, True)


def test_a_purpose_is_the_same_however_it_is_spaced() -> None:
    assert words_of("Лицевой  счет 8841.") == words_of("ЛИЦЕВОЙ СЧЕТ\u00a08841") != words_of("Лицевой счет 8842")
