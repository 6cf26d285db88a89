"""What a deed will do, as it is shown before it is done, and by what it is known to be still the same."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from k5web.domain.books.ledger import HOUSE, EventName, Posting
from k5web.domain.money import CURRENCIES, Money


@dataclass(frozen=True, slots=True)
class Shown:
    """The lines that will stand in statements, each with the balance after it; the sum that counts for the limit."""

    lines: Sequence[Posting]
    amount: Money

    @property
    def mark(self) -> str:
        """Return what two such have in common that move the same. Calls may move a balance meanwhile; it must only
        not fall below zero where it stayed above, nor the other way."""
        parts = [
            [line.owner_id, line.account_id, line.amount.minor, line.counter, str(line.name), line.balance.minor < 0]
            for line in self.lines
        ]
        text = json.dumps([parts, self.amount.minor, self.amount.currency])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def as_facts(self) -> dict[str, Any]:
        """Return it as a small JSON object."""
        return {"lines": [_facts(line) for line in self.lines], **_money(self.amount)}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Shown":
        """Return what such an object said."""
        return cls([_line(line) for line in facts["lines"]], Money(facts["minor"], facts["unit"]))


def worth(lines: Sequence[Posting], currency: str) -> Money:
    """Return the sum of what is moved: the most that comes to one subscriber, or goes from one or from suspense.

    Minutes have no sum, nor has what comes into suspense: there it waits for another deed.
    """
    sums: Counter[tuple[int, bool]] = Counter()
    for line in lines:
        waits = line.owner_id == HOUSE and line.amount.minor > 0
        if not waits and line.amount.currency in CURRENCIES:
            sums[line.owner_id, line.amount.minor > 0] += abs(line.amount.minor)
            currency = line.amount.currency
    return Money(max(sums.values(), default=0), currency)


def _money(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "unit": amount.currency}


def _facts(line: Posting) -> dict[str, Any]:
    return {
        "owner_id": line.owner_id,
        "account_id": line.account_id,
        "day": line.day.isoformat(),
        "seq": line.seq,
        "balance_minor": line.balance.minor,
        "counter": line.counter,
        "origin": line.name.origin,
        "key": line.name.key,
        **_money(line.amount),
    }


def _line(facts: Mapping[str, Any]) -> Posting:
    return Posting(
        owner_id=facts["owner_id"],
        account_id=facts["account_id"],
        day=date.fromisoformat(facts["day"]),
        seq=facts["seq"],
        amount=Money(facts["minor"], facts["unit"]),
        balance=Money(facts["balance_minor"], facts["unit"]),
        counter=facts["counter"],
        name=EventName(facts["origin"], facts["key"]),
    )
