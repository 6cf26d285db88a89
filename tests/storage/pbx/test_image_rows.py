"""What a switch is told, read for many organisations at once, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Price
from k5web.domain.pbx.image import KeptRule, OwnerFacts
from k5web.domain.pbx.rule import Rule, Voicemail
from k5web.domain.pbx.rule_text import write_rule
from k5web.domain.pbx.switch_tables import SipLogin
from k5web.domain.prices.number import Msisdn
from k5web.storage.accounts import subscribers
from k5web.storage.pbx import image_rows, pbx_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import (
    BlackCallerRow,
    NumberRow,
    PbxRow,
    PbxRuleRow,
    PbxUserRow,
    PersonalDataRow,
    SipAccountRow,
)

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
RULE = Rule({"start": Voicemail(60)})


def subscriber(owner_id: int, phone: str | None, is_proved: bool = True) -> Subscriber:
    return Subscriber(
        owner_id,
        Msisdn(phone) if phone else None,
        "Анна",
        "RUB",
        "k5",
        None,
        Price(0, "RUB"),
        phone_verified_at=NOW if is_proved and phone else None,
    )


def test_all_that_is_known_of_an_organisation(sessions: Sessions) -> None:
    login = SipLogin("u7-1", "0" * 32, "phone", ("203.0.113.0/24",))
    with sessions.begin() as db:
        subscribers.add(db, subscriber(7, "79161234567"), None, NOW)
        subscribers.add(db, subscriber(8, "79161234568", is_proved=False), None, NOW)
        db.execute(insert(PbxRow).values(owner_id=7, version=1, changed_at=NOW, switch="msk", is_recorded=True))
        born = {"code": "495", "is_beautiful": False, "since": NOW, "changes": 2}
        db.execute(insert(NumberRow).values(digits="74951110001", state="rented", owner_id=7, **born))
        reserved = born | {"reserved_until": NOW}
        db.execute(insert(NumberRow).values(digits="74951110002", state="reserved", owner_id=7, **reserved))
        for version, steps in ((1, {}), (2, write_rule(RULE))):
            made = {"at": NOW, "actor": "subscriber:7"}
            row = {"owner_id": 7, "number": "74951110001", "version": version, "steps": steps}
            db.execute(insert(PbxRuleRow).values(**row, **made))
        broken = {"owner_id": 7, "number": "id", "version": 5, "steps": {"start": {"kind": "system"}}}
        db.execute(insert(PbxRuleRow).values(**broken, at=NOW, actor="x"))
        for n, removed_at in ((1, None), (2, NOW)):
            person = {"owner_id": 7, "n": n, "extension": "201", "title": "Анна", "added_at": NOW}
            db.execute(insert(PbxUserRow).values(**person, removed_at=removed_at))
        account = {"owner_id": 7, "login": "u7-1", "kind": "phone", "user_n": 1, "password_digest": "0" * 32}
        db.execute(insert(SipAccountRow).values(**account, networks="203.0.113.0/24", added_at=NOW))
        gone = account | {"login": "u7-2", "user_n": 2, "networks": "", "removed_at": NOW}
        db.execute(insert(SipAccountRow).values(**gone, added_at=NOW))
        db.execute(insert(BlackCallerRow).values(owner_id=7, caller="79031234567", at=NOW))
        for n, what in enumerate(("person", "organisation", "email"), start=1):
            told = {"owner_id": 7, "n": n, "what": what, "facts": {}, "at": NOW, "actor": "x", "inn": ""}
            db.execute(insert(PersonalDataRow).values(**told))
    with sessions.read() as db:
        found = image_rows.facts_of(db, [7, 8, 9])
    assert found[8] == OwnerFacts(8, is_served=True, phone=None)
    assert found.keys() == {7, 8}
    assert found[7] == OwnerFacts(
        7,
        is_served=True,
        phone="79161234567",
        is_organisation=True,
        switch="msk",
        is_recorded=True,
        numbers=("74951110001",),
        rules={"74951110001": KeptRule(2, RULE), "id": KeptRule(5, None)},
        people={1: "201"},
        logins=[(login, 1)],
        black=("79031234567",),
    )


def test_who_has_anything_to_do_with_a_switch(sessions: Sessions) -> None:
    with sessions.begin() as db:
        pbx_rows.touch(db, 7, NOW)
        born = {"code": "495", "is_beautiful": False, "since": NOW, "changes": 2}
        db.execute(insert(NumberRow).values(digits="74951110001", state="rented", owner_id=8, **born))
        told = {"n": 1, "facts": {}, "at": NOW, "actor": "x", "inn": ""}
        db.execute(insert(PersonalDataRow).values(owner_id=9, what="organisation", **told))
        db.execute(insert(PersonalDataRow).values(owner_id=10, what="person", **told))
    with sessions.read() as db:
        assert image_rows.owners(db, 0, 10) == [7, 8, 9]
        assert image_rows.owners(db, 7, 1) == [8]
        assert image_rows.changed_since(db, NOW, 0, 10) == [7]
        assert image_rows.changed_since(db, NOW + timedelta(seconds=1), 0, 10) == []
        assert image_rows.changed_since(db, NOW, 7, 10) == []
