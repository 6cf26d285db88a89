"""All that is kept of a subscriber as one JSON file (B14)."""

import json
import tracemalloc

import pytest
from sqlalchemy import insert

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.errors import TooOften
from k5web.services.accounts import export, profiles
from k5web.services.books import corrections, transfers
from k5web.services.books.transfers import TransferWish
from k5web.storage.accounts.owned_rows import RULES
from k5web.storage.tables import ContactRow
from tests.services.house import OWN, House, subscriber
from tests.services.visits import RIGHT, log_in

PERSON = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}


def exported(k5: House, owner_id: int | None = None) -> str:
    with export.export(k5.ports, owner_id or k5.caller.id) as file:
        return file.read().decode()


def test_the_file_holds_what_is_known_and_no_secret(k5: House) -> None:
    log_in(k5)
    profiles.save(k5.ports, k5.caller.id, "person", PERSON, consents_now=True)
    k5.top_up("50.00")
    k5.talk(k5.order(), "55")
    text = exported(k5)
    told = json.loads(text)
    assert told.keys() == {
        "exported_at",
        *(table.__tablename__ for table, rule in RULES.items() if rule.hidden is not None),
    }
    assert told["subscriber"][0]["phone"] == k5.caller.phone.digits  # type: ignore[union-attr]
    assert told["personal_data"][0]["facts"] == PERSON
    assert [row["amount_minor"] for row in told["posting"]] == [5000, -220]
    assert [row["b_number"] for row in told["call"]] == ["74951234567"]
    assert {row["leg"] for row in told["cdr"]} == {"a", "b"}
    assert len(told["device"]) == len(told["consent"]) == 1
    assert not [word for word in ("$argon2", "password_hash", "validator", "carrier", "trunk") if word in text]
    assert RIGHT not in text


def test_a_long_file_is_made_only_so_often(k5: House) -> None:
    for _ in range(3):
        exported(k5)
    with pytest.raises(TooOften):
        exported(k5)
    k5.clock.forward(minutes=1)
    exported(k5)


def test_nobody_else_is_named_by_what_came_from_them(k5: House) -> None:
    """Also where it was taken back: the name of a reversal holds that of the transfer."""
    k5.top_up("500.00")
    ivan = subscriber(k5, 1)
    for form in ("a", "b"):
        offer = transfers.offer(k5.ports, k5.caller, str(ivan.phone), rub("100.00"))
        transfers.send(k5.ports, k5.caller, TransferWish(str(ivan.phone), offer.mark, rub("100.00"), form))
    corrections.reverse(k5.ports, k5.caller.id, EventName("transfer", "b"), "staff:anna")
    told = json.loads(exported(k5, ivan.id))
    assert [(row["origin"], row["amount_minor"], "key" in row) for row in told["posting"][1:]] == [
        ("transfer.in", 100_00, False),
        ("transfer.in", 100_00, False),
        ("reversal", -100_00, False),
    ]
    assert str(k5.caller.id) not in json.dumps(told)
    mine = json.loads(exported(k5))
    assert all("key" in row for row in mine["posting"])


def test_a_long_file_is_never_whole_in_memory(k5: House) -> None:
    """Of somebody with many calls it was: an export of a hundred thousand took the memory of many other pages."""
    rows = [
        {"owner_id": k5.caller.id, "access": f"7495{n:07d}", "number": OWN[1:], "name": "А" * 300}
        for n in range(20_000)
    ]
    agreed = {"agreed_micro": 1, "currency": "RUB", "agreed": None}
    with k5.ports.sessions.begin() as db:
        db.execute(insert(ContactRow), [row | agreed for row in rows])
    del rows
    exported(k5, subscriber(k5, 1).id)  # what is built once is not counted
    tracemalloc.start()
    try:
        with export.export(k5.ports, k5.caller.id) as file:
            _, most = tracemalloc.get_traced_memory()
            size = file.seek(0, 2)
    finally:
        tracemalloc.stop()
    assert size > 12_000_000
    assert most < size / 4
