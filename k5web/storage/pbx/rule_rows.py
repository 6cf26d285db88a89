"""Rules of numbers, appended only, and the callers whom an organisation does not take. The caller holds the owner's
account and touches the PBX where something is written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from k5web.domain.pbx.image import KeptRule
from k5web.domain.pbx.rule import Rule
from k5web.domain.pbx.rule_text import write_rule
from k5web.storage.pbx.image_rows import kept_rule
from k5web.storage.sql import count_changed, first_of, insert_or_nothing
from k5web.storage.tables import BlackCallerRow, PbxRuleRow


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a number's rule, as a list shows it."""

    version: int
    at: datetime
    actor: str
    is_default: bool


def newest(db: Session, owner_id: int, number: str) -> KeptRule:
    """Return the rule in force of a number, or of callers by id; version 0 where nobody made one."""
    rows = select(PbxRuleRow).where(*_of(owner_id, number)).order_by(PbxRuleRow.version.desc()).limit(1)
    return first_of(db.scalars(rows), kept_rule) or KeptRule(0, None)


def find(db: Session, owner_id: int, number: str, version: int) -> KeptRule | None:
    """Return an older version."""
    row = db.get(PbxRuleRow, (owner_id, number, version))
    return None if row is None else kept_rule(row)


def versions(db: Session, owner_id: int, number: str, limit: int) -> list[RuleVersion]:
    """Return the newest versions of a number's rule, the one in force first."""
    rows = select(PbxRuleRow).where(*_of(owner_id, number)).order_by(PbxRuleRow.version.desc()).limit(limit)
    return [RuleVersion(row.version, row.at, row.actor, not row.steps) for row in db.scalars(rows)]


def in_force_since(db: Session, owner_id: int, moment: datetime) -> list[tuple[str, Rule]]:
    """Return the rules of all numbers that were in force at that moment or came later, each with its number: a call
    that began since may be following any of them. Those of numbers that were given back are among them."""
    same = (PbxRuleRow.owner_id == owner_id, PbxRuleRow.at <= moment)
    before = select(PbxRuleRow.number, func.max(PbxRuleRow.version).label("version")).where(*same)
    then = before.group_by(PbxRuleRow.number).subquery()
    is_of_then = and_(PbxRuleRow.number == then.c.number, PbxRuleRow.version >= then.c.version)
    found = select(PbxRuleRow).outerjoin(then, is_of_then).where(PbxRuleRow.owner_id == owner_id)
    rows = db.scalars(found.where(or_(PbxRuleRow.at > moment, then.c.version.is_not(None))))
    return [(row.number, kept.rule) for row in rows if (kept := kept_rule(row)).rule]


def add(db: Session, owner_id: int, number: str, rule: Rule | None, now: datetime, actor: str) -> int:
    """Append a version, which is in force from now on; none is the rule of who has none. Return its number."""
    last = db.scalar(select(func.max(PbxRuleRow.version)).where(*_of(owner_id, number))) or 0
    steps = write_rule(rule) if rule else {}
    row = {"owner_id": owner_id, "number": number, "version": last + 1, "steps": steps, "at": now, "actor": actor}
    db.execute(insert(PbxRuleRow).values(**row))
    return last + 1


def black(db: Session, owner_id: int) -> list[str]:
    """Return the callers whom an organisation does not take, the latest first."""
    rows = select(BlackCallerRow.caller).where(BlackCallerRow.owner_id == owner_id)
    return list(db.scalars(rows.order_by(BlackCallerRow.at.desc(), BlackCallerRow.caller)))


def add_black(db: Session, owner_id: int, caller: str, now: datetime) -> None:
    """Take no more calls from somebody; whoever is on the list stays there."""
    row = {"owner_id": owner_id, "caller": caller, "at": now}
    db.execute(insert_or_nothing(BlackCallerRow, "owner_id", "caller").values(**row))


def remove_black(db: Session, owner_id: int, caller: str) -> bool:
    """Take somebody's calls again; False where they were taken."""
    theirs = (BlackCallerRow.owner_id == owner_id, BlackCallerRow.caller == caller)
    return count_changed(db, delete(BlackCallerRow).where(*theirs)) == 1


def _of(owner_id: int, number: str) -> tuple[Any, ...]:
    return PbxRuleRow.owner_id == owner_id, PbxRuleRow.number == number
