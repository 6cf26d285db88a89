"""Whose account a payer means, and whether it may be paid: phones, ids and tax numbers. Promises: A11, C2, S22."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn, other_reading
from k5web.errors import AlreadyThere, SeveralFit
from k5web.services.accounts.accounts import add_subscriber, find_subscriber, purse
from k5web.services.books.verify import verify
from k5web.services.payments import payers
from k5web.storage.accounts import subscribers
from k5web.storage.books.ledger_sql import ACCOUNT
from k5web.storage.tables import AllocatorRow
from tests.services.net import PHONE, Net


@pytest.mark.parametrize("account", [PHONE, "+7 916 123-45-67", "89161234567", "9161234567", "8 (916) 123 45 67"])
def test_a_payer_types_the_phone_as_they_like(net: Net, account: str) -> None:
    assert net.checks(account) == "possible А. 10.00 15000.00"


@pytest.mark.parametrize("account", ["{id}", "K5-{id}", "k5-{id}", " {id} "])
def test_a_payer_types_the_number_of_the_account(net: Net, account: str) -> None:
    assert net.checks(account.format(id=net.caller.id)).startswith("possible")


def test_a_local_number_is_read_where_the_partners_currency_is_at_home(net: Net) -> None:
    add_subscriber(net.ports, Msisdn("996555010203"), "correct horse", "Айгуль", "KGS")
    assert net.checks("0555010203") == "refused account_format"
    net.change(currency="KGS", minimum=Money(1000, "KGS"), maximum=Money(1500000, "KGS"))
    for typed in ("0555010203", "555010203", "996555010203"):
        assert net.checks(typed) == "possible А. 10.00 15000.00"


MOSCOW, GERMANY = Msisdn("74951234567"), Msisdn("4951234567")  # ten digits at home are what Germany's has in all


@pytest.mark.parametrize("typed", ["4951234567", "(495) 123-45-67", "84951234567", "74951234567", "+7 495 123-45-67"])
def test_ten_digits_are_the_number_at_home_whoever_has_the_same_digits_abroad(net: Net, typed: str) -> None:
    """A11: a payer types ten digits, so they never mean somebody in Germany, were he the only one there is."""
    german = add_subscriber(net.ports, GERMANY, "correct horse", "Gerda")
    assert net.checks(typed) == net.pays(account=typed) == "refused account_unknown"
    moscow = add_subscriber(net.ports, MOSCOW, "correct horse", "Марина")
    assert net.checks(typed).startswith("possible М.")
    assert net.pays(account=typed).startswith("paid")
    assert [str(purse(net.ports, who.id).balance) for who in (german, moscow)] == ["0.00", "250.00"]
    assert net.checks("+4951234567").startswith("possible G.")


def test_a_number_that_a_person_would_be_asked_about_is_no_account(net: Net) -> None:
    """+8 495 … is a slip for 8 495 …, or Vietnam's: whoever of the two is a subscriber, nothing is guessed."""
    text = "+8 (495) 123-45-67"
    assert other_reading(text) is not None
    for phone in (Msisdn("84951234567"), MOSCOW):
        assert net.checks(text) == net.pays(account=text) == "refused account_format"
        add_subscriber(net.ports, phone, "correct horse", "Кто-то")
    assert net.checks(text) == net.pays(account=text) == "refused account_format"
    assert verify(net.ports) == []


def test_digits_that_are_ones_phone_and_anothers_id_are_no_account_without_their_mark(net: Net) -> None:
    add_subscriber(net.ports, MOSCOW, "correct horse", "Марина")
    with net.ports.sessions.begin() as db:
        db.execute(update(AllocatorRow).where(AllocatorRow.kind == "subscriber").values(next_id=4951234567))
    assert add_subscriber(net.ports, None, "correct horse", "Борис").id == 4951234567
    assert net.checks("4951234567") == net.pays(account="4951234567") == "refused account_format"
    assert net.checks("4951234567", type="id").startswith("possible Б.")
    assert net.checks("K5-4951234567").startswith("possible Б.")
    assert net.checks("84951234567").startswith("possible М.")
    with pytest.raises(SeveralFit, match="by K5-100002, K5-4951234567"):
        find_subscriber(net.ports, "4951234567")
    assert find_subscriber(net.ports, "k5-4951234567").id == 4951234567


def test_ten_digits_that_are_nobodys_phone_are_not_somebodys_id(net: Net) -> None:
    """A11: they are a number at home. Whose id they are is paid where it is said to be one."""
    with net.ports.sessions.begin() as db:
        db.execute(update(AllocatorRow).where(AllocatorRow.kind == "subscriber").values(next_id=4951234567))
    boris = add_subscriber(net.ports, None, "correct horse", "Борис")
    assert net.checks("4951234567") == net.pays(account="4951234567") == "refused account_unknown"
    assert str(purse(net.ports, boris.id).balance) == "0.00"
    assert net.checks("4951234567", type="id").startswith("possible Б.")
    assert net.pays(account="K5-4951234567").startswith("paid")


def test_one_tax_number_is_one_subscribers_whichever_key_made_its_hash(net: Net) -> None:
    """A newer key makes another hash of it, so the database cannot see that two have the same number."""
    inn = "01234567890123"
    net.change(account_types=("inn",))
    payers.set_inn(net.ports, net.caller.id, inn)
    net.ports = replace(net.ports, lookup_keys=(b"newer", *net.ports.lookup_keys))
    other = add_subscriber(net.ports, MOSCOW, "correct horse", "Марина")
    with pytest.raises(AlreadyThere):
        payers.set_inn(net.ports, other.id, inn)
    assert net.checks(inn).startswith("possible А.")
    payers.set_inn(net.ports, net.caller.id, inn)  # by the newer key
    with net.ports.sessions.begin() as db:  # as it could be set before
        subscribers.set_inn(db, other.id, payers.account_hash(net.ports.lookup_keys[1], inn))
    assert net.checks(inn) == net.pays(account=inn) == "refused account_format"


@pytest.mark.parametrize(
    ("account", "more", "why"),
    [
        ("abc", {}, "account_format"),
        ("", {}, "account_format"),
        ("0", {}, "account_format"),
        ("9" * 70, {}, "account_format"),
        ("٩١٦١٢٣٤٥٦٧", {}, "account_format"),
        ("K5-99999999999", {}, "account_format"),
        ("12345678901234", {}, "account_format"),  # a tax number, but not for this partner
        (PHONE, {"type": "id"}, "account_format"),
        ("996999999999", {}, "account_unknown"),
        ("999", {}, "account_unknown"),
        (PHONE, {"sum": "9.99"}, "sum_too_small"),
        (PHONE, {"sum": "15000.01"}, "sum_too_large"),
        (PHONE, {"sum": "250.00", "currency": "KGS"}, "wrong_currency"),
    ],
)
def test_what_may_not_be_paid_is_refused_with_its_reason(
    net: Net, account: str, more: dict[str, str], why: str
) -> None:
    assert net.checks(account, **more) == f"refused {why}"
    assert net.pays(account=account, **{"sum": "250.00", **more}) == f"refused {why}"
    assert net.balance() == rub("0.00")
    assert net.pays() == f"paid {net.purse().account_id}000000001 250.00"  # a refusal holds no name


def test_an_account_in_another_currency_is_refused(net: Net) -> None:
    add_subscriber(net.ports, Msisdn("996555010203"), "correct horse", "Айгуль", "KGS")
    assert net.checks("996555010203") == "refused wrong_currency"


def test_blocked_and_closed_accounts_are_inactive_until_they_are_opened(net: Net) -> None:
    net.block()
    assert net.checks() == net.pays() == "refused account_inactive"
    net.block(False)
    assert net.checks().startswith("possible")
    with net.ports.sessions.begin() as db:
        db.execute(ACCOUNT.update().where(ACCOUNT.c.owner_id == net.caller.id).values(closed_at=net.clock()))
    assert net.checks() == net.pays() == "refused account_inactive"


def test_a_closed_partner_pays_nothing_new(net: Net) -> None:
    first = net.pays()
    net.change(is_open=False)
    assert net.checks() == net.pays("2") == "refused closed"
    assert net.pays() == first


def test_a_company_is_found_by_its_tax_number_which_is_not_kept(net: Net) -> None:
    net.change(account_types=("id", "phone", "inn"))
    assert net.checks("01234567890123") == "refused account_unknown"
    payers.set_inn(net.ports, net.caller.id, "01234567890123")
    assert net.checks("01234567890123") == "possible А. 10.00 15000.00"
    assert net.checks("01234567890123", type="inn").startswith("possible")
    assert net.checks("01234567890123", type="phone") == "refused account_format"
    assert not any("01234567890123" in request for request in net.requests())
    newer = replace(net.ports, lookup_keys=(b"newer", *net.ports.lookup_keys))
    net.ports = newer
    assert net.checks("01234567890123").startswith("possible")
