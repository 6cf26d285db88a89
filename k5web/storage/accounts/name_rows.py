"""Words of subscribers' names, by whose beginnings staff find them. They are written with the name itself."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from k5web.domain.words import words_in
from k5web.storage.sql import OneOf
from k5web.storage.tables import NameWordRow

AFTER_ALL = chr(0x10FFFF)  # sorts behind each letter that a word may go on with
LOOKED_AT = 250  # words of one range that one search looks at: another search goes on behind them


class Place(NamedTuple):
    """A word and whose it is: where a search stands."""

    word: str
    owner_id: int


def keep(db: Session, owner_id: int, name: str) -> None:
    """Let a subscriber be found by the words of this name, and by no others."""
    db.execute(delete(NameWordRow).where(NameWordRow.owner_id == owner_id))
    rows = [{"owner_id": owner_id, "word": word} for word in sorted(words_in(name))]
    if rows:
        db.execute(insert(NameWordRow), rows)


def find(db: Session, beginnings: Sequence[str], after: Place | None, limit: int) -> tuple[list[int], Place | None]:
    """Return whose names have words with each of these beginnings, and where to go on, None at the end.

    The rarest beginning leads; of its words 250 are looked at in one search, and all words of their owners by the
    owner: joined with a range of another word, a database reads all who have a frequent one.
    """
    leading = min(beginnings, key=lambda one: _count(db, one))
    ranged = db.execute(_range(leading, after).limit(LOOKED_AT + 1)).all()
    looked_at = [Place(*row) for row in ranged[:LOOKED_AT]]
    found = _with_others(db, looked_at, set(beginnings) - {leading})
    goes_on = looked_at[-1] if len(ranged) > LOOKED_AT else None
    if len(found) > limit:
        found, goes_on = found[:limit], found[limit - 1]
    return list(dict.fromkeys(place.owner_id for place in found)), goes_on


def _with_others(db: Session, looked_at: Sequence[Place], others: Collection[str]) -> list[Place]:
    """Return the places whose owners have words with each of the other beginnings too."""
    if not others or not looked_at:
        return list(looked_at)
    theirs = select(NameWordRow.owner_id, NameWordRow.word).where(OneOf(NameWordRow.owner_id, "owners"))
    words: dict[int, list[str]] = {}
    for owner_id, word in db.execute(theirs, {"owners": sorted({place.owner_id for place in looked_at})}):
        words.setdefault(owner_id, []).append(word)

    def has_all(owner_id: int) -> bool:
        return all(any(word.startswith(other) for word in words.get(owner_id, [])) for other in others)

    return [place for place in looked_at if has_all(place.owner_id)]


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
