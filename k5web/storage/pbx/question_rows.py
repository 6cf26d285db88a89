"""Questions of switches in the database, and what the answers go by. Session in, domain values out."""

from datetime import datetime

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import LIVE_STATES, CallKind
from k5web.domain.pbx.question import Question
from k5web.storage.tables import CallRow, SipAccountRow, SwitchQuestionRow
from k5web.storage.values import columns_of

_CALL, _QUESTION = CallRow.__table__.c, SwitchQuestionRow.__table__.c


def answer_of(db: Session, question: Question) -> str | None:
    """Return how this very question was answered before."""
    found = select(SwitchQuestionRow.answer).where(
        _QUESTION.owner_id == question.owner_id,
        _QUESTION.switch == question.switch,
        _QUESTION.leg_uuid == question.leg_uuid,
        _QUESTION.n == question.n,
    )
    return db.scalar(found)


def add(db: Session, question: Question, answer: str, call_n: int | None, now: datetime) -> None:
    """Keep a question with its answer. The caller holds the owner's account."""
    row = columns_of(question, answer=answer, call_n=call_n, at=now)
    db.execute(insert(SwitchQuestionRow).values(row))


def is_known_conversation(db: Session, question: Question) -> bool:
    """Return whether a leg of this conversation was paid by the same owner before: one of theirs put it through."""
    paid = select(func.count()).where(
        _QUESTION.owner_id == question.owner_id,
        _QUESTION.switch == question.switch,
        or_(_QUESTION.linked_id == question.linked_id, _QUESTION.leg_uuid == question.leg_uuid),
        _QUESTION.call_n.is_not(None),
    )
    return bool(db.scalar(paid))


def has_login(db: Session, owner_id: int, login: str, now: datetime) -> bool:
    """Return whether this account is the owner's, and may dial now."""
    found = select(func.count()).where(
        SipAccountRow.owner_id == owner_id,
        SipAccountRow.login == login,
        SipAccountRow.removed_at.is_(None),
        or_(SipAccountRow.until.is_(None), SipAccountRow.until > now),
    )
    return bool(db.scalar(found))


def live_forwards(db: Session, owner_id: int, caller: str) -> int:
    """Return how many calls of this caller are put through to another phone now."""
    live = select(func.count()).where(
        _CALL.owner_id == owner_id,
        _CALL.state.in_(LIVE_STATES),
        _CALL.kind == CallKind.FORWARD,
        _QUESTION.owner_id == _CALL.owner_id,
        _QUESTION.call_n == _CALL.n,
        _QUESTION.caller == caller,
    )
    return db.scalar(live) or 0
