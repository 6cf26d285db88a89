"""Everything that is kept of one subscriber: no table is forgotten, no secret is given away."""

import json
from datetime import UTC, datetime

from sqlalchemy import LargeBinary

from k5web.domain.accounts.email_address import EmailAddress
from k5web.storage.accounts import email_rows, owned_rows
from k5web.storage.accounts.owned_rows import RULES
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import Queued
from k5web.storage.session import Sessions
from k5web.storage.tables import Base, SubscriberRow

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SECRET = ("secret", "password", "hash", "validator", "selector", "form_key", "payer_key", "card_id")
HARMLESS = {"password_changed_at", "must_change_password"}


def test_no_table_with_an_owner_is_forgotten() -> None:
    """Whoever adds one says in RULES what the subscriber gets of it, and what an erasure does."""
    owned = {mapper.class_ for mapper in Base.registry.mappers if "owner_id" in mapper.columns}
    assert owned | {SubscriberRow} == RULES.keys()


def test_no_column_that_sounds_secret_is_given_away() -> None:
    for table, rule in RULES.items():
        if rule.hidden is None:
            continue
        columns = table.__table__.c
        assert rule.hidden <= set(columns.keys()), table
        shown = {one.name for one in columns if not isinstance(one.type, LargeBinary)} - rule.hidden
        assert not [name for name in shown - HARMLESS for word in SECRET if word in name], table


def test_the_rows_of_one_owner_are_given_as_plain_values(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for owner_id in (1, 2):
            email_rows.give(db, owner_id, EmailAddress(f"anna{owner_id}@mail.ru"), NOW)
    with sessions.read() as db:
        found = {name: list(rows) for name, rows in owned_rows.given(db, 1)}
    assert found["email_address"] == [
        {"owner_id": 1, "address": "anna1@mail.ru", "given_at": "2026-12-01T09:00:00+00:00", "confirmed_at": None}
    ]
    assert json.loads(json.dumps(found)) == found


def test_messages_to_an_address_are_emptied_whoever_had_them_sent(sessions: Sessions) -> None:
    def message(name: str, address: str) -> Queued:
        return Queued(0, name, "code", {"code": "123456"}, NOW, "email", address)

    with sessions.begin() as db:
        for name, address in (("a", "anna@mail.ru"), ("b", "olga@mail.ru")):
            outbox_rows.queue(db, message(name, address))
        owned_rows.erase(db, 1, ["anna@mail.ru"], NOW)
        assert [each.id for each in outbox_rows.due(db, NOW, 10)] == ["b"]
