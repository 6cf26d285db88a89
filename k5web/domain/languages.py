"""The languages K5 speaks, and what it calls money and countries in them where the tables of Unicode say it otherwise.

A currency stands behind its sum as a sign or a short word that is never declined; papers write it out by `spelling.py`.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

# Each by its own name, in the order of the switch
NAMES: Final[Mapping[str, str]] = {"ru": "Русский", "ky": "Кыргызча", "kk": "Қазақша", "en": "English"}
FIRST: Final = "ru"  # of the texts in the sources

# Common fonts lack the new sign of the som; Unicode's tables print KGS, RUB or KZT, differently in each language
_SOM: Final = {"ru": "сом", "ky": "сом", "kk": "сом", "en": "som"}
_SIGNS: Final = {"RUB": "₽", "KZT": "₸", "USD": "$"}

# The letters of all three Cyrillic alphabets in the order of each of them
_ALPHABET: Final = "аәбвгғдежзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"

# Countries by their ISO 3166 letters, where people and price lists of this part of the world say it otherwise
_COUNTRIES: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {
        "AX": "Аландские острова",
        "BM": "Бермудские острова",
        "BQ": "Карибские Нидерланды",
        "CC": "Кокосовые острова",
        "CD": "Демократическая Республика Конго",
        "CG": "Конго",
        "CK": "Острова Кука",
        "CX": "Остров Рождества",
        "FK": "Фолклендские острова",
        "FM": "Микронезия",
        "FO": "Фарерские острова",
        "HK": "Гонконг",
        "IM": "Остров Мэн",
        "IO": "Диего-Гарсия",
        "KG": "Кыргызстан",
        "KP": "Северная Корея",
        "KR": "Южная Корея",
        "KY": "Каймановы острова",
        "MH": "Маршалловы острова",
        "MM": "Мьянма",
        "MO": "Макао",
        "MP": "Северные Марианские острова",
        "NF": "Остров Норфолк",
        "PS": "Палестина",
        "SB": "Соломоновы острова",
        "SC": "Сейшельские острова",
        "SH": "Остров Святой Елены",
        "AC": "Остров Вознесения",
        "US": "США",
        "VG": "Виргинские острова (Британские)",
        "VI": "Виргинские острова (США)",
        "ZA": "ЮАР",
    },
    "ky": {
        "CD": "Конго Демократиялык Республикасы",
        "CG": "Конго",
        "FM": "Микронезия",
        "HK": "Гонконг",
        "IO": "Диего-Гарсия",
        "KM": "Комор аралдары",
        "MM": "Мьянма",
        "MO": "Макао",
        "MV": "Мальдив аралдары",
        "NL": "Нидерланддар",
        "PF": "Француз Полинезиясы",
        "PS": "Палестина",
        "SH": "Ыйык Елена аралы",
        "SZ": "Эсватини",
        "TL": "Чыгыш Тимор",
        "US": "АКШ",
        "VG": "Виргин аралдары (Британия)",
        "VI": "Виргин аралдары (АКШ)",
        "ZA": "ТАР",
    },
    "kk": {
        "BQ": "Кариб Нидерландысы",
        "CD": "Конго Демократиялық Республикасы",
        "CG": "Конго",
        "HK": "Гонконг",
        "IO": "Диего-Гарсия",
        "MM": "Мьянма",
        "MO": "Макао",
        "PS": "Палестина",
        "TL": "Шығыс Тимор",
        "US": "АҚШ",
        "VG": "Виргин аралдары (Британия)",
        "VI": "Виргин аралдары (АҚШ)",
        "ZA": "ОАР",
    },
    "en": {
        "CD": "DR Congo",
        "CG": "Congo",
        "CZ": "Czech Republic",
        "HK": "Hong Kong",
        "IO": "Diego Garcia",
        "MM": "Myanmar",
        "MO": "Macao",
        "PS": "Palestine",
        "TL": "East Timor",
        "TR": "Turkey",
        "US": "USA",
        "VA": "Vatican",
        "VI": "US Virgin Islands",
    },
}


def currency(code: str, language: str) -> str:
    """Return what stands behind a sum: «₽», «сом», "som"; the code itself where K5 has no word for it."""
    return _SOM[language] if code == "KGS" else _SIGNS.get(code, code)


def countries(language: str) -> Mapping[str, str]:
    """Return K5's own names of countries, by ISO 3166 letters."""
    return _COUNTRIES[language]


def in_order(name: str) -> tuple[int, ...]:
    """Return what a list of names is sorted by: as dictionaries of each language do, not as Unicode numbers letters."""
    return tuple(_place(letter) for letter in name.casefold().replace("ё", "е"))


def _place(letter: str) -> int:
    if letter in _ALPHABET:
        return ord("а") + _ALPHABET.index(letter)
    return ord(unicodedata.normalize("NFKD", letter)[0])  # Å stands with A
