"""The ledger's values: whose names are claimed by all, what two events mean alike, what a purse may spend."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from k5web.domain.books.ledger import Event, EventName, Move, Posting, Purse
from k5web.domain.money import Money, rub

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
EVENT = Event(7, EventName("qiwi:bill", "p1"), (Move(1, 50000, "cash.qiwi"),), "connector:qiwi", AT)


@pytest.mark.parametrize(
    ("origin", "is_outside"),
    [("qiwi:bill", True), ("bank", True), ("chargeback", True), ("call", False), ("reversal", False), ("bonus", False)],
)
def test_names_that_others_give_are_outside_names(origin: str, is_outside: bool) -> None:
    assert EventName(origin, "1").is_outside is is_outside


@pytest.mark.parametrize(
    "other",
    [
        replace(EVENT, owner_id=8),
        replace(EVENT, moves=(Move(1, 50001, "cash.qiwi"),)),
        replace(EVENT, moves=(Move(2, 50000, "cash.qiwi"),)),
        replace(EVENT, moves=(Move(1, 50000, "cash.bank"),)),
        replace(EVENT, moves=EVENT.moves * 2),
        replace(EVENT, reverses=EventName("qiwi:bill", "p0")),
    ],
)
def test_another_owner_move_or_original_is_another_meaning(other: Event) -> None:
    assert other.fingerprint != EVENT.fingerprint


@pytest.mark.parametrize("again", [replace(EVENT, occurred_at=AT + timedelta(days=1)), replace(EVENT, actor="staff:1")])
def test_a_repeat_with_a_fresh_clock_means_the_same(again: Event) -> None:
    assert again.fingerprint == EVENT.fingerprint


def test_a_meaning_stays_the_same_from_version_to_version() -> None:
    """Fingerprints are kept for ever: a change would turn every repeat of a known payment into a conflict."""
    assert EVENT.fingerprint.hex() == "1dce2d4a4578d003539b3925304021e73abfc22805f201b6ec5f4cb68637017f"


def test_a_payment_number_tells_account_and_place() -> None:
    posting = Posting(7, 12, date(2026, 11, 30), 34, rub("1.00"), rub("2.00"), "cash.qiwi", EVENT.name)
    assert posting.number == 12_000_000_034


@pytest.mark.parametrize(
    ("balance", "held", "floor", "available"),
    [(100, 0, 0, 100), (100, 60, 0, 40), (100, 0, -50, 150), (-10, 0, 0, -10), (100, 120, 0, -20)],
)
def test_what_is_held_or_below_the_floor_cannot_be_spent(balance: int, held: int, floor: int, available: int) -> None:
    assert Purse(7, 12, Money(balance), Money(held), Money(floor)).available == Money(available)
