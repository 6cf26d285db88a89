"""The terms of a call in words: how time is counted, what is taken beside the minutes, how a charge came about."""

from k5web.domain.money import MICRO_PER_MINOR, Price
from k5web.domain.prices.rating import Agreed, LegCharge, Quote, Rate
from k5web.web import words
from k5web.web.calls.progress import span
from k5web.web.texts import _, ngettext

MINUTE_S = 60


def counting(rate: Rate) -> str:
    """Return how seconds are counted, each rule in a sentence."""
    if rate.increment_s == MINUTE_S:
        said = [_("Неполная минута считается целой.")]
    elif rate.increment_s == 1:
        said = [_("Считаем по секундам.")]
    else:
        said = [_("Считаем по %(step)s.", step=span(rate.increment_s))]
    if rate.minimum_s > rate.increment_s:
        said.append(_("Считаем не меньше %(least)s.", least=span(rate.minimum_s)))
    if rate.free_below_s > 1:
        free = ngettext("До %(num)s секунды – бесплатно.", "До %(num)s секунд – бесплатно.", rate.free_below_s)
        said.append(free)
    return " ".join(said)


def counting_of_both(quote: Quote) -> list[str]:
    """Return how the seconds of a call are counted: once where both legs count alike, else for each."""
    if quote.a.counting == quote.b.counting:
        return [counting(quote.a)]
    return [
        " ".join((_("Звонок вам."), counting(quote.a))),
        " ".join((_("Звонок собеседнику."), counting(quote.b))),
    ]


def extras(rate: Rate) -> str:
    """Return what a price list must say beside the minute's price; empty where there is nothing but whole minutes."""
    said = []
    if rate.fee.micro:
        said.append(_("за соединение %(fee)s", fee=words.price(rate.fee)))
    if rate.increment_s != MINUTE_S:
        said.append(_("считаем по %(step)s", step=span(rate.increment_s)))
    if rate.minimum_s > rate.increment_s:
        said.append(_("не меньше %(least)s", least=span(rate.minimum_s)))
    return ", ".join(said)


def agreed(terms: Agreed) -> str:
    """Return the price that was agreed to: «2,20 ₽», «2,75 ₽ и 5,00 ₽ за соединение»."""
    if isinstance(terms, Price):
        return words.price(terms)
    if not terms.connect_fee.micro:
        return words.price(terms.per_minute)
    return _(
        "%(price)s и %(fee)s за соединение",
        price=words.price(terms.per_minute),
        fee=words.price(terms.connect_fee),
    )


def made_of(charge: LegCharge, rate: Rate) -> str:
    """Return what a charge is made of, so that it adds up: «3 мин × 1,00 ₽ + 5,00 ₽ за соединение»."""
    each, fee = words.price(rate.per_minute), rate.fee
    if not charge.billed_s:
        return _("бесплатно")
    paid_s = charge.billed_s - charge.covered_s
    said = span(paid_s) + (f" × {each}" if paid_s % MINUTE_S == 0 else _(" по %(price)s за минуту", price=each))
    if fee.micro:
        said = _("%(said)s + %(fee)s за соединение", said=said, fee=words.price(fee))
    if charge.covered_s:
        gift = _("%(span)s из пакета", span=span(charge.covered_s))
        said = f"{gift} + {said}" if paid_s or fee.micro else gift
    exact = 60 * fee.micro + rate.per_minute.micro * paid_s
    if exact != 60 * MICRO_PER_MINOR * charge.charge.minor:
        said = _("%(said)s, округлено", said=said)
    return said
