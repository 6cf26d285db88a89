"""A rule of the ledger as a query that finds nothing."""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Breach
from k5web.storage.placement import KEYED

_OF_NAMES: Final = re.compile(rf"\b(FROM|JOIN) ({'|'.join(KEYED)}) (\w+)")


class Rule(NamedTuple):
    """One rule: which invariant it is of, and how a row that breaks it is told to people.

    A query with `:first` and `:last` is asked of the owners between them, every table bounded by both: a hash of a
    whole table for each hundred thousandth part of it would cost more than all the rest.
    """

    invariant: str
    where: str
    found: str
    query: str

    @property
    def is_of_owners(self) -> bool:
        """Whether it is asked of some owners at a time, and not of the whole house."""
        return ":first" in self.query

    @property
    def wide(self) -> str:
        """The query for many machines: names from outside lie elsewhere than their owners, so they are gathered first.
        Citus refuses a join of the two and takes one with the result of a query, which OFFSET makes of it."""
        return _OF_NAMES.sub(r"\1 (SELECT * FROM \2 OFFSET 0) \3", self.query)


class Part(NamedTuple):
    """What is asked at once, in a transaction of its own: all rules of some owners, or one of the whole house."""

    ask: Callable[[Session], Iterator[Breach]]
    through: int | None = None  # the last of these owners; None: of the whole house
