"""Questions of switches in the database, and what the answers go by. Session in, domain values out."""

from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.calls.call import LIVE_STATES, CallKind, split_call_id
from k5web.domain.pbx.question import Question
from k5web.storage.sql import among, count_changed, insert_or_nothing
from k5web.storage.tables import CallRow, SipAccountRow, SwitchQuestionRow
from k5web.storage.values import columns_of

_CALL, _QUESTION = CallRow.__table__.c, SwitchQuestionRow.__table__.c
_ADD = insert_or_nothing(SwitchQuestionRow, "owner_id", "switch", "leg_uuid", "n").returning(SwitchQuestionRow.n)


def answer_of(db: Session, question: Question) -> str | None:
    """Return how this very question was answered before."""
    found = select(SwitchQuestionRow.answer).where(
        _QUESTION.owner_id == question.owner_id,
        _QUESTION.switch == question.switch,
        _QUESTION.leg_uuid == question.leg_uuid,
        _QUESTION.n == question.n,
    )
    return db.scalar(found)


def add(db: Session, question: Question, answer: str, call_n: int | None, now: datetime) -> bool:
    """Keep a question with its answer. The caller holds the owner's account. False where its record came before it: the
    switch has waited no longer."""
    row = columns_of(question, answer=answer, call_n=call_n, at=now)
    return db.scalar(_ADD.values(row)) is not None


def hear(db: Session, question: Question, call_id: str, at: datetime) -> str | None:
    """Keep what the switch made of an answer: the call that it named, "" none. Return the call that was to be held for
    this question and is not used; None where there is none, or it is known."""
    call_n = split_call_id(call_id)[1] if call_id else None
    row = columns_of(question, answer=f"yes|{call_id}" if call_id else "no|silent", call_n=call_n, at=at)
    if db.scalar(_ADD.values(row)) is not None:
        return None
    is_it = (
        _QUESTION.owner_id == question.owner_id,
        _QUESTION.switch == question.switch,
        _QUESTION.leg_uuid == question.leg_uuid,
        _QUESTION.n == question.n,
    )
    known = db.execute(select(_QUESTION.call_n).where(*is_it)).scalar_one()
    if known is None or known == call_n:
        return None
    db.execute(update(SwitchQuestionRow).where(*is_it).values(done_at=at))
    return f"{question.owner_id}-{known}"


def is_unused(db: Session, owner_id: int, call_n: int) -> bool:
    """Return whether the switch said that it does not use a call that was held for its question."""
    found = select(func.count()).where(
        _QUESTION.owner_id == owner_id, _QUESTION.call_n == call_n, _QUESTION.done_at.is_not(None)
    )
    return bool(db.scalar(found))


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
        among(_CALL.state, LIVE_STATES),
        _CALL.kind == CallKind.FORWARD,
        _QUESTION.owner_id == _CALL.owner_id,
        _QUESTION.call_n == _CALL.n,
        _QUESTION.caller == caller,
    )
    return db.scalar(live) or 0


def forget(db: Session, before: datetime) -> int:
    """Delete questions from before that moment of which no call lives any more; return how many."""
    is_live = (_CALL.owner_id == _QUESTION.owner_id, _CALL.n == _QUESTION.call_n, among(_CALL.state, LIVE_STATES))
    old = delete(SwitchQuestionRow).where(_QUESTION.at < before, ~exists().where(*is_live))
    return count_changed(db, old)
