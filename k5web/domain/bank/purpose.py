"""What the purpose of a bank payment names: our accounts and our invoices, and nothing that merely looks like them.

Only our own forms are read: «лицевой счёт» in its spellings, `K5-…`, and «счёт №» of our invoices. The text is cut
into tokens once, and a look around a token takes in a few neighbours: the work grows with the length of the text alone.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from k5web.domain.accounts.subscriber import IDS_BELOW


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the purpose names: subscribers by account or contract, and an invoice.

    `is_unclear`: beside an account there stands a number that may be another one (a list, a range, a number in pieces).
    `invoice_day`: of the invoice, where it is written out.
    """

    subscriber_ids: tuple[int, ...]
    invoice: int | None
    is_unclear: bool = False
    invoice_day: date | None = field(default=None, compare=False)


class _Token(NamedTuple):
    kind: str  # code, brand, phone, number, word, sign
    text: str
    is_glued: bool  # to the token before: no space between


# Latin letters that look like Cyrillic ones are typed for them; dashes and quotes have many signs
_LOOK_ALIKE = str.maketrans("abcehkmoptxyё", "авсенкмортхуе")
_SIGNS = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("«»“”„'`", '"') | {"№": "#"})

_RARE = re.compile(r"[^\x00-\x7eА-Яа-яЁё]")  # what asks for a closer look at its signs


def _folded(text: str) -> str:
    """Return the text in one case and alphabet. What is a digit only by its looks (², ½, ①) becomes no digit."""
    text = text.translate(_SIGNS)
    if _RARE.search(text):
        kept = (
            "\ufffd" if unicodedata.category(sign) in {"No", "Nl"} else sign
            for sign in text
            if unicodedata.category(sign) != "Cf"  # soft hyphens, marks without width
        )
        text = unicodedata.normalize("NFKC", "".join(kept)).translate(_SIGNS)
    return text.casefold().translate(_LOOK_ALIKE)


_TOKEN = re.compile(
    r"""
    (?P<code>(?<![\w/-])к5\s?-\s?(?=[0-9]))
    | (?P<brand>(?<!\w)к5(?!\w))
    | (?P<phone>(?<![\w.,:/-])(?:\+?7|8)[ -]?\(?[0-9]{3}\)?[ -]?[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{2}(?![\w-]))
    | (?P<number>[0-9]++(?:[.,=/-][0-9]++)*+)
    | (?P<word>[^\W\d_]++)
    | (?P<sign>\S)
    """,
    re.VERBOSE,
)
_DAY = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-](?:19|20)\d\d", re.ASCII)
_SUM = re.compile(r"\d+[.,=-]\d\d", re.ASCII)
_TOPUP = re.compile(r"(\d+)-(\d{1,5})(?:-\d{1,3})?", re.ASCII)  # K5-8841-12 names subscriber 8841


def _set(words: str) -> frozenset[str]:
    return frozenset(_folded(words).split())


_ENDED = " ".join(f"счет{end}" for end in ("", "а", "у", "ом", "е", "ов", "ам", "ами", "ах"))
_BILL = _set(f"{_ENDED} сч")
_PERSONAL = _set("лицевой лицевого лицевому лицевым лицевом лицевые лицевых лицевыми")
_PERSONAL_SHORT = _set("лиц лицев")
_ONE_WORD = _set(
    "лс лсч лицсч " + " ".join(f"лиц{word} л{word}" for word in _ENDED.split()) + " лицевойсчет лицевогосчета"
)
_BEGIN = _ONE_WORD | _PERSONAL | _PERSONAL_SHORT | {"л"}
_PERSONAL_JOINTS = frozenset(r"./\-|")
_BEFORE_NUMBER = _set('# : = - _ ( ) . " n no номер ном код абонента абонент плательщика клиента участника')
_BEFORE_INVOICE = _set("# : n no номер")
_BETWEEN = _set('# : , ; / \\ & + - | ( ) [ ] " n no номер и или по до')
_CURRENCY = _set("руб рубль рубля рублей рублях р ₽ rub rur коп копеек копейки сом сома сомов kgs usd eur")
_UNIT = _CURRENCY | _set("% г гг год года году годы мес месяц месяца месяцев шт дн дня дней")
_OTHER_BILL = ("расч", "банк", "тек", "корр", "вал", "карт", "депоз", "транз", "спец", "ссуд", "номин")
_LABELS = tuple(
    _folded(
        "чек квит платеж тел моб факс инн кпп бик огрн окпо окато октмо кбк уин уип снилс карт терм заказ заяв реестр "
        "поруч пор акт накл упд пасп серия опер транз rrn ref индекс дом кварт кв офис период авториз сумм комисс ндс "
        "протокол письм исх вх прилож специф ордер дел постан судебн удостовер довер лиценз полис id"
    ).split()
)
_LABELS_IN_TWO = _set("п/п р/с к/с с/ф р/сч к/сч сч/ф")
_AROUND = 5  # tokens that are looked at on either side
_MAY_BE_ACCOUNT = 5  # digits of a number that is not said to be anything
_LONGEST_ID, _LONGEST_INVOICE = 10, 9
_YEARS = range(1990, 2100)


def read_purpose(text: str) -> Purpose:
    """Return what a purpose names; several invoices are none, for nobody knows how much is for which."""
    tokens = _tokens(text)
    ids: dict[int, None] = {}
    used: set[int] = set()  # tokens that are spoken for
    invoices: dict[int | None, date | None] = {}  # None: what may be one of several
    is_unclear = False
    for at in range(len(tokens)):
        if at in used:
            continue
        after = _after_form(tokens, at)
        if after is not None:
            used.update(range(at, after))
            found, is_list = _read_account(tokens, after, used)
            ids |= dict.fromkeys(found)
            is_unclear |= is_list
        elif tokens[at].text in _BILL:
            invoices |= dict(_read_invoice(tokens, at, used))
    if len(ids) == 1 and not is_unclear:
        [known] = ids
        is_unclear = any(_may_be_account(tokens, at, known) for at in range(len(tokens)) if at not in used)
    invoice, day = invoices.popitem() if len(invoices) == 1 else (None, None)
    return Purpose(tuple(ids), invoice, is_unclear, day)


def _tokens(text: str) -> Sequence[_Token]:
    found, end = [], -1
    for match in _TOKEN.finditer(_folded(text)):
        found.append(_Token(match.lastgroup or "", match[0], match.start() == end))
        end = match.end()
    return found


def _text(tokens: Sequence[_Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _skip(tokens: Sequence[_Token], at: int, words: Container[str], most: int = _AROUND) -> int:
    """Return where the first token is that is none of these words, after at most so many."""
    for _ in range(most):
        if at == len(tokens) or not (tokens[at].text in words or tokens[at].kind == "brand"):
            break
        at += 1
    return at


def _after_form(tokens: Sequence[_Token], at: int) -> int | None:
    """Return what follows where an account is announced here: `K5-`, «лицевой счёт», «л/с» and their spellings."""
    token = tokens[at]
    if token.kind == "code":
        return at + 1
    if token.text not in _BEGIN or (token.is_glued and not _is_mark(tokens, at - 1)):
        return None
    if token.text in _ONE_WORD:
        return at + 1
    follows = _skip(tokens, at + 1, _PERSONAL_JOINTS, 2)
    if token.text == "л":
        is_whole = _text(tokens, follows) in _BILL or _text(tokens, follows) == "с"
        return follows + 1 if is_whole and not _is_power(tokens, at) else None
    is_bill = _text(tokens, follows) in _BILL or (_text(tokens, follows) == "с" and _text(tokens, at + 1) == ".")
    if token.text in _PERSONAL | _PERSONAL_SHORT and is_bill:
        return follows + 1
    return at + 1 if token.text in _PERSONAL else None


def _is_power(tokens: Sequence[_Token], at: int) -> bool:
    """Return whether «л. с.» after a small number are horses, not an account."""
    return len(_text(tokens, at - 1)) <= 3 and _text(tokens, at - 1).isdigit() and _text(tokens, at + 1) != "/"


def _is_mark(tokens: Sequence[_Token], at: int) -> bool:
    return tokens[at].kind == "sign" and not tokens[at].text.isalnum() and tokens[at].text != "\ufffd"


def _read_account(tokens: Sequence[_Token], after: int, used: set[int]) -> tuple[list[int], bool]:
    """Return the accounts that stand after the form, and whether another number may be one of them."""
    at = _skip(tokens, after, _BEFORE_NUMBER)
    if at == len(tokens) or tokens[at].kind != "number":
        return [], False
    used.add(at)
    number = tokens[at].text
    if tokens[at - 1].kind == "code":
        topup = _TOPUP.fullmatch(number)
        number = topup[1] if topup and len(topup[2]) < len(topup[1]) else number
    if _is_word_glued(tokens, at + 1) or _DAY.fullmatch(number) or _has_unit(tokens, at, _CURRENCY):
        return [], False
    if not number.isdigit() or _has_tail(tokens, at):
        return [], True  # a range, a list without spaces, the contract of somebody else
    if not _is_id(number):
        return [], False
    beside = _beside(tokens, at)
    if beside is None or tokens[beside].text == number:
        used.update(() if beside is None else (beside,))
        return [int(number)], False
    return [int(one) for one in (number, tokens[beside].text) if _is_id(one)], True


def _read_invoice(
    tokens: Sequence[_Token], at: int, used: set[int]
) -> Iterator[tuple[int, date | None] | tuple[None, None]]:
    """Yield the number and day of the invoice that is announced here; also None where it is one of several."""
    before = _text(tokens, at - 1)
    if (
        (tokens[at].is_glued and not _is_mark(tokens, at - 1))
        or before in {"/", "\\"}
        or before.startswith(_OTHER_BILL)
    ):
        return
    if _text(tokens, at + 1).startswith("фактур") or (_text(tokens, at + 1) == "-" and _is_word_glued(tokens, at + 2)):
        return
    after = _skip(tokens, at + 1, {"."}, 1)
    if [_text(tokens, after), _text(tokens, after + 1)] == _folded("на оплату").split():
        after += 2
    number = _skip(tokens, after, _BEFORE_INVOICE)
    text = _text(tokens, number)
    if not text.isdigit() or not text.isascii() or text.startswith("0") or len(text) > _LONGEST_INVOICE:
        return
    if _is_word_glued(tokens, number + 1) or _has_tail(tokens, number) or _has_unit(tokens, number, _CURRENCY):
        return
    if number > after or len(text) < _MAY_BE_ACCOUNT:  # «счёт 100002» without «№» may mean an account
        used.add(number)
    yield int(text), _day(_text(tokens, number + 2)) if _text(tokens, number + 1) == "от" else None
    if _beside(tokens, number) is not None:
        yield None, None


def _day(text: str) -> date | None:
    """Return the day that is written as our invoices write it, 20.11.2026."""
    parts = text.split(".") if _DAY.fullmatch(text) else []
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0])) if len(parts) == 3 else None
    except ValueError:
        return None


def _is_id(number: str) -> bool:
    is_short = number.isdigit() and number.isascii() and len(number) <= _LONGEST_ID
    return is_short and not number.startswith("0") and int(number) < IDS_BELOW


def _is_word_glued(tokens: Sequence[_Token], at: int) -> bool:
    """Return whether letters stand here without a space before them."""
    return at < len(tokens) and tokens[at].is_glued and not _is_mark(tokens, at)


def _has_tail(tokens: Sequence[_Token], at: int) -> bool:
    """Return whether a letter or two belong to the number: 8841-А, 8841/к. A name of a payer may follow it so."""
    is_joined = _text(tokens, at + 1) in {"-", "/"} and tokens[at + 1].is_glued
    return is_joined and _is_word_glued(tokens, at + 2) and len(_text(tokens, at + 2)) <= 2


def _has_unit(tokens: Sequence[_Token], at: int, units: Container[str]) -> bool:
    """Return whether a number, perhaps written in groups of three digits, is followed by its unit."""
    while _text(tokens, at + 1).isdigit() and len(_text(tokens, at + 1)) == 3 and len(_text(tokens, at)) <= 3:
        at += 1
    return _text(tokens, at + 1) in units and _text(tokens, at + 2) not in {"/", "\\"}


def _beside(tokens: Sequence[_Token], at: int) -> int | None:
    """Return where a number follows this one that may go on with a list, a range, or the number itself."""
    other = _skip(tokens, at + 1, _BETWEEN)
    if other == len(tokens) or tokens[other].kind != "number":
        return None
    text = tokens[other].text
    if _DAY.fullmatch(text) or _SUM.fullmatch(text) or _has_unit(tokens, other, _UNIT):
        return None
    return None if text.isdigit() and len(text) > _LONGEST_ID else other  # phones, cards, accounts of banks


def _may_be_account(tokens: Sequence[_Token], at: int, known: int) -> bool:
    """Return whether a number that nothing announces may be an account besides the known one."""
    if tokens[at].kind != "number" or _text(tokens, at - 1) in {"*", "+"} or _is_labelled(tokens, at):
        return False
    text = tokens[at].text
    if _DAY.fullmatch(text) or _SUM.fullmatch(text) or _has_unit(tokens, at, _UNIT) or _is_word_glued(tokens, at + 1):
        return False
    parts = [text] if text.isdigit() else re.split(r"[.,=/-]", text)
    if any(len(part) < _MAY_BE_ACCOUNT for part in parts) and len(parts) > 1 and "," not in text:
        return False  # 8-916-123-45-67, 12345/2024
    return any(_looks_like(part, known) for part in parts)


def _looks_like(number: str, known: int) -> bool:
    if not _is_id(number) or int(number) == known:
        return False
    is_year = len(number) == 4 and int(number) in _YEARS
    return len(number) >= _MAY_BE_ACCOUNT or (len(number) == len(str(known)) and not is_year)


def _is_labelled(tokens: Sequence[_Token], at: int) -> bool:
    """Return whether the word before a number says that it is something else: a receipt, a phone, a tax number."""
    at -= 1
    for _ in range(_AROUND):
        if _text(tokens, at) not in _BEFORE_NUMBER and not _text(tokens, at).isdigit():
            break
        at -= 1
    in_two = f"{_text(tokens, at - 2)}{_text(tokens, at - 1)}{_text(tokens, at)}"
    return in_two in _LABELS_IN_TWO or (at >= 0 and tokens[at].kind == "word" and tokens[at].text.startswith(_LABELS))
