"""A rule of the ledger as a query that finds nothing."""

from typing import NamedTuple


class Rule(NamedTuple):
    """One rule: which invariant it is of, and how a row that breaks it is told to people."""

    invariant: str
    where: str
    found: str
    query: str
