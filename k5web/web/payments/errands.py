"""What a payer came for: the sum that is missing and the page to go on to, carried from step to step of paying."""

import re
from dataclasses import dataclass
from typing import Any

from flask import request

from k5web.domain.money import Money
from k5web.domain.prices.number import HOME, Msisdn
from k5web.errors import WrongMoney, WrongNumber
from k5web.web import words
from k5web.web.context import own_path, visitor
from k5web.web.texts import _

LONGEST_SUM = 20

_NUMBER = re.compile(r"/(\+?[0-9]{5,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Errand:
    """The sum as it was typed, and our own page to go on to, «Позвонить +7 …»; either may be empty."""

    sum: str = ""
    next: str = ""

    @classmethod
    def read(cls) -> "Errand":
        """Return what the address or the form carries; a page that is not ours is none."""
        found = request.values
        return cls(found.get("sum", "").strip()[:LONGEST_SUM], own_path(found.get("next"), ""))

    @property
    def args(self) -> dict[str, Any]:
        """Return what a link to the next step carries on."""
        return {name: value for name, value in (("sum", self.sum), ("next", self.next)) if value}

    @property
    def words(self) -> str:
        """Return the words of the link to that page: «Позвонить +7 495 …» to the page of a number."""
        found, payer = _NUMBER.fullmatch(self.next), visitor()
        try:
            number = Msisdn.parse(found[1], payer.home if payer else HOME) if found else None
        except WrongNumber:
            number = None
        return _("Позвонить %(number)s", number=words.phone(number)) if number else _("Вернуться")


def typed_money(text: str, currency: str) -> str:
    """Return a sum of the address as people write it; what is none stays as it is typed."""
    try:
        return words.money(Money.typed(text, currency))
    except WrongMoney:
        return text
