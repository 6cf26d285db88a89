"""Words of subscribers' names, by whose beginnings staff find them. They are written with the name itself."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, select, tuple_
from sqlalchemy.orm import Session, aliased

from k5web.domain.words import words_in
from k5web.storage.tables import NameWordRow

AFTER_ALL = chr(0x10FFFF)  # sorts behind each letter that a word may go on with
LOOKED_AT = 250  # words of one range that one search looks at: another search goes on behind them
Place = tuple[str, int]  # a word and whose it is: where a search stands


def keep(db: Session, owner_id: int, name: str) -> None:
    """Let a subscriber be found by the words of this name, and by no others."""
    db.execute(delete(NameWordRow).where(NameWordRow.owner_id == owner_id))
    rows = [{"owner_id": owner_id, "word": word} for word in sorted(words_in(name))]
    if rows:
        db.execute(insert(NameWordRow), rows)


def find(db: Session, beginnings: Sequence[str], after: Place | None, limit: int) -> tuple[list[int], Place | None]:
    """Return whose names have words with each of these beginnings, and where to go on, None at the end.

    The rarest beginning leads; of its words 250 are looked at in one search.
    """
    leading = min(beginnings, key=lambda one: _count(db, one))
    looked_at = _range(leading, after).limit(LOOKED_AT).subquery()
    found = select(looked_at).order_by(looked_at.c.word, looked_at.c.owner_id)
    for other in set(beginnings) - {leading}:
        beside = aliased(NameWordRow)
        found = found.where(exists().where(beside.owner_id == looked_at.c.owner_id, *_begins(beside, other)))
    rows = db.execute(found.limit(limit + 1)).all()
    owners = list(dict.fromkeys(row.owner_id for row in rows[:limit]))
    if len(rows) > limit:
        return owners, (rows[limit - 1].word, rows[limit - 1].owner_id)
    return owners, _last(db, leading, after)


def _last(db: Session, leading: str, after: Place | None) -> Place | None:
    """Return the last word that was looked at, None where that was the last of all."""
    behind = db.execute(_range(leading, after).offset(LOOKED_AT - 1).limit(2)).all()
    return (behind[0].word, behind[0].owner_id) if len(behind) == 2 else None


def _count(db: Session, beginning: str) -> int:
    """Return how many words begin so, as far as it matters."""
    some = select(NameWordRow.owner_id).where(*_begins(NameWordRow, beginning)).limit(LOOKED_AT).subquery()
    return db.scalar(select(func.count()).select_from(some)) or 0


def _range(beginning: str, after: Place | None) -> Select[str, int]:
    word, owner = NameWordRow.word, NameWordRow.owner_id
    found = select(word, owner).where(*_begins(NameWordRow, beginning)).order_by(word, owner)
    return found if after is None else found.where(tuple_(word, owner) > tuple_(*after))


def _begins(row: type[NameWordRow], beginning: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return row.word >= beginning, row.word < beginning + AFTER_ALL
