"""Why the money moved, or may not: words for the lines of the statement, legs of calls, closed directions."""

from collections.abc import Callable

from k5web.domain.books.ledger import EventName
from k5web.domain.books.service import first_charge, is_corrected, ordered_number
from k5web.domain.books.transfer import RECEIVED, SENT
from k5web.domain.calls.risk import CLOSED, Risk
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Rate
from k5web.domain.prices.usage import Every
from k5web.services.books.statements import LegDetail, StatementLine
from k5web.web import words
from k5web.web.calls import terms
from k5web.web.calls.kinds import call_title
from k5web.web.calls.progress import span
from k5web.web.texts import _, listed


def reason(line: StatementLine, spell: Callable[[Msisdn], str] = words.phone) -> str:
    """Return what a movement was for; `spell` says who was called."""
    if line.reverses is not None:
        return _("Возврат: %(what)s", what=_named(line.reverses, line, spell))
    name = line.posting.name
    if is_corrected(name):
        return _("Верная сумма: %(what)s", what=_named(first_charge(name), line, spell))
    return _named(name, line, spell)


def reason_masked(line: StatementLine) -> str:
    """Return the same for the desk, where it is nobody's business who was called."""
    return reason(line, words.masked)


def _named(name: EventName, line: StatementLine, spell: Callable[[Msisdn], str]) -> str:
    origin, call, other, fee = name.origin, line.call, line.other, line.fee
    if fee is not None:
        period = fee.period.strftime("%d.%m.%Y" if fee.every is Every.DAY else "%m.%Y")
        return _("Абонентская плата: %(title)s, %(period)s", title=listed(fee.title), period=period)
    if call is not None:
        return call_title(call, spell)
    if other is not None:
        who = words.party(other)
        return _("Перевод участнику %(who)s", who=who) if origin == SENT else _("Перевод от %(who)s", who=who)
    if (number := ordered_number(name)) is not None:
        return _("Подключение номера %(number)s", number=words.phone(number))
    known = {
        "call": _("Звонок"),
        "fee": _("Абонентская плата"),
        "promise": _("Плата за обещанный платёж"),
        "order": _("Услуга по вашему заказу"),
        SENT: _("Перевод участнику"),
        RECEIVED: _("Перевод от участника"),
        "gift": _("Подарок"),
        "bonus": _("Бонус за приглашённого"),
        "grant": _("Пакет по тарифу"),
        "expire": _("Остаток пакета сгорел"),
        "opening": _("Начальный остаток"),
        "refund": _("Возврат денег"),
        "reversal": _("Исправление"),
        "chargeback": _("Платёж отозван банком"),
        "adjustment": _("Исправление"),
        "bank": _("Пополнение через банк"),
        "staff": _("Исправление"),
    }
    if origin.startswith("bank:"):
        return known["bank"]
    if ":" in origin:
        return _("Пополнение: %(way)s", way=line.way) if line.way else _("Пополнение")
    return known.get(origin, _("Операция «%(origin)s»", origin=origin))


def source(rate: Rate) -> str:
    """Return by which version of a price list or plan a rate was: «прайс-лист k5, № 3»; nothing of old calls."""
    if not rate.source:
        return ""
    kind, name, number = rate.source.split(" ")
    if kind == "plan":
        return _("тариф %(name)s, № %(number)s", name=name, number=number)
    return _("прайс-лист %(name)s, № %(number)s", name=name, number=number)


def direction(name: str) -> str:
    """Return the word for a kind of directions that can be opened; a prefix is its own."""
    known = {
        Risk.SATELLITE: _("спутниковые номера"),
        Risk.PREMIUM: _("платные линии"),
        Risk.SHORT: _("короткие номера"),
    }
    return known.get(Risk(name)) or name if name in CLOSED else f"+{name}"


def leg_reason(leg: LegDetail, a_leg_from: str, is_own: bool) -> str:
    """Return how this leg's charge came about, or why there is none."""
    if leg.why == "not_answered":
        return _("Не ответил: бесплатно.")
    if leg.why == "nobody_reached":
        return _("Соединить не удалось, поэтому бесплатно.")
    if leg.why == "under_free_threshold":
        return _("Меньше %(seconds)s с: бесплатно.", seconds=leg.rate.free_below_s)
    facts = {
        "talked": span(leg.duration_us // 1_000_000),
        "billed": span(leg.charge.billed_s),
        "made_of": terms.made_of(leg.charge, leg.rate),
    }
    if is_own and a_leg_from == "a_answer":
        return _("%(talked)s от вашего ответа, округлено до %(billed)s: %(made_of)s.", **facts)
    return _("%(talked)s от ответа собеседника, округлено до %(billed)s: %(made_of)s.", **facts)
