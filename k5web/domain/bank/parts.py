"""The parts a bank's payment is told by: sums, days, accounts, BICs and numbers, in any spelling, as one value or none.

One payment comes by many files: from the exchange of 1C, from a table, through a spreadsheet that added quotes or took
zeros away. Only what is the same here is known again. What cannot be read exactly is refused with its line.
"""

import re
import unicodedata
from datetime import date

from k5web.domain.bank.requisites import is_key_true
from k5web.domain.money import Money
from k5web.errors import WrongStatement

ROUBLES = {"", "RUB", "RUR", "643", "810", "РУБ", "РУБЛЬ", "РУБЛИ", "РОССИЙСКИЙ РУБЛЬ", "Р", "₽"}
MONTHS = ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")

_DIGITS = r"[0-9]{1,13}|[0-9]{1,3}(?:(?P<apart>[ '])[0-9]{3})(?:(?P=apart)[0-9]{3}){0,3}"
_SUM = re.compile(
    rf"(?P<whole>{_DIGITS})(?:[.,](?:(?P<one>[0-9]{{1,2}})|(?P<four>[0-9]{{2}})00)?|-(?P<dash>[0-9]{{2}})|=)?"
)
_SUM_BELOW_ONE = re.compile(r"[.,](?P<one>[0-9]{1,2})")
# «1.000» may be a thousand or one; two groups, or a group and kopecks, are certain
_SUM_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:(?P<apart>[.,])[0-9]{3})(?:(?P=apart)[0-9]{3}){0,3})(?!(?P=apart))[.,](?P<one>[0-9]{1,2})"
    r"|(?P<whole2>[0-9]{1,3}(?:(?P<apart2>[.,])[0-9]{3})(?:(?P=apart2)[0-9]{3}){1,3})"
)
_CURRENCY = re.compile(r"\s?(?:руб(?:\.|лей|ля|ль)?|р\.?|rub|rur|₽)", re.IGNORECASE)
_MINUS = ("-", "\u2212", "\u2013", "\u2014")
_SPACES = re.compile(r"[\u00a0\u2007\u2009\u202f]")
_APOSTROPHES = str.maketrans("\u2019\u02bc`", "'''")

_NO_DAY = re.compile(r"[0\s./:-]*")
_TIME = r"(?:[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})([./-])([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}})(?: ?г\.?)?{_TIME}")
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})([./-])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}")
_IN_WORDS = re.compile(
    r"([0-9]{1,2}) (янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек)[а-я]{0,6}\.? ([0-9]{4})(?: ?г\.?)?"
)
LONGEST_PART = 100  # characters
CENTURY, FIRST_YEAR = 2000, 2000

_UNREAD = re.compile("[\udc80-\udcff]")
_QUOTED = re.compile(r"=?\"(.*)\"|'(.*?)'?", re.DOTALL)
_APART = re.compile(r"[\s.\-\u2010-\u2015\u2212№_]")
_ACCOUNT = re.compile(r"[0-9]{5}[0-9ABCEHKMPTX][0-9]{14}|[0-9]{10,17}|[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_OUR_KIND = re.compile(r"[0-9]{20}")
_NONE = {"", "НЕТ", "NONE", "NULL", "NA", "N/A"}
_BIC = re.compile(r"[0-9]{9}|[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_SCIENTIFIC = re.compile(r"(?<![0-9])[0-9]++(?:[.,][0-9]++)?E\+?[0-9]", re.IGNORECASE)
_ROUNDED_NUMBER = re.compile(r"[0-9]++(?:[.,][0-9]*+)?E\+[0-9]++", re.IGNORECASE)
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_NUMBER_SIGN = re.compile(r"(?:№|#|\bN[oо°º]?\.?(?=\s*[0-9]))")
_ROUNDED = "00000"  # a spreadsheet keeps fifteen digits of a number of twenty


def is_readable(text: str) -> bool:
    """Return whether every letter of a text could be read: those that could not stay as marks."""
    return _UNREAD.search(text) is None


def unquoted(cell: str) -> str:
    """Return a cell without what spreadsheets put around text: `="…"`, a leading apostrophe, quotes."""
    text = cell.strip()
    if not text.isascii():
        text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf").strip()
    match = _QUOTED.fullmatch(text)
    return text if match is None else (match[1] if match[1] is not None else match[2]).strip()


def exact_sum(text: str, line: int, name: str) -> Money:
    """Return a sum as banks write it, with its sign: `500`, `1 234,56`, `1,234.56`, `100-50`.

    Raises: WrongStatement.
    """
    plain = _SPACES.sub(" ", unquoted(text)).translate(_APOSTROPHES).strip()
    if (plain[:1], plain[-1:]) == ("(", ")"):  # how accountants write what is less than nothing
        plain = f"-{plain[1:-1]}"
    is_negative = plain.startswith(_MINUS)
    plain = plain.removeprefix("+").strip() if not is_negative else plain[1:].strip()
    currency = _CURRENCY.search(plain)
    if currency is not None and currency.end() == len(plain):
        plain = plain[: currency.start()]
    match = _SUM.fullmatch(plain) or _SUM_BELOW_ONE.fullmatch(plain) or _SUM_GROUPED.fullmatch(plain)
    if match is None:
        raise WrongStatement(line=line, reason=f"{name} is not a sum like 500.00")
    found = match.groupdict("")
    whole = re.sub(r"[ '.,]", "", found.get("whole") or found.get("whole2") or "0")
    part = found.get("one") or found.get("four") or found.get("dash") or ""
    minor = int(whole) * 100 + int(part.ljust(2, "0"))
    return Money(-minor if is_negative else minor, "RUB")


def exact_day(text: str, line: int, name: str) -> date | None:
    """Return a day like 20.11.2026, 2026-11-20 or 20/11/26, with or without a time; None where none is told.

    Raises: WrongStatement.
    """
    plain = " ".join(unquoted(text).split()).lower().replace("t", "T").replace("z", "Z")
    if _NO_DAY.fullmatch(plain):
        return None
    try:
        if match := _DAY_FIRST.fullmatch(plain):
            year = int(match[4]) if len(match[4]) == len("2026") else CENTURY + int(match[4])
            found = date(year, int(match[3]), int(match[1]))
        elif match := _YEAR_FIRST.fullmatch(plain):
            found = date(int(match[1]), int(match[3]), int(match[4]))
        elif match := _IN_WORDS.fullmatch(plain):
            found = date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]))
        else:
            found = date.min
    except ValueError:
        found = date.min
    if found.year < FIRST_YEAR:
        raise WrongStatement(line=line, reason=f"{name} is not a day like 20.11.2026")
    return found


def plain_account(text: str) -> str:
    """Return an account without its spelling: dots, spaces, quotes. Empty: none is told. It may still be no account."""
    if is_our_kind(text) and text.strip("0"):
        return text
    plain = _APART.sub("", unquoted(text)).upper()
    return "" if plain in _NONE or not plain.strip("0") else plain


def is_our_kind(account: str) -> bool:
    """Return whether this is an account of twenty digits."""
    return _OUR_KIND.fullmatch(account) is not None


def exact_account(text: str, line: int, name: str) -> str:
    """Return an account, empty where none is told. Raises: WrongStatement where it is none, as 4,08E+19."""
    account = plain_account(text)
    if account and not _ACCOUNT.fullmatch(account):
        reason = f"{name} is not an account of 20 digits"
        if len(text) <= LONGEST_PART and _SCIENTIFIC.search(text):
            reason += ": a spreadsheet rounded it; keep the column as text"
        raise WrongStatement(line=line, reason=reason)
    return account


def refuse_rounded(account: str, bic: str, line: int, name: str) -> None:
    """Raises: WrongStatement where a spreadsheet put zeros for an account's last digits, so its key is wrong."""
    is_rounded = account.endswith(_ROUNDED) and is_our_kind(account) and bic.isdigit()
    if is_rounded and not (is_key_true(account, bic[6:9]) or is_key_true(account, f"0{bic[4:6]}")):
        reason = f"{name} ends in zeros and does not fit its bank: a spreadsheet rounded it; keep the column as text"
        raise WrongStatement(line=line, reason=reason)


def exact_bic(text: str, line: int, name: str) -> str:
    """Return a BIC with its leading zero, empty where none is told. Raises: WrongStatement."""
    plain = plain_account(text).removeprefix("БИК").removeprefix("BIC")
    bic = plain.zfill(9) if plain.isdigit() and len(plain) == len("44525225") else plain
    if bic and not _BIC.fullmatch(bic):
        raise WrongStatement(line=line, reason=f"{name} is not a BIC of 9 digits")
    return bic


def plain_number(text: str) -> str:
    """Return a document's number without signs, spaces and leading zeros; empty where none is told, or 0."""
    plain = _NUMBER_SIGN.sub("", unquoted(text))
    plain = "".join(unicodedata.normalize("NFKC", plain).split()).casefold()
    plain = _DASHES.sub("-", plain)
    return "" if plain.strip("-") == "" or plain in {"нет", "б/н"} else plain.lstrip("0")


def exact_number(text: str, line: int, name: str) -> str:
    """Return the same. Raises: WrongStatement where a spreadsheet rounded it."""
    if len(text) <= LONGEST_PART and _ROUNDED_NUMBER.fullmatch(unquoted(text)):
        raise WrongStatement(line=line, reason=f"{name} was rounded by a spreadsheet: keep the column as text")
    return plain_number(text)


def is_in_roubles(text: str) -> bool:
    """Return whether a currency that a document names is ours, by any of its names."""
    return unquoted(text).upper().rstrip(".") in ROUBLES
