"""What a direction of a price list is called in the language of a reader: country, place, kind and operator by name.

Price lists are written in Russian: «Россия, Москва городской», «Украина моб.». Countries have names of our own and of
Unicode's tables; places, kinds and operators those of `direction_names.csv`, most of them from the phone library's
tables of places. What is in neither stays as the price list says it: a name is never guessed.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from k5web.domain import languages
from k5web.domain.prices import number_plan
from k5web.services.prices.countries import countries_called, name_of

KINDS: Final = (
    "городской и мобильный",
    "городской",
    "фикс.",
    "мобильный",
    "моб.",
    "платные услуги",
    "премиум сервис",
    "премиум",
    "прем. сервисы",
    "код бесплатного вызова",
    "с разделённой оплатой",
    "IP-телефония",
    "персональный номер",
    "пейджер",
    "корпоративный номер",
    "специальные сервисы",
    "спец. сервисы",
    "спецсервисы",
    "special services",
    "внегеографические",
    "спутниковый",
    "выделенная сеть",
    "альтернативные сети",
    "международная сеть",
)
_KIND: Final = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, KINDS))})(?!\w)")
_MORE: Final = " и др."  # behind places, where not all of them are named
_ISLANDS: Final = ("о-в", "о-ва")  # behind a country's name, which has the word in other languages
_AND_OTHERS: Final = {"ky": " ж.б.", "kk": " т.б.", "en": " etc."}


@lru_cache(maxsize=4096)  # a page of prices and a statement name the same directions again and again
def named(destination: str, prefix: str, language: str) -> str:
    """Return a direction's name, its parts between commas; `prefix` tells the country where the words do not."""
    if language == languages.FIRST or not destination:
        return destination
    kind = _KIND.search(destination)
    head = destination[: kind.start()] if kind else destination
    rest = destination[kind.start() :] if kind else ""
    where = _where(head.strip(" ,"), language)
    if where is None:
        country = _only(number_plan.regions(prefix), language)
        return f"{country}, {destination}" if country else destination
    return ", ".join(part for part in (*where, *_kinds(rest, language)) if part)


def _where(head: str, language: str) -> tuple[str, str] | None:
    """Return the country and what else stands before the kind; None where the words begin with no one country."""
    words = head.split(" ")
    for length in range(len(words), 0, -1):
        begin = " ".join(words[:length])
        name = _country(begin.rstrip(","), language)
        if name:
            return name, _place(" ".join(words[length:]), language)
    return None


def _country(listed: str, language: str) -> str:
    return _own(listed, language) or _only(countries_called(listed), language)


def _only(regions: frozenset[str], language: str) -> str:
    """Return the name of the one country that is meant; nothing where it may be several."""
    return name_of(next(iter(regions)), language) if len(regions) == 1 else ""


def _place(listed: str, language: str) -> str:
    if listed in _ISLANDS:
        return ""
    name = _own(listed, language)
    if name or not listed.endswith(_MORE):
        return name or listed
    return listed.removesuffix(_MORE) + _AND_OTHERS[language]


def _kinds(rest: str, language: str) -> tuple[str, ...]:
    """Return the kind and what stands behind it, an operator."""
    kind, _, operator = rest.partition(", ")
    said = _KIND.sub(lambda found: _own(found[0], language) or found[0], kind)
    words = said.split(" ")
    last = _own(words[-1], language)
    return " ".join([*words[:-1], last or words[-1]]), _own(operator, language) or operator


def _own(listed: str, language: str) -> str:
    return _names().get(listed, {}).get(language, "")


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    with Path(__file__).with_name("direction_names.csv").open(encoding="utf-8", newline="") as file:
        return {row["listed"]: row for row in csv.DictReader(file)}
