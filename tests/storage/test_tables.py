"""Everything of one owner lies together: its keys begin with the owner. Promises: W1, S1, S2, S9."""

import pytest
from sqlalchemy import create_engine, inspect

from k5web.storage.tables import Base

OWNED = {
    "account",
    "ledger_transaction",
    "posting",
    "hold",
    "call",
    "switch_event",
    "cdr",
    "incident",
    "incident_tick",
    "topup",
    "outbox",
    "receipt",
    "saved_card",
    "auto_topup",
}
OWNED |= {
    "act",
    "act_line",
    "act_original",
    "promised_payment",
    "claim",
    "block",
    "bank_closing",
    "bank_payment",
    "invoice",
    "contact",
    "favourite",
    "call_limit",
    "own_limit",
    "opened_direction",
    "refusal",
    "objection",
    "number_change",
    "subscription",
    "subscription_period",
    "bonus",
    "email_address",
    "referral",
    "notice_choice",
    "name_word",
    "personal_data",
    "consent",
    "staff_access",
    "acceptance",
    "contract_end",
    "refund_application",
    "day_close",
    "export",
    "export_part",
    "fraud_alarm",
    "work_tick",
}
OWNED |= {
    "pbx",
    "pbx_rule",
    "pbx_user",
    "sip_account",
    "black_caller",
    "greeting",
    "switch_question",
    "hold_ahead",
    "conversation",
    "conversation_leg",
    "recording",
    "recording_order",
    "webhook",
    "webhook_delivery",
}

# Every other table, and why its keys need no owner in front
ELSEWHERE = {
    "name_claim": "placed by key: an outside name is claimed once in the whole of K5",
    "subscriber": "its id is the owner; the phone is unique in the whole of K5",
    "phone": "each number is one subscriber's in the whole of K5",
    "device": "found by the cookie's selector before the owner is known",
    "login_count": "counts attempts on accounts, devices and addresses, known or not",
    "api_token": "found by the token's selector before the owner is known",
    "missed_call": "named by the switch's record, before its caller is known to be anybody's",
    "widget": "found by the code on somebody's site before its owner is known",
    "invitation": "found by the code of its link before its owner is known",
    "one_time_code": "of a number or an e-mail address, known or not",
    "sms_count": "counts messages to numbers and for addresses, known or not",
    "sms_day": "one row a day",
    "closed_day": "one row a day, the same on every node",
    "house_day": "some rows a day, of no owner",
    "seal": "one row a day",
    "archive_file": "one row a month",
    "verification": "some rows a day, of the whole ledger",
    "inbound_sms": "named by the gateway, before its sender is known to be anybody",
    "pace": "counts what anybody asks too often, known or not",
    "proposal": "a short list of what staff asked for, not always about a subscriber",
    "bank_rule": "a short list of the operator's own",
    "staff": "a few people of the operator's own",
    "staff_session": "found by the cookie's selector before whose it is is known",
    "audit": "numbered in the whole of K5, and about prices and files as well as about subscribers",
    "house": "one row: the letters of this database's order numbers",
    "act_book": "one row: how far acts are issued",
    "allocator": "a few rows for the whole of K5",
    "number": "a small list, the same on every node; whose it is stands in it",
    "bank_doubt": "a payment of the house's account, whoever it is for, found by its number",
    "deck": "a small list, the same on every node",
    "rate": "a small list, the same on every node",
    "plan_version": "a small list, the same on every node",
    "price_withdrawal": "a small list, the same on every node",
    "price_draft": "a small list, the same on every node",
    "margin_day": "one row a day",
    "margin_line": "some hundred rows a day, of no owner",
    "contract_document": "a small list, the same on every node",
    "notice": "placed by key, beside the name it speaks of",
    "register_line": "a provider's file, whoever its payments are for",
    "register_file": "a provider's file, whoever its payments are for",
    "register_day": "some rows a day, of no owner",
    "register_resolution": "placed by key, beside the name it speaks of",
    "bill_day": "some rows a day, of no owner",
    "desk_job": "what staff hand in, whoever it is about",
    "desk_job_part": "what staff hand in, whoever it is about",
    "call_stop": "a small list, the same on every node; whose calls it stops stands in it",
    "switch_position": "one row per switch",
    "heartbeat": "one row per worker and switch",
    "trunk_off": "one row per trunk that staff switched off",
    "trunk_pace": "one row per trunk whose carrier counts calls a second",
    "route_health": "one row per switch or trunk that failed lately",
    "alembic_version": "the schema's own version",
}
SMALL_LISTS = {"deck", "closed_day", "staff", "margin_day"}  # may be referred to from anywhere: on every node


def test_every_key_of_an_owned_table_begins_with_its_owner(database_url: str) -> None:
    engine = create_engine(database_url)
    there = inspect(engine)
    assert set(there.get_table_names()) == OWNED | set(ELSEWHERE)
    for table in OWNED:
        keys = [there.get_pk_constraint(table)["constrained_columns"]]
        keys += [list(key["column_names"]) for key in there.get_unique_constraints(table)]
        keys += [[str(name) for name in index["column_names"]] for index in there.get_indexes(table) if index["unique"]]
        keys += [key["constrained_columns"] for key in there.get_foreign_keys(table)]
        assert {key[0] for key in keys} == {"owner_id"}, table
    engine.dispose()


def test_references_stay_inside_the_owner_or_lead_to_a_small_list(database_url: str) -> None:
    engine = create_engine(database_url)
    there = inspect(engine)
    for table in there.get_table_names():
        for key in there.get_foreign_keys(table):
            inside = key["constrained_columns"][0] == key["referred_columns"][0] == "owner_id"
            assert inside or key["referred_table"] in SMALL_LISTS, (table, key)
    engine.dispose()


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: str(table.name))
def test_sqlite_tables_are_strict(sqlite_url: str, table: object) -> None:
    """Else a sum that overflows turns silently into a float."""
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        listed = connection.exec_driver_sql("PRAGMA table_list").mappings()
        strict = {row["name"]: row["strict"] for row in listed}
    engine.dispose()
    assert strict[str(table)] == 1
