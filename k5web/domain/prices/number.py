"""Telephone numbers: everything a person or a provider types goes through one parser (docs/pages.md)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers
from phonenumbers import SUPPORTED_REGIONS, FrozenPhoneNumber, PhoneNumberType, ValidationResult, shortnumberinfo

from k5web.errors import EmergencyNumber, NotInternational, WrongNumber

# Spaces, dashes, brackets, the tilde of a second dial tone, and the invisible marks that phones copy along with a
# number (iOS adds U+202D, U+202C). A new line is none of these: two lines are two numbers
_LEFT_OUT = re.compile(
    r"[^\S\n\r\v\f]|[\-~\u2010-\u2015\u2212().\[\]/\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# Full width, and the digits of Arabic and Persian keyboards. Nothing else: NFKC would read a footnote ¹ as 1
_OTHER_SIGNS = {0xFF01 + at: 0x21 + at for at in range(94)} | {
    zero + digit: ord("0") + digit for zero in (0x0660, 0x06F0) for digit in range(10)
}
_SCHEME = re.compile(r"(?:tel|callto):", re.IGNORECASE)
_CONTEXT = re.compile(r";phone-context=(\+[0-9]{1,4})", re.IGNORECASE)  # RFC 3966: whose local number it is
# What stands between a number and the extension behind it: a word, a pause or wait of a phone's dialler, a sharp
_EXTENSION = re.compile(
    r"[(\[]?(?:(?:доб|добавочный|вн|внутр|внутренний|ext|extn|extension)\b\.?|;ext=|[,;#pwxх])\s{0,3}+(?:№\s?+)?([0-9]{1,6})#?+[)\]]?",
    re.IGNORECASE,
)
_AT_THE_END = " \t\r\n.,;:!?"  # what a sentence leaves behind a number
_SECOND_LINE = re.compile(r"/[0-9]{1,3}\Z")  # 123-45-67/68: two lines of one exchange
_OLD_MEXICO = re.compile(r"521([0-9]{10})", re.ASCII)  # with the 1 of mobile phones, dropped in 2019 and dialled since
_E164 = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)
# Ten digits after 7 are as they are dialled, whatever the library would add; most numbers skip it by this
_PLAIN_SEVEN = re.compile(r"7[3-9][0-9]{9}", re.ASCII)

# What an address may hold in place of a number: it begins like one, and has no letters but those of an extension
LOOKS_LIKE_ONE = (
    r"(?=[^/]*\d)(?:(?i:tel|callto):)?[\d+\uff0b(\uff08\[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
    r"(?:[\d\s+\-~.,:;!?=#№()\[\]\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\uff08-\uff0e]"
    r"|(?i:доб(?:авочный)?|вн(?:утр(?:енний)?)?|extn?|extension|phone-context|[xpwх])){1,63}"
)

HOMES = {"RUB": "RU", "KGS": "KG"}  # by the currency of an account: whose ways of writing numbers K5 understands
HOME = HOMES["RUB"]  # where nothing else is known
LONGEST_TEXT = 64  # characters; no way of writing a number is longer
LONGEST_LOCAL = 7  # digits of a town's code with an emergency number after it: +49 30 112
LONGEST_REST = 4  # digits too many that a number may have and still be dialled
_PREMIUM = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
_KNOWN_EVERYWHERE = ("US", "GB")  # telephones take 911 and 999 for a call for help in any country
_MOST_KNOWN = 4096  # numbers whose readings a process remembers: the numbering data do not change while it runs
_HOME_DIGITS = {"KG": 9}  # a national number without its trunk digit; elsewhere, where K5 is at home, ten


REGIONS: frozenset[str] = frozenset(SUPPORTED_REGIONS)  # countries that have numbers, as ISO 3166 letters


@dataclass(frozen=True, slots=True)
class Msisdn:
    """A telephone number. `digits` is its E.164 form without the plus."""

    digits: str

    def __str__(self) -> str:
        return f"+{self.digits}"

    @property
    def masked(self) -> str:
        """The form for logs: the middle is hidden, +7916***67 tells support enough."""
        return f"+{self.digits[: min(4, len(self.digits) - 6)]}***{self.digits[-2:]}"

    @property
    def grouped(self) -> str:
        """The form for people: +7 495 123-45-67."""
        parsed = _parsed(self.digits)
        if parsed is None:
            return str(self)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    @property
    def region(self) -> str | None:
        """The country as ISO 3166 letters, where the number has one."""
        parsed = _parsed(self.digits)
        return None if parsed is None else phonenumbers.region_code_for_number(parsed)

    @property
    def looks_wrong(self) -> bool:
        """True where the numbering data know no such number; it may still be a new range."""
        return not _is_valid(self.digits)

    @property
    def is_premium(self) -> bool:
        """True where the numbering data know it as one whose owner gets a share of the price.

        Digits too many are left out by the networks, so a number that begins with such a one is such a one.
        """
        if not self.looks_wrong:
            return _kind(self.digits) in _PREMIUM
        return any(_kind(self.digits[: len(self.digits) - more]) in _PREMIUM for more in range(1, LONGEST_REST + 1))

    @property
    def is_toll_free(self) -> bool:
        """True for one that whoever is rung pays for, as 8-800: it leads to an office and rings no phone of its own."""
        return _kind(self.digits) == PhoneNumberType.TOLL_FREE

    @property
    def is_short(self) -> bool:
        """True for a country code with a short number after it, which means something inside its country only."""
        parsed = _parsed(self.digits)
        return parsed is not None and self.looks_wrong and shortnumberinfo.is_valid_short_number(parsed)

    @property
    def is_emergency(self) -> bool:
        """True where a network may take it for a call for help: 112 after a country code, or after a town's code."""
        return _calls_help(self.digits)

    @classmethod
    def parse(cls, text: str, home: str = HOME) -> "Msisdn":
        """Return the number a person at home in `home` (ISO 3166) means by this text.

        Raises: WrongNumber; EmergencyNumber, which is one, for what calls for help in that country.

        An extension behind the number is left out (`extension_of`). Where the text has a second valid reading,
        `other_reading` names it and the page asks.
        """
        bare = _without_extension(text)[0]
        readings = _readings(bare, home)
        if not readings:
            raise _refusal(text, bare, home)
        return cls(readings[0])

    @classmethod
    def e164(cls, text: str) -> "Msisdn":
        """Return the number that a file or a program names: its country code first, with or without the plus.

        Raises: WrongNumber, and for a home form NotInternational, which is one and names the right form. A program has
        nobody to ask, so nothing is guessed: bare digits are never completed, and 8 495 … is not read as Vietnam's.
        """
        bare, extension = _without_extension(text)
        digits = _digits(bare)
        found = _dialled(digits.removeprefix("+"))
        for home in () if digits.startswith("+") else HOMES.values():
            meant = next(iter(_written_readings(digits, home)), "")
            is_dialled = _written_out(digits, home) is not None
            if meant != found and _is_valid(meant) and (is_dialled or not _is_valid(found or "")):
                raise NotInternational(text=_shown(text), meant=f"+{meant}")
        if found is None or extension:
            raise _refusal(text, bare, HOME)
        return cls(found)


def other_reading(text: str, home: str = HOME) -> Msisdn | None:
    """Return the second valid reading of a text: 4951234567 is Moscow at home and Germany with a plus."""
    return next((Msisdn(reading) for reading in _readings(_without_extension(text)[0], home)[1:]), None)


def the_reading(text: str, home: str = HOME) -> Msisdn | None:
    """Return the one number that a text means where nobody can be asked, None where it may mean two.

    As many digits as a number at home has are that number (promise A11), whoever owns the same digits with a plus.
    """
    bare = _without_extension(text)[0]
    readings = _readings(bare, home)
    is_home_form = _written_out(_digits(bare), home) is None
    return Msisdn(readings[0]) if len(readings) == 1 or (readings and is_home_form) else None


def extension_of(text: str) -> str:
    """Return the digits to be dialled after the connection, or nothing: K5 rings the main line."""
    return _without_extension(text)[1]


def _refusal(text: str, bare: str, home: str) -> WrongNumber:
    digits = _digits(bare)
    typed = _written_out(digits, home) or digits
    if _calls_help(typed) or any(
        shortnumberinfo.is_emergency_number(typed, region) for region in (home, *_KNOWN_EVERYWHERE)
    ):
        return EmergencyNumber(text=_shown(text))
    return WrongNumber(text=_shown(text))


def _without_extension(text: str) -> tuple[str, str]:
    """Return the number's text in plain signs, and the extension. The text is empty where it is too long for one."""
    if len(text) > LONGEST_TEXT:
        return "", ""
    text = unquote(text) if "%" in text else text  # %2B: a link that was copied as text
    text = text.translate(_OTHER_SIGNS).rstrip(_AT_THE_END).lstrip()
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :]
        if context := _CONTEXT.search(text):
            text = f"{context[1]}{text[: context.start()]}{text[context.end() :]}"
    for found in _EXTENSION.finditer(text):
        if found.end() == len(text):
            return text[: found.start()].rstrip(_AT_THE_END), found[1]
    return text, ""


def _readings(text: str, home: str) -> list[str]:
    """Return the E.164 digits that a number's text may mean, the likeliest first (docs/pages.md). Two mean none."""
    if (second := _SECOND_LINE.search(text)) and _readings(text[: second.start()], home):
        return []
    return _written_readings(_digits(text), home)


def _digits(text: str) -> str:
    """Return what is left of a number's text: digits, perhaps a plus. +49 (0)30 loses its 0, +39 (0)6 keeps it."""
    kept = _LEFT_OUT.sub("", text)
    if "(0)" in text:
        without = _LEFT_OUT.sub("", text.replace("(0)", "", 1))
        if _is_valid(_dialled(without.removeprefix("+").removeprefix("00")) or ""):
            return without
    return kept


def _written_readings(digits: str, home: str) -> list[str]:
    written = _written_out(digits, home)
    if written is None:
        return _bare(digits, home)
    found = _dialled(written)
    if written.startswith("8") and len(written) == len("84951234567"):  # +8 495 …: a slip for 8 495 …, or Vietnam
        meant = [reading for reading in (found, f"7{written[1:]}") if reading is not None and _is_valid(reading)]
        if meant:
            return meant
    return [] if found is None else [found]


def _written_out(text: str, home: str) -> str | None:
    """Return the E.164 digits where the way out is written (+, 00, 810) or a trunk digit fixes the country."""
    if text.startswith("+"):
        return text[1:]
    if text.startswith("00"):
        return text[2:]
    if text.startswith("810"):
        return text[3:]
    if home == "KG" and len(text.removeprefix("8")) == 10 and text.removeprefix("8").startswith("0"):
        return f"996{text.removeprefix('8')[1:]}"
    if len(text) == 11 and text.startswith("8"):
        return f"7{text[1:]}"
    return None


def _bare(text: str, home: str) -> list[str]:
    """Return the readings of bare digits: as many as a number at home has and valid there, else with a plus."""
    if not (text.isascii() and text.isdigit()):
        return []
    abroad = _dialled(text)
    if len(text) != _HOME_DIGITS.get(home, 10):
        return [] if abroad is None else [abroad]
    at_home = _dialled(f"{phonenumbers.country_code_for_region(home)}{text}")
    return [reading for reading in (at_home, abroad) if reading is not None and _is_valid(reading)]


def _dialled(digits: str) -> str | None:
    """Return the digits the way they are dialled, +44 (0)20… without its 0; None where no number is like that.

    An unknown country code passes with a plausible length: the price list, not the parser, turns it down.
    """
    if _PLAIN_SEVEN.fullmatch(digits):
        return digits
    if not _E164.fullmatch(digits):
        return None
    found = _without_trunk_digits(digits)
    # +7 8 402 222-22-22 is no number of Russia without its 8 either: a digit is left out only where a number is left
    return found if found == digits or _is_valid(found or "") else None


def _without_trunk_digits(digits: str) -> str | None:
    """Return the digits less those that are dialled inside their country only; None where no number has so many."""
    if old := _OLD_MEXICO.fullmatch(digits):
        digits = f"52{old[1]}"
    parsed = _parsed(digits)
    if parsed is None:
        return digits
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None  # the library's is_possible_number also lets through what can only be dialled inside one town
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:]
    return written if written == digits else _without_trunk_digits(written)  # one more zero may go: +43 0000 …


@lru_cache(maxsize=_MOST_KNOWN)
def _is_valid(digits: str) -> bool:
    parsed = _parsed(digits)
    return parsed is not None and phonenumbers.is_valid_number(parsed)


def _calls_help(digits: str) -> bool:
    """Return whether what follows the country code, or the town's code after it, is an emergency number there.

    A number of the numbering plan is none, though it may begin with the same digits.
    """
    parsed = _parsed(digits)
    if parsed is None or parsed.country_code is None:
        return False
    national = phonenumbers.national_significant_number(parsed)
    if len(national) > LONGEST_LOCAL:
        return False
    regions = phonenumbers.region_codes_for_country_code(parsed.country_code)
    local = national[phonenumbers.length_of_geographical_area_code(parsed) :]
    return any(
        shortnumberinfo.is_emergency_number(local, region)
        or (not phonenumbers.is_valid_number(parsed) and shortnumberinfo.connects_to_emergency_number(national, region))
        for region in regions
    )


@lru_cache(maxsize=_MOST_KNOWN)
def _kind(digits: str) -> int:
    """Return the library's kind of number; what it does not know is `UNKNOWN`."""
    parsed = _parsed(digits)
    return PhoneNumberType.UNKNOWN if parsed is None else phonenumbers.number_type(parsed)


@lru_cache(maxsize=_MOST_KNOWN)  # a page asks half a dozen questions about the same two numbers
def _parsed(digits: str) -> FrozenPhoneNumber | None:
    try:
        return FrozenPhoneNumber(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return None


def _shown(text: str) -> str:
    """Return the beginning of a hostile text, fit for a page and a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:40])
