"""What a switch is told of organisations, read for many of them at once: a fixed number of statements."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.pbx.greeting import GreetingState
from k5web.domain.pbx.image import KeptRule, OwnerFacts
from k5web.domain.pbx.rule_text import read_rule
from k5web.domain.pbx.switch_tables import SipLogin
from k5web.storage.sql import OneOf
from k5web.storage.tables import (
    BlackCallerRow,
    GreetingRow,
    NumberRow,
    PbxRow,
    PbxRuleRow,
    PbxUserRow,
    PersonalDataRow,
    SipAccountRow,
    SubscriberRow,
)

logger = logging.getLogger(__name__)


def owners(db: Session, after: int, limit: int) -> list[int]:
    """Return who has anything to do with a switch, in the order of their ids, those behind `after`."""
    rented = select(NumberRow.owner_id).where(NumberRow.state == NumberState.RENTED)
    organisations = select(PersonalDataRow.owner_id).where(PersonalDataRow.what == "organisation")
    every = union(select(PbxRow.owner_id), rented, organisations).subquery()
    found = select(every.c[0]).where(every.c[0] > after).order_by(every.c[0]).limit(limit)
    return list(db.scalars(found))


def changed_since(db: Session, moment: datetime, after: int, limit: int) -> list[int]:
    """Return whose PBX changed since then, in the order of their ids, those behind `after`."""
    found = select(PbxRow.owner_id).where(PbxRow.changed_at >= moment, PbxRow.owner_id > after)
    return list(db.scalars(found.order_by(PbxRow.owner_id).limit(limit)))


def facts_of(db: Session, owner_ids: Collection[int]) -> dict[int, OwnerFacts]:
    """Return all that a switch is told of these organisations."""
    chosen = {row.owner_id: row for row in _of(db, select(PbxRow), PbxRow.owner_id, owner_ids)}
    numbers, black, people = (defaultdict(list) for _ in range(3))
    for number in _of(db, select(NumberRow).order_by(NumberRow.digits), NumberRow.owner_id, owner_ids):
        if number.state == NumberState.RENTED:
            numbers[number.owner_id].append(number.digits)
    callers = select(BlackCallerRow).order_by(BlackCallerRow.caller)
    for caller in _of(db, callers, BlackCallerRow.owner_id, owner_ids):
        black[caller.owner_id].append(caller.caller)
    users = select(PbxUserRow).where(PbxUserRow.removed_at.is_(None)).order_by(PbxUserRow.n)
    for user in _of(db, users, PbxUserRow.owner_id, owner_ids):
        people[user.owner_id].append((user.n, user.extension))
    rules, logins, organisations = _rules(db, owner_ids), _logins(db, owner_ids), _organisations(db, owner_ids)
    ready, fading = _greetings(db, owner_ids)
    return {
        row.id: OwnerFacts(
            row.id,
            is_served=row.blocked_at is None and row.suspended_at is None and row.ended_at is None,
            phone=row.phone if row.phone_verified_at else None,
            is_organisation=row.id in organisations,
            switch=chosen[row.id].switch if row.id in chosen else "",
            is_recorded=row.id in chosen and chosen[row.id].is_recorded,
            numbers=tuple(numbers[row.id]),
            rules=rules.get(row.id, {}),
            people=dict(people[row.id]),
            logins=logins.get(row.id, ()),
            black=tuple(black[row.id]),
            greetings=frozenset(ready[row.id]),
            fading=frozenset(fading[row.id]),
        )
        for row in _of(db, select(SubscriberRow), SubscriberRow.id, owner_ids)
    }


def kept_rule(row: PbxRuleRow) -> KeptRule:
    """Return a rule that is kept; one that cannot be read is logged and is the rule of who has none: calls go on."""
    try:
        return KeptRule(row.version, read_rule(row.steps) if row.steps else None)
    except ValueError:
        logger.exception("a rule cannot be read", extra={"owner_id": row.owner_id, "version": row.version})
        return KeptRule(row.version, None)


def _of(db: Session, rows: Select[Any], owner: Any, owner_ids: Collection[int]) -> Any:
    found = rows.where(OneOf(owner, "owners")).execution_options(populate_existing=True)
    return db.scalars(found, {"owners": list(owner_ids)})


def _rules(db: Session, owner_ids: Collection[int]) -> Mapping[int, Mapping[str, KeptRule]]:
    """Return the newest rule of each number."""
    key = (PbxRuleRow.owner_id, PbxRuleRow.number)
    newest = (
        select(*key, func.max(PbxRuleRow.version).label("version"))
        .where(OneOf(PbxRuleRow.owner_id, "owners"))
        .group_by(*key)
        .subquery()
    )
    same = (PbxRuleRow.owner_id == newest.c.owner_id, PbxRuleRow.number == newest.c.number)
    found: dict[int, dict[str, KeptRule]] = defaultdict(dict)
    rows = select(PbxRuleRow).join(newest, (same[0]) & (same[1]) & (PbxRuleRow.version == newest.c.version))
    for row in db.scalars(rows, {"owners": list(owner_ids)}):
        found[row.owner_id][row.number] = kept_rule(row)
    return found


def _logins(db: Session, owner_ids: Collection[int]) -> Mapping[int, list[tuple[SipLogin, int | None]]]:
    found: dict[int, list[tuple[SipLogin, int | None]]] = defaultdict(list)
    rows = select(SipAccountRow).where(SipAccountRow.removed_at.is_(None)).order_by(SipAccountRow.login)
    for row in _of(db, rows, SipAccountRow.owner_id, owner_ids):
        networks = tuple(row.networks.split(",")) if row.networks else ()
        login = SipLogin(row.login, row.password_digest, row.kind, networks, row.until)
        found[row.owner_id].append((login, row.user_n))
    return found


def _greetings(db: Session, owner_ids: Collection[int]) -> tuple[Mapping[int, set[str]], Mapping[int, set[str]]]:
    """Return the digests of prompts that are ready, and of those that were removed."""
    ready, fading = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    columns = (GreetingRow.owner_id, GreetingRow.digest, GreetingRow.removed_at)
    rows = select(*columns).where(OneOf(GreetingRow.owner_id, "owners"), GreetingRow.state == GreetingState.READY)
    for row in db.execute(rows, {"owners": list(owner_ids)}):
        (ready if row.removed_at is None else fading)[row.owner_id].add(row.digest)
    return ready, fading


def _organisations(db: Session, owner_ids: Collection[int]) -> set[int]:
    """Return who is an organisation by what was told last."""
    told = PersonalDataRow.what.in_(("person", "organisation"))
    rows = select(PersonalDataRow.owner_id, PersonalDataRow.what).where(told, OneOf(PersonalDataRow.owner_id, "owners"))
    newest = {row.owner_id: row.what for row in db.execute(rows.order_by(PersonalDataRow.n), {"owners": [*owner_ids]})}
    return {owner_id for owner_id, what in newest.items() if what == "organisation"}
