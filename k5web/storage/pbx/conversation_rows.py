"""Conversations of a PBX and their legs as rows: parts are joined with what is there; lists for their owner."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from k5web.domain.pbx.conversation import MISSED, Conversation, ConversationLeg, ConversationOutcome, Person
from k5web.storage.sql import first_of, insert_or_nothing
from k5web.storage.tables import ConversationLegRow, ConversationRow, PbxUserRow, SipAccountRow
from k5web.storage.values import columns_of, value_of

_CONVERSATION, _LEG = cast(Table, ConversationRow.__table__), cast(Table, ConversationLegRow.__table__)
_KEY, _LEG_KEY = ("owner_id", "switch", "linked_id"), ("owner_id", "switch", "leg_uuid")

Key = tuple[datetime, str]  # by which lists are paged: its beginning, and the switch's name of it


@dataclass(frozen=True, slots=True)
class Wish:
    """Which conversations of an owner are looked for."""

    span: tuple[datetime, datetime] | None = None  # they began in
    is_missed: bool = False
    direction: str = ""  # "in", "out", "inside"; "": all
    other: str = ""  # digits of whoever rang in or was rung; "": all

    @property
    def ways(self) -> Sequence["Wish"]:
        """The wishes that a statement each goes after: by whoever rang in and by who was rung it is two indexes'."""
        if not self.other or self.direction:
            return (self,)
        return replace(self, direction="in"), replace(self, direction="out")


def hear(db: Session, parts: Sequence[Conversation]) -> None:
    """Join what some records tell of conversations with what is known of them; the same part again changes nothing."""
    joined: dict[tuple[int, str, str], Conversation] = {}
    for part in parts:
        key = (part.owner_id, part.switch, part.linked_id)
        joined[key] = joined[key].joined(part) if key in joined else part
    for key, part in sorted(joined.items(), key=lambda item: item[0]):  # in one order, so that two never wait in a ring
        if db.scalar(
            insert_or_nothing(ConversationRow, *_KEY).values(**columns_of(part)).returning(_CONVERSATION.c.owner_id)
        ):
            continue
        is_it = _is(_CONVERSATION, _KEY, key)
        known = _conversation(db.execute(select(_CONVERSATION).where(is_it).with_for_update()).one())
        if (whole := known.joined(part)) != known:
            db.execute(update(_CONVERSATION).where(is_it).values(columns_of(whole, *_KEY)))


def hear_legs(db: Session, parts: Sequence[ConversationLeg]) -> None:
    """Do the same for legs."""
    joined: dict[tuple[int, str, str], ConversationLeg] = {}
    for part in parts:
        key = (part.owner_id, part.switch, part.leg_uuid)
        joined[key] = joined[key].joined(part) if key in joined else part
    for key, part in sorted(joined.items(), key=lambda item: item[0]):
        if db.scalar(
            insert_or_nothing(ConversationLegRow, *_LEG_KEY).values(**columns_of(part)).returning(_LEG.c.owner_id)
        ):
            continue
        is_it = _is(_LEG, _LEG_KEY, key)
        known = _leg(db.execute(select(_LEG).where(is_it).with_for_update()).one())
        if (whole := known.joined(part)) != known:
            db.execute(update(_LEG).where(is_it).values(columns_of(whole, *_LEG_KEY)))


def find(db: Session, owner_id: int, switch: str, linked_id: str) -> Conversation | None:
    """Return one conversation of this owner."""
    found = select(_CONVERSATION).where(_is(_CONVERSATION, _KEY, (owner_id, switch, linked_id)))
    return first_of(db.execute(found), _conversation)


def page(db: Session, owner_id: int, wish: Wish, before: Key | None = None, limit: int = 50) -> list[Conversation]:
    """Return this owner's conversations, newest first, paged by their beginning and name."""
    began_at, linked_id = _CONVERSATION.c.began_at, _CONVERSATION.c.linked_id
    wanted = select(_CONVERSATION).order_by(began_at.desc(), linked_id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(or_(began_at < before[0], and_(began_at == before[0], linked_id < before[1])))
    found = [_conversation(row) for way in wish.ways for row in db.execute(_wished(wanted, owner_id, way))]
    return sorted(found, key=_place, reverse=True)[:limit]


def after(db: Session, owner_id: int, wish: Wish, after: Key | None = None, limit: int = 50) -> list[Conversation]:
    """Return them oldest first, for a file of them."""
    began_at, linked_id = _CONVERSATION.c.began_at, _CONVERSATION.c.linked_id
    wanted = select(_CONVERSATION).order_by(began_at, linked_id).limit(limit)
    if after is not None:
        wanted = wanted.where(or_(began_at > after[0], and_(began_at == after[0], linked_id > after[1])))
    found = [_conversation(row) for way in wish.ways for row in db.execute(_wished(wanted, owner_id, way))]
    return sorted(found, key=_place)[:limit]


def count(db: Session, owner_id: int, wish: Wish) -> int:
    """Return how many there are."""
    counted = select(func.count()).select_from(_CONVERSATION)
    return sum(db.scalar(_wished(counted, owner_id, way)) or 0 for way in wish.ways)


def legs(db: Session, owner_id: int, switch: str, linked_id: str) -> list[ConversationLeg]:
    """Return the legs of one conversation, the first to begin first."""
    return legs_of(db, owner_id, [(switch, linked_id)]).get((switch, linked_id), [])


def legs_of(
    db: Session, owner_id: int, names: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], list[ConversationLeg]]:
    """Return the legs of conversations, by switch and its name of them."""
    is_one = tuple_(_LEG.c.switch, _LEG.c.linked_id).in_(sorted(names))
    found = select(_LEG).where(_LEG.c.owner_id == owner_id, is_one).order_by(_LEG.c.started_at, _LEG.c.leg_uuid)
    legs: dict[tuple[str, str], list[ConversationLeg]] = {}
    for row in db.execute(found) if names else ():
        legs.setdefault((row.switch, row.linked_id), []).append(_leg(row))
    return legs


def linked_ids(db: Session, owner_id: int, legs: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """Return the switch's name of the conversation that each of these legs, by switch and its own id, is of."""
    is_one = tuple_(_LEG.c.switch, _LEG.c.leg_uuid).in_(sorted(legs))
    found = select(_LEG.c.switch, _LEG.c.leg_uuid, _LEG.c.linked_id).where(_LEG.c.owner_id == owner_id, is_one)
    return {(row.switch, row.leg_uuid): row.linked_id for row in db.execute(found)} if legs else {}


def people(db: Session, owner_id: int, logins: Collection[str]) -> Mapping[str, Person]:
    """Return whose these accounts are, also removed ones, by login."""
    is_theirs = and_(PbxUserRow.owner_id == SipAccountRow.owner_id, PbxUserRow.n == SipAccountRow.user_n)
    found = (
        select(SipAccountRow.login, PbxUserRow.extension, PbxUserRow.title)
        .join(PbxUserRow, is_theirs)
        .where(SipAccountRow.owner_id == owner_id, SipAccountRow.login.in_(sorted(logins)))
    )
    return {row.login: Person(row.extension, row.title) for row in db.execute(found)} if logins else {}


def last_talks(db: Session, owner_id: int) -> Mapping[str, datetime]:
    """Return when each account of an owner's phones talked last, by login; who never did is left out."""
    theirs = and_(_LEG.c.owner_id == SipAccountRow.owner_id, _LEG.c.endpoint == SipAccountRow.login)
    newest = select(func.max(_LEG.c.answered_at)).where(theirs).scalar_subquery().label("at")
    found = select(SipAccountRow.login, newest).where(
        SipAccountRow.owner_id == owner_id, SipAccountRow.kind == "phone", SipAccountRow.removed_at.is_(None)
    )
    return {row.login: row.at for row in db.execute(found) if row.at is not None}


def calls_with(db: Session, owner_id: int, other: str) -> list[int]:
    """Return the numbers of the calls that paid for legs of an owner's conversations with somebody."""
    is_of = and_(_LEG.c.owner_id == _CONVERSATION.c.owner_id, _LEG.c.switch == _CONVERSATION.c.switch)
    both = _CONVERSATION.join(_LEG, and_(is_of, _LEG.c.linked_id == _CONVERSATION.c.linked_id))
    paid = select(_LEG.c.call_n).select_from(both).where(_LEG.c.call_n.is_not(None))
    return sorted({n for way in Wish(other=other).ways for n in db.scalars(_wished(paid, owner_id, way))})


def _wished(found: Select[Any], owner_id: int, wish: Wish) -> Select[Any]:
    found = found.where(_CONVERSATION.c.owner_id == owner_id)
    if wish.span is not None:
        found = found.where(_CONVERSATION.c.began_at >= wish.span[0], _CONVERSATION.c.began_at < wish.span[1])
    if wish.is_missed:
        is_missed = and_(_CONVERSATION.c.ended_at.is_not(None), _CONVERSATION.c.outcome.in_(sorted(MISSED)))
        found = found.where(_CONVERSATION.c.direction == "in", is_missed)
    if wish.direction:
        found = found.where(_CONVERSATION.c.direction == wish.direction)
    if wish.other:
        theirs = _CONVERSATION.c.called if wish.direction == "out" else _CONVERSATION.c.caller
        found = found.where(theirs == wish.other)
    return found


def _place(one: Conversation) -> Key:
    return one.began_at, one.linked_id


def _is(table: Table, names: Sequence[str], key: Sequence[object]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in zip(names, key, strict=True)))


def _conversation(row: Row[Any]) -> Conversation:
    return value_of(Conversation, row, outcome=ConversationOutcome(row.outcome) if row.outcome else None)


def _leg(row: Row[Any]) -> ConversationLeg:
    return value_of(ConversationLeg, row)
