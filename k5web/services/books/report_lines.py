"""The lines of a statement or a call detail, oldest first, read page by page: one page is in memory, never all.

Lines that come while a file is written are left out: the file ends at the movement that was the last when it began.
The call detail has a line for each charge that the ledger has in the period, and for each reversal of one, so its sum
is the statement's; calls that took no money stand on the day they were ordered. A conversation of the PBX has a line of
its own without money, beside the charges of its legs: most cost nothing.
"""

import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.books.export import ExportWish, Paper
from k5web.domain.books.period import Movements
from k5web.domain.calls.call import split_call_id
from k5web.domain.pbx.conversation import Conversation, Person
from k5web.services.books.statements import CallDetail, StatementLine, calls_with, detail_of, explained, moments
from k5web.services.ports import Ports
from k5web.storage.books import ledger, statement_rows
from k5web.storage.calls import past_call_rows
from k5web.storage.pbx import conversation_rows
from k5web.storage.pbx.conversation_rows import Wish

PAGE: Final = 500  # lines read at a time


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A conversation of the PBX, with the names of its people by login."""

    conversation: Conversation
    people: Mapping[str, Person]


ReportLine = StatementLine | CallDetail | ConversationLine


@dataclass(frozen=True, slots=True)
class Extent:
    """How many lines there are, and where they end."""

    account_id: int
    lines: int
    last_seq: int
    calls: Collection[int] | None = None  # only these, by number; None: all


def movements_of(wish: ExportWish) -> Movements:
    """Return which movements a file is about."""
    return Movements.CALLS if wish.paper is Paper.CALLS else wish.movements


def extent(db: Session, owner_id: int, wish: ExportWish) -> Extent:
    """Return how many lines a file has if it is begun now."""
    account_id = ledger.purse(db, owner_id).account_id
    calls = calls_with(db, owner_id, wish.other) if wish.other else None
    lines, last_seq = statement_rows.count(db, owner_id, account_id, wish.period.days, movements_of(wish), calls)
    if wish.paper is Paper.CALLS:
        span = moments(wish.period)
        lines += past_call_rows.count_free(db, owner_id, span, wish.other)
        lines += conversation_rows.count(db, owner_id, Wish(span, other=wish.other))
    return Extent(account_id, lines, last_seq, calls)


def read(ports: Ports, owner_id: int, wish: ExportWish, to: Extent) -> Iterator[ReportLine]:
    """Yield the lines of a file."""
    moved = _moved(ports, owner_id, wish, to)
    if wish.paper is Paper.CALLS:
        return heapq.merge(moved, _free(ports, owner_id, wish), _conversations(ports, owner_id, wish), key=_began_at)
    return moved


def _moved(ports: Ports, owner_id: int, wish: ExportWish, to: Extent) -> Iterator[StatementLine]:
    after = 0
    while True:
        with ports.reading(wish.period.last) as db:
            found = statement_rows.lines_after(
                db, owner_id, to.account_id, wish.period.days, movements_of(wish), (after, to.last_seq), PAGE, to.calls
            )
            lines = explained(ports, db, owner_id, found)
        yield from lines
        if len(found) < PAGE:
            return
        after = found[-1].posting.seq


def _free(ports: Ports, owner_id: int, wish: ExportWish) -> Iterator[CallDetail]:
    after: tuple[datetime, int] | None = None
    while True:
        with ports.reading(wish.period.last) as db:
            found = past_call_rows.free(db, owner_id, moments(wish.period), after, PAGE, wish.other)
            legs = past_call_rows.cdrs_of(db, owner_id, [split_call_id(call.id)[1] for call in found])
        yield from (detail_of(call, legs.get(split_call_id(call.id)[1], ())) for call in found)
        if len(found) < PAGE:
            return
        after = found[-1].ordered_at, split_call_id(found[-1].id)[1]


def _conversations(ports: Ports, owner_id: int, wish: ExportWish) -> Iterator[ConversationLine]:
    after: conversation_rows.Key | None = None
    while True:
        with ports.reading(wish.period.last) as db:
            sought = Wish(moments(wish.period), other=wish.other)
            found = conversation_rows.after(db, owner_id, sought, after, PAGE)
            logins = {name for one in found for name in (one.caller, one.called, one.answered_by) if name[:1].isalpha()}
            people = conversation_rows.people(db, owner_id, logins)
        yield from (ConversationLine(one, people) for one in found)
        if len(found) < PAGE:
            return
        after = found[-1].began_at, found[-1].linked_id


def _began_at(line: ReportLine) -> datetime:
    if isinstance(line, ConversationLine):
        return line.conversation.began_at
    if isinstance(line, CallDetail):
        return line.call.ordered_at
    return line.call.ordered_at if line.call and line.reverses is None else line.recorded_at
