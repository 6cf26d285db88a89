"""A payment credited to the wrong subscriber is taken back and put right, also when it is spent. Promises: B4, S22."""

from pathlib import Path

import pytest

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import Event, EventName, Move, Posting
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error, NotFound, WrongDeed
from k5web.services.accounts import accounts
from k5web.services.bank import closing_rules, suspense, wrong_assignments
from k5web.services.books.verify import verify
from k5web.storage.bank import bank_payments
from k5web.storage.books import ledger
from tests.bank_files import Came, exchange
from tests.services.bank.payouts import in_suspense, on
from tests.services.bank.retelling import take
from tests.services.house import House

STAFF, FORM = "staff:anna", "form-0001"
CAME = Came("17", rub("500.00"), "за связь", payer="ООО Ромашка", payer_inn="7708789018")


@pytest.fixture
def ivan(k5: House) -> Subscriber:
    """The right one."""
    return accounts.add_subscriber(k5.ports, Msisdn.parse("+79160000067"), "correct horse", "Иван")


def assigned(k5: House, folder: Path) -> EventName:
    """Bring a payment in and give it to the wrong one; return its name there."""
    take(k5, folder, exchange([CAME]))
    suspense.assign(k5.ports, suspense.suspense(k5.ports).first[0].payment.number, k5.caller.id, STAFF)
    return name_of(k5)


def name_of(k5: House) -> EventName:
    with k5.ports.sessions.read() as db:
        return bank_payments.of_owner(db, k5.caller.id, 1)[0].name


def take_back(k5: House, name: EventName, form: str = FORM) -> tuple[Posting, ...]:
    with k5.ports.sessions.begin() as db:
        return wrong_assignments.take_back(k5.ports, db, k5.caller.id, name, form, STAFF)


def move(k5: House, name: EventName, to: int, form: str = FORM) -> tuple[Posting, ...]:
    with k5.ports.sessions.begin() as db:
        return wrong_assignments.move(k5.ports, db, k5.caller.id, name, to, form, STAFF)


def spend(k5: House, minor: int) -> None:
    with k5.ports.sessions.begin() as db:
        moves = (Move(ledger.purse(db, k5.caller.id).account_id, -minor, "sale.order"),)
        event = Event(k5.caller.id, EventName("order", "phone"), moves, "test", k5.clock())
        ledger.charge(db, event, k5.ports.today(), k5.clock())


def balances(k5: House, ivan: Subscriber) -> tuple[str, str]:
    assert verify(k5.ports) == []
    return str(k5.balance()), str(accounts.purse(k5.ports, ivan.id).balance)


def test_it_waits_in_suspense_again_and_says_who_paid(k5: House, ivan: Subscriber, tmp_path: Path) -> None:
    taken, waiting = take_back(k5, assigned(k5, tmp_path))
    assert (taken.amount, waiting.amount, waiting.owner_id) == (Money(-50000), rub("500.00"), 0)
    assert (balances(k5, ivan), in_suspense(k5), on(k5, "cash.bank")) == (
        ("0.00", "0.00"),
        rub("500.00"),
        Money(-50000),
    )
    [found] = suspense.suspense(k5.ports).first
    assert (found.payment.number, found.payment.why, found.payment.name) == (
        waiting.number, "taken_back", EventName("staff", FORM),
    )  # fmt: skip
    assert (found.payment.payer, found.payment.payer_inn, found.payment.document_no) == (
        "ООО Ромашка",
        "7708789018",
        "17",
    )


def test_it_is_assigned_anew_and_taken_back_anew(k5: House, ivan: Subscriber, tmp_path: Path) -> None:
    _taken, waiting = take_back(k5, assigned(k5, tmp_path))
    suspense.assign(k5.ports, waiting.number, ivan.id, STAFF)
    assert (balances(k5, ivan), in_suspense(k5)) == (("0.00", "500.00"), rub("0.00"))
    with k5.ports.sessions.begin() as db:
        again = EventName("staff", f"{FORM}-to")
        wrong_assignments.take_back(k5.ports, db, ivan.id, again, "form-0002", STAFF)
    assert (balances(k5, ivan), in_suspense(k5)) == (("0.00", "0.00"), rub("500.00"))


def test_the_file_again_credits_nothing(k5: House, ivan: Subscriber, tmp_path: Path) -> None:
    take_back(k5, assigned(k5, tmp_path))
    done = take(k5, tmp_path, exchange([CAME]))
    assert (done.known, done.doubtful.count, done.suspended.count, done.credited.count) == (1, 0, 0, 0)
    assert balances(k5, ivan) == ("0.00", "0.00")


def test_a_rule_does_not_close_what_staff_took_back(k5: House, tmp_path: Path) -> None:
    take_back(k5, assigned(k5, tmp_path))
    rule = closing_rules.draft(k5.ports, "7708789018", "", "payout", STAFF)
    assert closing_rules.foresee(k5.ports, [rule]).count == 0


def test_it_goes_to_the_right_one_in_one_step_also_where_it_is_spent(
    k5: House, ivan: Subscriber, tmp_path: Path
) -> None:
    name = assigned(k5, tmp_path)
    spend(k5, 30000)
    lines = move(k5, name, ivan.id)
    assert [(line.owner_id, str(line.amount)) for line in lines] == [
        (k5.caller.id, "-500.00"), (0, "500.00"), (0, "-500.00"), (ivan.id, "500.00"),
    ]  # fmt: skip
    assert (balances(k5, ivan), in_suspense(k5)) == (("-300.00", "500.00"), rub("0.00"))


def test_what_the_import_credited_to_the_wrong_one_is_put_right_too(
    k5: House, ivan: Subscriber, tmp_path: Path
) -> None:
    take(k5, tmp_path, exchange([Came(purpose=f"л/с {k5.caller.id}")]))
    assert balances(k5, ivan) == ("500.00", "0.00")
    move(k5, name_of(k5), ivan.id)
    assert balances(k5, ivan) == ("0.00", "500.00")


def test_a_payment_of_another_provider_goes_over_against_the_same_house_account(k5: House, ivan: Subscriber) -> None:
    k5.top_up("70.00")
    lines = move(k5, EventName("test:bank", "in-1"), ivan.id)
    assert [(line.owner_id, str(line.amount), line.counter) for line in lines] == [
        (k5.caller.id, "-70.00", "cash.test"), (ivan.id, "70.00", "cash.test"),
    ]  # fmt: skip
    assert lines[1].name == EventName("staff", FORM)
    assert (balances(k5, ivan), on(k5, "cash.test")) == (("0.00", "70.00"), Money(-7000))


def test_it_is_taken_back_once(k5: House, ivan: Subscriber, tmp_path: Path) -> None:
    name = assigned(k5, tmp_path)
    move(k5, name, ivan.id)
    with pytest.raises(WrongDeed):
        move(k5, name, ivan.id, "form-0002")
    with pytest.raises(WrongDeed):
        take_back(k5, name, "form-0003")
    assert balances(k5, ivan) == ("0.00", "500.00")


def test_what_is_no_payment_is_not_moved(k5: House, ivan: Subscriber) -> None:
    k5.top_up("70.00")
    spend(k5, 1000)
    for name, to, refusal in (
        (EventName("order", "phone"), ivan.id, WrongDeed),
        (EventName("test:bank", "in-1"), k5.caller.id, WrongDeed),
        (EventName("test:bank", "in-1"), 0, WrongDeed),
        (EventName("test:bank", "in-1"), 999999, K5Error),
        (EventName("test:bank", "in-9"), ivan.id, NotFound),
    ):
        with pytest.raises(refusal):
            move(k5, name, to)
    with pytest.raises(WrongDeed):
        take_back(k5, EventName("test:bank", "in-1"))
    assert balances(k5, ivan) == ("60.00", "0.00")


def test_nothing_goes_to_an_account_in_another_currency(k5: House) -> None:
    k5.top_up("70.00")
    other = accounts.add_subscriber(k5.ports, Msisdn.parse("+996555000001"), "correct horse", "Асан", "KGS")
    with pytest.raises(K5Error):
        move(k5, EventName("test:bank", "in-1"), other.id)
    assert str(k5.balance()) == "70.00"
