"""Telephone numbers: everything a person or a provider types goes through one parser (web.md 9)."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult, shortnumberinfo

from k5web.errors import EmergencyNumber, WrongNumber

# Spaces, dashes, brackets, and the invisible marks that phones copy along with a number (iOS adds U+202D, U+202C)
_LEFT_OUT = re.compile(r"[\s\-\u2010-\u2015\u2212().\[\]/\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)}  # and nothing else: NFKC would read a footnote ¹ as 1
_E164 = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)
# Ten digits after 7 are as they are dialled, whatever the library would add; most numbers skip it by this
_PLAIN_SEVEN = re.compile(r"7[3-9][0-9]{9}", re.ASCII)

HOMES = {"RUB": "RU", "KGS": "KG"}  # by the currency of an account: whose ways of writing numbers K5 understands
HOME = HOMES["RUB"]  # where nothing else is known
LONGEST_TEXT = 64  # characters; no way of writing a number is longer
LONGEST_LOCAL = 7  # digits of a town's code with an emergency number after it: +49 30 112
LONGEST_REST = 4  # digits too many that a number may have and still be dialled
_PREMIUM = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
_KNOWN_EVERYWHERE = ("US", "GB")  # telephones take 911 and 999 for a call for help in any country
_HOME_DIGITS = {"KG": 9}  # a national number without its trunk digit; elsewhere, where K5 is at home, ten


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

        The rules of web.md 9 in their order; where bare digits have a second valid reading, `other_reading` names
        it and the page asks.
        """
        digits = _clean(text)
        written = _written_out(digits, home)
        readings = _bare(digits, home) if written is None else [_dialled(written)]
        if not readings or readings[0] is None:
            typed = written or digits
            if _calls_help(typed) or any(
                shortnumberinfo.is_emergency_number(typed, region) for region in (home, *_KNOWN_EVERYWHERE)
            ):
                raise EmergencyNumber(text=_shown(text))
            raise WrongNumber(text=_shown(text))
        return cls(readings[0])


def other_reading(text: str, home: str = HOME) -> Msisdn | None:
    """Return the second valid reading of bare digits: 4951234567 is Moscow at home and Germany with a plus."""
    digits = _clean(text)
    if _written_out(digits, home) is not None:
        return None
    return next((Msisdn(reading) for reading in _bare(digits, home)[1:]), None)


def _clean(text: str) -> str:
    """Return the text without what is left out; empty where it is too long to be a number."""
    if len(text) > LONGEST_TEXT:
        return ""
    text = _LEFT_OUT.sub("", text.translate(_FULL_WIDTH))
    return text[4:] if text[:4].lower() == "tel:" else text


def _written_out(text: str, home: str) -> str | None:
    """Return the E.164 digits where the way out is written (+, 00, 810) or a trunk digit fixes the country."""
    if text.startswith("+"):
        return text[1:]
    if text.startswith("00"):
        return text[2:]
    if text.startswith("810"):
        return text[3:]
    if len(text) == 11 and text.startswith("8"):
        return f"7{text[1:]}"
    if len(text) == 10 and text.startswith("0") and home == "KG":
        return f"996{text[1:]}"
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
    parsed = _parsed(digits)
    if parsed is None:
        return digits
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None  # the library's is_possible_number also lets through what can only be dialled inside one town
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:]
    return written if written == digits else _dialled(written)  # each reading may leave out one more zero: +43 0000 …


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


def _kind(digits: str) -> int:
    """Return the library's kind of number; what it does not know is `UNKNOWN`."""
    parsed = _parsed(digits)
    return PhoneNumberType.UNKNOWN if parsed is None else phonenumbers.number_type(parsed)


def _parsed(digits: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None


def _shown(text: str) -> str:
    """Return the beginning of a hostile text, fit for a page and a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:40])
