"""Countries: by the names that people and price lists use, and what K5 calls each in the language of a reader."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale

from k5web.domain import languages

LISTED = ("ru", "en")  # languages of price lists: the names of Unicode's tables are known beside our own
ISO_LETTERS = 2
LONGEST_NAME = 6  # words; «Южная Георгия и Южные Сандвичевы острова» has six

# Names that the Unicode tables of countries lack. Source: price lists of carriers, and how people speak
SPOKEN = {
    "RU": "рф, russian federation, российская федерация",
    "US": "сша, usa, us, united states of america, америка, штаты",
    "GB": "uk, англия, england, great britain, britain, united kingdom, британия",
    "AE": "uae, эмираты, арабские эмираты, emirates",
    "KR": "южная корея, корея южная, south korea, korea south, korea republic of, korea",
    "KP": "кндр, северная корея, корея северная, north korea, korea north",
    "KG": "киргизия, кыргызстан, kirghizia, kyrgyz republic",
    "MD": "молдавия, moldavia",
    "BY": "белоруссия, byelorussia",
    "TM": "туркмения, turkmenia",
    "CZ": "czech republic, чешская республика, czechia",
    "NL": "голландия, holland, netherlands, the netherlands",
    "CN": "кнр, china prc",
    "HK": "гонконг, hong kong, hongkong",
    "MO": "макао, macao, macau",
    "TR": "турция, turkey",
    "PS": "палестина, палестинская автономия, palestine",
    "MK": "македония, macedonia",
    "CD": "демократическая республика конго, конго демократическая республика, dr congo, congo dr, zaire, заир",
    "CG": "конго, congo",
    "CI": "кот дивуар, ivory coast, cote divoire",
    "MM": "мьянма, бирма, burma, myanmar",
    "VA": "ватикан, vatican",
    "SY": "сирия, syria",
    "LA": "лаос, laos",
    "TL": "восточный тимор, east timor",
    "CV": "cape verde, кабо верде",
    "SZ": "swaziland, свазиленд",
    "ST": "sao tome, сан томе",
    "BN": "brunei, бруней",
    "FM": "micronesia, микронезия",
    "FO": "фареры, faroe",
    "PF": "french polynesia, полинезия",
    "VN": "вьетнам, vietnam",
    "IO": "диего гарсия, diego garcia",
    "AS": "американское восточное самоа",
    "CW": "антильские о ва, антильские острова, нидерландские антилы, netherlands antilles",
    "VG": "виргинские острова, virgin islands",
    "VI": "виргинские острова, virgin islands",
    "AC": "остров вознесения, ascension",
    "SS": "судан, sudan",
    "IL": "палестинская автономия",  # as its numbers are dialled through Israel
    "BQ": "карибские нидерланды, антильские о ва, антильские острова, нидерландские антилы, netherlands antilles",
}

_WORD = re.compile(r"[^\W\d_]+")


def name_of(region: str, language: str) -> str:
    """Return K5's name of a country (ISO 3166) in a language: our own, else that of Unicode's tables; "" where neither
    has one."""
    return names_in(language).get(region, "")


@cache
def names_in(language: str) -> Mapping[str, str]:
    """Return K5's names of all countries by their ISO 3166 letters."""
    named = {region: str(name) for region, name in Locale(language).territories.items() if len(region) == ISO_LETTERS}
    return {**named, **languages.countries(language)}


def countries_called(name: str) -> frozenset[str]:
    """Return the countries (ISO 3166) that have exactly this name."""
    return _names().get(" ".join(_words(name)), frozenset())


def countries_named(text: str) -> frozenset[str]:
    """Return the countries (ISO 3166) whose names stand in a text; several where one name is a part of another."""
    words = list(_words(text))
    spans = (" ".join(words[at : at + length]) for at in range(len(words)) for length in range(1, LONGEST_NAME + 1))
    return frozenset[str]().union(*(_names().get(span, frozenset()) for span in spans))


def _words(text: str) -> Iterator[str]:
    return (word.casefold().replace("ё", "е") for word in _WORD.findall(text))


@cache
def _names() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    tables = [names_in(language) for language in languages.NAMES] + [
        Locale(language).territories for language in LISTED
    ]
    for table in tables:
        for region, name in table.items():
            if len(region) == ISO_LETTERS:
                whole = name.replace("о-ва", "острова").replace("о-в", "остров")
                for spelled in (name, whole, whole.replace("острова", "").replace("остров", "")):
                    found.setdefault(" ".join(_words(spelled)), set()).add(region)
    for region, names in SPOKEN.items():
        for name in names.split(","):
            found.setdefault(" ".join(_words(name)), set()).add(region)
    return {name: frozenset(regions) for name, regions in found.items()}
