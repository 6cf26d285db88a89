"""What a text that staff look for may mean. Each reading is one question to the database; none is chosen by a guess."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from k5web.domain.accounts.login import readings
from k5web.domain.desk.action import Action, may
from k5web.domain.desk.staff import Role
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.words import words_in
from k5web.errors import WrongMoney

LONGEST: Final = 120  # signs of what is looked for: longer than any name, number or key that is searched
MOST_WORDS: Final = 6  # of a name


class Kind(StrEnum):
    """A kind of thing that is found, in the order in which they are listed."""

    SUBSCRIBER = "subscriber"
    PAYMENT = "payment"  # credited, begun here, or in suspense
    UNCREDITED = "uncredited"  # a provider spoke of it, or has it in its register
    BANK = "bank"  # a document of a bank's statement
    CALL = "call"
    ACT = "act"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    CLAIM = "claim"


NEEDS: Final[Mapping[Kind, Action]] = {  # what whoever looks for a kind must be allowed to see
    Kind.SUBSCRIBER: Action.SEE_SUBSCRIBERS,
    Kind.PAYMENT: Action.SEE_MONEY,
    Kind.UNCREDITED: Action.SEE_MONEY,
    Kind.BANK: Action.SEE_MONEY,
    Kind.CALL: Action.SEE_CALLS,
    Kind.ACT: Action.SEE_SUBSCRIBERS,
    Kind.INVOICE: Action.SEE_SUBSCRIBERS,
    Kind.RECEIPT: Action.SEE_SUBSCRIBERS,
    Kind.CLAIM: Action.SEE_MONEY,
}
_TITLES: Final = {  # how people begin when they name a document or a call
    "акт": Kind.ACT,
    "счет": Kind.INVOICE,
    "квитанция": Kind.RECEIPT,
    "претензия": Kind.CLAIM,
    "звонок": Kind.CALL,
    "платеж": Kind.PAYMENT,
    "платежка": Kind.BANK,
    "договор": Kind.SUBSCRIBER,
    "абонент": Kind.SUBSCRIBER,
    "инн": Kind.SUBSCRIBER,
    "телефон": Kind.SUBSCRIBER,
}
_TITLED = re.compile(r"([а-яё]{3,9})[ .]*+(?:[№N] *+)?(?=[0-9K+])", re.IGNORECASE)
_INN = re.compile(r"[0-9]{10}|[0-9]{12}|[0-9]{14}", re.ASCII)
_PAIR = re.compile(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,9})", re.ASCII)  # a call's id, or an owner's claim
_NUMBER = re.compile(r"([1-9][0-9]{0,11})(?:/([0-9]{4}))?", re.ASCII)  # of an invoice; with a year: of an act
_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{4}|[0-9]{2}))?", re.ASCII)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_DAYS_BACK: Final = {"сегодня": 0, "вчера": 1, "позавчера": 2}
_CURRENCY = re.compile(r" ?(?:руб(?:лей|ля|ль|\.)?|р\.?|₽|сом(?:ов|а)?)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A text, and all that it may mean. `only`: it begins with the name of this kind. Units: `minor` in minor units."""

    text: str
    only: Kind | None = None
    phones: tuple[Msisdn, ...] = ()
    subscriber_id: int | None = None
    inn: str = ""
    words: tuple[str, ...] = ()
    pair: tuple[int, int] | None = None
    number: int | None = None
    year: int | None = None
    minor: int | None = None
    day: date | None = None

    def asks_for(self, kind: Kind) -> bool:
        """Return whether things of this kind may be meant."""
        return self.only in {None, kind}


def kinds_for(roles: Collection[Role]) -> list[Kind]:
    """Return the kinds that somebody with these roles may look for."""
    return [kind for kind in Kind if may(roles, NEEDS[kind])]


def read_question(typed: str, today: date) -> Question:
    """Return what a typed text may mean; what is no sign of writing is left out, and what is too long is cut."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in typed[: 2 * LONGEST]).split())[:LONGEST]
    if (sum_and_day := _sum_and_day(text, today)) is not None:
        minor, day = sum_and_day
        return Question(text, minor=minor, day=day)
    only, bare = _titled(text)
    phones, subscriber_id = readings(bare)
    pair, number = _PAIR.fullmatch(bare), _NUMBER.fullmatch(bare)
    digits = bare.replace(" ", "")
    return Question(
        bare,
        only,
        phones=tuple(phones),
        subscriber_id=subscriber_id,
        inn=digits if _INN.fullmatch(digits) else "",
        words=_words(bare),
        pair=(int(pair[1]), int(pair[2])) if pair else None,
        number=int(number[1]) if number else None,
        year=int(number[2]) if number and number[2] else None,
    )


def _titled(text: str) -> tuple[Kind | None, str]:
    """Return the kind whose name a text begins with, and the rest: «акт № 15/2026»."""
    begun = _TITLED.match(text)
    kind = _TITLES.get(begun[1].casefold().replace("ё", "е")) if begun else None
    return (kind, text[begun.end() :]) if begun and kind else (None, text)


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text that may be a name: one without a letter is none."""
    words = sorted(words_in(text), key=lambda word: (-len(word), word))
    return tuple(words[:MOST_WORDS]) if any(sign.isalpha() for sign in text) else ()


def _sum_and_day(text: str, today: date) -> tuple[int, date] | None:
    """Return the sum and the day of «500,00 28.11.2026», in either order, None where it says no such thing."""
    first, _, rest = text.partition(" ")
    begun, _, last = text.rpartition(" ")
    for sum_text, day_text in ((begun, last), (rest, first)):
        day = _day(day_text, today)
        if day is not None and (minor := _minor(sum_text)):
            return minor, day
    return None


def _minor(text: str) -> int | None:
    try:
        return Money.typed(_CURRENCY.sub("", text)).minor
    except WrongMoney:
        return None


def _day(text: str, today: date) -> date | None:
    """Return the day that is written; without a year it is the last one that was."""
    if (back := _DAYS_BACK.get(text.casefold())) is not None:
        return today - timedelta(days=back)
    iso, russian = _ISO_DAY.fullmatch(text), _DAY.fullmatch(text)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if russian is None:
        return None
    day, month = int(russian[1]), int(russian[2])
    if russian[3]:
        return _date(int(russian[3]) + (2000 if len(russian[3]) == 2 else 0), month, day)
    this_year = _date(today.year, month, day)
    return _date(today.year - 1, month, day) if this_year is None or this_year > today else this_year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
