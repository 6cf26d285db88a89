"""Whose calls a list shows: a number as people write it, or a name of the own list, read from an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from k5web.domain.contacts.favourite import Favourite
from k5web.domain.prices.number import LONGEST_TEXT, Msisdn, other_reading
from k5web.errors import WrongNumber
from k5web.services.contacts import favourites
from k5web.web.context import current_subscriber, ports
from k5web.web.texts import _

FIELD: Final = "number"
MOST_CHOICES: Final = 10


@dataclass(frozen=True, slots=True)
class Whom:
    """What the field means: a number, one of several, or nobody; without a text everybody."""

    typed: str = ""
    number: Msisdn | None = None
    other: Msisdn | None = None  # the second valid reading of what was typed
    choices: Sequence[Favourite] = ()  # entries of the own list, where the text fits several
    said: str = ""  # what is wrong with the text

    @property
    def digits(self) -> str:
        """The number's digits, nothing where it means none."""
        return self.number.digits if self.number else ""

    @property
    def args(self) -> dict[str, str]:
        """The same as a part of an address."""
        return {FIELD: str(self.number)} if self.number else {}


def asked(fields: Mapping[str, str]) -> Whom:
    """Return whom an address or a form names."""
    typed = fields.get(FIELD, "").strip()[: LONGEST_TEXT + 1]
    if not typed:
        return Whom()
    home = current_subscriber().home
    try:
        return Whom(typed, Msisdn.parse(typed, home), other_reading(typed, home))
    except WrongNumber:
        return _named(typed)


def chosen(fields: Mapping[str, str]) -> str:
    """Return the digits of the number that an address names, nothing where it names none.

    Raises: WrongNumber, where its text names not one number.
    """
    whom = asked(fields)
    if whom.said:
        raise WrongNumber(text=whom.typed)
    return whom.digits


def _named(typed: str) -> Whom:
    meant = favourites.meant(ports(), current_subscriber().id, typed)
    if len(meant) == 1:
        return Whom(typed, meant[0].number)
    if meant:
        return Whom(typed, choices=meant[:MOST_CHOICES], said=_("В вашем списке так можно назвать несколько номеров. "
            "Выберите один из них или напишите имя целиком."))  # fmt: skip
    return Whom(typed, said=_("Это не номер телефона, и такого имени в вашем списке нет."))
