"""Where each table lies once the database is on many machines: with its owner, by a name's key, on each, or on one.

Facts alone: `distributing.py` carries them out by Citus. A table that is missing here, and one whose keys do not suit
its place, is refused by name and fails a test.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from sqlalchemy import ForeignKeyConstraint, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint

OWNER: Final = "owner_id"
KEY: Final = "key"
ANCHOR: Final = "account"  # the first of the owners' tables: the others lie beside it
CLAIMS: Final = "name_claim"  # the same for names from outside


class Place(Enum):
    """Where the rows of a table lie."""

    OWNER = "owner"  # beside everything of the same owner: one transaction, one machine
    KEY = "key"  # by the key of a name from outside, whoever it was claimed for
    EVERYWHERE = "everywhere"  # the whole list on each machine, so that rows of owners may refer to it
    COORDINATOR = "coordinator"  # on the first machine alone


OWNED: Final = frozenset(
    {
        *("acceptance", "account", "act", "act_line", "act_original", "auto_topup", "bank_closing", "bank_payment"),
        *("black_caller", "block", "bonus", "call", "call_limit", "cdr", "claim", "consent", "contact"),
        *("contract_end", "conversation", "conversation_leg", "day_close", "email_address", "export", "export_part"),
        *("favourite", "fraud_alarm", "greeting", "hold", "hold_ahead", "incident", "incident_tick", "invoice"),
        *("ledger_transaction", "name_word", "notice_choice", "number_change", "objection", "opened_direction"),
        *("outbox", "own_limit", "pbx", "pbx_rule", "pbx_user", "personal_data", "posting", "promised_payment"),
        *("receipt", "recording", "recording_order", "referral", "refund_application", "refusal", "saved_card"),
        *("sip_account", "staff_access", "subscription", "subscription_period", "switch_event", "switch_question"),
        *("topup", "webhook", "webhook_delivery", "work_tick"),
    }
)
KEYED: Final[Mapping[str, str]] = {
    CLAIMS: "an outside name is claimed once in the whole of K5",
    "notice": "beside the name it speaks of, before an owner is known",
    "register_resolution": "beside the name it speaks of",
}
EVERYWHERE: Final[Mapping[str, str]] = {
    "call_stop": "a small list that every order asks",
    "closed_day": "one row a day, which the guard of postings asks on each machine",
    "contract_document": "a small list",
    "deck": "a small list",
    "house_day": "some rows a day, of no owner",
    "number": "a small list; whose it is stands in it",
    "plan_version": "a small list",
    "price_withdrawal": "a small list",
    "rate": "a small list, which every order asks",
    "seal": "one row a day",
}
COORDINATOR: Final[Mapping[str, str]] = {
    "act_book": "one row: how far acts are issued",
    "alembic_version": "the schema's own version",
    "allocator": "a few rows, each locked by whoever takes the next number in the whole of K5",
    "api_token": "found by the token's selector before the owner is known",
    "archive_file": "one row a month",
    "audit": "numbered in the whole of K5, and about prices and files as well as about subscribers",
    "bank_doubt": "a payment of the house's account, whoever it is for, found by its number",
    "bank_rule": "a short list of the operator's own, which nobody but the import of statements asks",
    "bill_day": "some rows a day, of no owner",
    "desk_job": "a queue of what staff hand in, whoever it is about",
    "desk_job_part": "a queue of what staff hand in, whoever it is about",
    "device": "found by the cookie's selector before the owner is known",
    "heartbeat": "one row per worker and switch",
    "house": "one row: the letters of this database's order numbers",
    "inbound_sms": "named by the gateway, before its sender is known to be anybody",
    "invitation": "found by the code of its link before its owner is known",
    "login_count": "counts attempts on accounts, devices and addresses, known or not",
    "margin_day": "one row a day",
    "margin_line": "some hundred rows a day, of no owner",
    "missed_call": "named by the switch's record, before its caller is known to be anybody's",
    "one_time_code": "of a number or an e-mail address, known or not",
    "pace": "counts what anybody asks too often, known or not",
    "phone": "each number is one subscriber's in the whole of K5",
    "price_draft": "a short list that nobody but the desk asks",
    "proposal": "a short list of what staff asked for, not always about a subscriber",
    "register_day": "some rows a day, of no owner",
    "register_file": "a provider's file, whoever its payments are for",
    "register_line": "a provider's file, whoever its payments are for",
    "route_health": "one row per switch or trunk that failed lately",
    "sms_count": "counts messages to numbers and for addresses, known or not",
    "sms_day": "one row a day",
    "staff": "a few people of the operator's own",
    "staff_session": "found by the cookie's selector before whose it is is known",
    "subscriber": "the phone and the INN are one subscriber's in the whole of K5",
    "switch_position": "one row per switch",
    "trunk_off": "one row per trunk that staff switched off",
    "trunk_pace": "one row per trunk whose carrier counts calls a second",
    "verification": "some rows a day, of the whole ledger",
    "widget": "found by the code on somebody's site before its owner is known",
}
PLACES: Final[Mapping[str, Place]] = {
    **dict.fromkeys(OWNED, Place.OWNER),
    **dict.fromkeys(KEYED, Place.KEY),
    **dict.fromkeys(EVERYWHERE, Place.EVERYWHERE),
    **dict.fromkeys(COORDINATOR, Place.COORDINATOR),
}
_BY = {Place.OWNER: OWNER, Place.KEY: KEY}  # what keys of such tables begin with


@dataclass(frozen=True, slots=True)
class Misfit:
    """What of a table does not suit its place, in words."""

    table: str
    what: str

    def __str__(self) -> str:
        return f"{self.table}: {self.what}"


def in_order(metadata: MetaData) -> list[Table]:
    """Return the tables that do not stay as they are, in the order in which they go to their places: lists first, then
    the owners' with `account` in front, then names; in each, those that are referred to before those that refer."""
    placed = [table for table in metadata.sorted_tables if PLACES.get(table.name, Place.COORDINATOR) in _TURN]
    return sorted(placed, key=lambda table: (_TURN.index(PLACES[table.name]), table.name not in {ANCHOR, CLAIMS}))


_TURN = (Place.EVERYWHERE, Place.OWNER, Place.KEY)


def misfits(metadata: MetaData) -> list[Misfit]:
    """Return what does not suit its place: a table that has none, a key or a reference that leaves its machine."""
    return [
        Misfit(table.name, what)
        for table in sorted(metadata.tables.values(), key=lambda table: table.name)
        for what in (*_keys_of(table), *_references_of(table))
    ]


def unplaced(metadata: MetaData) -> list[Misfit]:
    """Return the tables that nobody gave a place, and the places of tables that are gone."""
    names = metadata.tables.keys()
    homeless = [Misfit(name, "has no place in k5web/storage/placement.py") for name in sorted(names - PLACES.keys())]
    gone = [Misfit(name, "has a place and is not there") for name in sorted(PLACES.keys() - names)]
    return homeless + gone


def _keys_of(table: Table) -> Iterator[str]:
    first = _BY.get(PLACES.get(table.name, Place.COORDINATOR))
    if first is None:
        return
    for name, columns in _unique_keys(table):
        if not columns or columns[0] != first:
            yield f"unique key {name} ({', '.join(columns)}) does not begin with {first}"


def _unique_keys(table: Table) -> Iterable[tuple[str, list[str]]]:
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield str(constraint.name), [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [str(getattr(part, "name", part)) for part in index.expressions]


def _references_of(table: Table) -> Iterator[str]:
    for key in table.foreign_key_constraints:
        there = key.referred_table.name
        places = PLACES.get(table.name, Place.COORDINATOR), PLACES.get(there, Place.COORDINATOR)
        if not _may_refer(key, *places):
            columns = ", ".join(key.column_keys)
            words = f"leads from a table of {places[0].value} to {there}, of {places[1].value}"
            yield f"reference {key.name} ({columns}) {words}"


def _may_refer(key: ForeignKeyConstraint, here: Place, there: Place) -> bool:
    """Citus keeps a reference within one machine: of one owner, or to a list that is on each."""
    if (here, there) == (Place.OWNER, Place.OWNER):
        return key.column_keys[0] == OWNER == next(iter(key.elements)).column.name
    allowed = {
        (Place.OWNER, Place.EVERYWHERE),
        (Place.EVERYWHERE, Place.EVERYWHERE),
        (Place.COORDINATOR, Place.COORDINATOR),
    }
    return (here, there) in allowed
