"""K5's own deck: CloverTel's prefixes subdivided by kind, place and operator, at the leaflet's prices."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from phonenumbers.carrierdata import CARRIER_DATA
from phonenumbers.geodata import GEOCODE_DATA

from k5web.pricelists import kinds, tables
from k5web.pricelists.clovertel import Entry, longest

LEAFLET_RUSSIA_MOBILE = "1.75"
KIND_NAMES = {
    kinds.FIXED: "городской",
    kinds.MOBILE: "мобильный",
    kinds.BOTH: "городской и мобильный",
    "premium": "платные услуги",
    "toll_free": "код бесплатного вызова",
    "shared": "с разделённой оплатой",
    "voip": "IP-телефония",
    "personal": "персональный номер",
    "pager": "пейджер",
    "uan": "корпоративный номер",
}
HAVE_PLACES = {KIND_NAMES[kinds.FIXED], KIND_NAMES[kinds.BOTH]}
HAVE_OPERATORS = {KIND_NAMES[kinds.MOBILE], KIND_NAMES["pager"]}
# Parts of a country code that CloverTel's list does not name apart.
TERRITORIES = {
    "GG": "Гернси",
    "JE": "Джерси",
    "IM": "Остров Мэн",
    "SJ": "Шпицберген",
    "AX": "Аландские острова",
    "EH": "Западная Сахара",
    "BL": "Сен-Бартелеми",
    "MF": "Сен-Мартен",
    "BQ": "Карибские Нидерланды",
    "CW": "Кюрасао",
    "CX": "Остров Рождества",
    "CC": "Кокосовые острова",
    "TA": "Тристан-да-Кунья",
    "SS": "Южный Судан",
}
# Places finer than this many digits (with the country code) would make the list long, not better.
PLACE_DIGITS = {"1": 4, "33": 6, "52": 5, "55": 6, "61": 6, "91": 6}
DEFAULT_PLACE_DIGITS = 8
KIND_DIGITS = 4  # likewise kinds, of the national number, where CloverTel has one price for a country
# Places where the geographic table is coarser than the price list, or has another name; "" is none.
PLACES = {
    "733": "",
    "7496": "Московская область",
    "7498": "Московская область",
    "7812": "Санкт-Петербург",
    "7717": "Акмолинская область",
}
PLACES_NAMED = 3  # of one code


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the deck."""

    title: str
    per_minute: str
    destination: str  # CloverTel's


class Namer:
    """Names a prefix: country, place, kind, operator; each by its own longest prefix."""

    def __init__(self, clovertel: Mapping[str, Entry]) -> None:
        self.clovertel = clovertel
        self.kinds: dict[str, tuple[str, str]] = {}
        for code in kinds.country_codes():
            one_price = sum(prefix.startswith(code) for prefix in clovertel) == 1
            depth = KIND_DIGITS if one_price else kinds.DEPTH
            self.kinds |= kinds.prefixes(code, lambda region, kind: (region, kind), depth)
        self.cities = {city.prefix: city for city in tables.leaflet_cities()}
        self.places = {
            prefix: _spelled(names)
            for prefix, names in GEOCODE_DATA.items()
            if len(prefix) <= PLACE_DIGITS.get(kinds.country_code_of(prefix), DEFAULT_PLACE_DIGITS)
            and longest(self.cities, prefix) is None
        }
        self.places |= {prefix: city.place for prefix, city in self.cities.items()} | PLACES
        self.operators = {prefix: _spelled(names) for prefix, names in CARRIER_DATA.items()}
        self.prices = tables.printed_prices()

    def prefixes(self) -> list[str]:
        """Return every prefix at which something may change and which CloverTel's list reaches, in order."""
        every = self.clovertel.keys() | self.kinds.keys() | self.places.keys() | self.operators.keys()
        return sorted(prefix for prefix in every if longest(self.clovertel, prefix))

    def row(self, prefix: str) -> Row:
        """Return what the deck says of a prefix."""
        entry = longest(self.clovertel, prefix)
        if entry is None:
            raise LookupError(f"no destination for {prefix}")
        region, kind = longest(self.kinds, prefix) or ("", kinds.FIXED)
        country = TERRITORIES.get(region, entry.direction.country)
        title = self._title(prefix, country, self._kind_name(entry, kind))
        return Row(title, self._price(prefix, entry.destination, kind), entry.destination)

    def _kind_name(self, entry: Entry, kind: str) -> str:
        rule = entry.direction
        told_by_number = kind in kinds.SPECIAL and rule.verb in ("all", "series")
        return KIND_NAMES[kind] if told_by_number or not rule.kind else rule.kind

    def _title(self, prefix: str, country: str, kind_name: str) -> str:
        own = max(length for length in range(1, len(prefix) + 1) if prefix[:length] in self.clovertel)
        named = self.clovertel[prefix[:own]].direction
        at_least = own if named.verb == "prefix" and named.country not in ("Россия", "США", "Канада") else 0
        if kind_name in HAVE_PLACES:
            place = longest(self.places, prefix, at_least)
            where = f"{country}, {place}" if place and place.lower() != country.lower() else country
            return f"{where} {kind_name}"
        if kind_name in HAVE_OPERATORS:
            operator = longest(self.operators, prefix, at_least)
            return f"{country} {kind_name}" + (f", {operator}" if operator else "")
        return f"{country} {kind_name}"

    def _price(self, prefix: str, destination: str, kind: str) -> str:
        city = longest(self.cities, prefix)
        if city is not None and kind == kinds.FIXED:
            return city.per_minute
        if destination == "Россия моб.":
            return LEAFLET_RUSSIA_MOBILE
        return self.prices[destination]


def deck(clovertel: Mapping[str, Entry]) -> dict[str, Row]:
    """Return K5's rows by prefix: all of CloverTel's, and between them those that tell something more."""
    namer = Namer(clovertel)
    found: dict[str, Row] = {}
    for prefix in namer.prefixes():
        row = namer.row(prefix)
        if prefix in clovertel or longest(found, prefix) != row:
            found[prefix] = row
    return found


def _spelled(names: Mapping[str, str]) -> str:
    """Return a name in Russian where it is known, otherwise in English, or nothing; without stress marks."""
    name = names.get("ru") or names.get("en") or ""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name).replace("\u0301", "")).strip()
    parts = name.split("/")
    if len(parts) > PLACES_NAMED:
        name = "/".join(parts[:PLACES_NAMED]) + " и др."
    return tables.spellings().get(name, name)
