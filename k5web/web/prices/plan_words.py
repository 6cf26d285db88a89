"""Words for plans: fees, allowances, what is left of them."""

from datetime import date

from k5web.domain.money import Money
from k5web.domain.prices.plan import Allowance, Fee, ServicePrice
from k5web.domain.prices.usage import Every
from k5web.services.prices.allowance_accounts import AllowanceLeft
from k5web.web import words
from k5web.web.texts import _

KB_PER_MB = 1024


def fee(found: Fee) -> str:
    """Return a fee as people say it: 600,00 ₽ в месяц."""
    return _every(words.money(found.amount), found.every)


def service_price(service: ServicePrice) -> str:
    """Return what a piece of a service costs."""
    return _every(words.money(service.price), service.every)


def gift(allowance: Allowance) -> str:
    """Return what a period of an allowance gives."""
    return _every(_units(allowance.unit, allowance.amount), allowance.every)


def sum_of(found: Fee | ServicePrice | Allowance | None) -> str:
    """Return what a fee, a service or a gift of a plan is, in a list of what changes."""
    if found is None:
        return _("нет")
    if isinstance(found, Fee):
        return fee(found)
    return service_price(found) if isinstance(found, ServicePrice) else gift(found)


def left_of(allowance: AllowanceLeft) -> str:
    """Return what is left of an allowance: 42 из 50 минут на сегодня."""
    whole, left = _units(allowance.unit, allowance.whole), _bare(allowance.unit, allowance.left)
    if allowance.every is Every.DAY:
        return _("%(left)s из %(whole)s на сегодня", left=left, whole=whole)
    return _("%(left)s из %(whole)s на этот месяц", left=left, whole=whole)


def day(found: date) -> str:
    """Return a day: 01.01.2027."""
    return found.strftime("%d.%m.%Y")


def _every(what: str, every: Every) -> str:
    if every is Every.ONCE:
        return _("%(what)s один раз", what=what)
    return _("%(what)s в день", what=what) if every is Every.DAY else _("%(what)s в месяц", what=what)


def _units(unit: str, amount: int) -> str:
    number = _bare(unit, amount)
    if unit == "SEC":
        return _("%(number)s мин.", number=number)
    if unit == "SMS":
        return _("%(number)s SMS", number=number)
    return number if unit == "MONEY" else _("%(number)s МБ", number=number)


def _bare(unit: str, amount: int) -> str:
    """Return how many of a unit, rounded down: whole minutes, whole megabytes."""
    if unit == "MONEY":
        return words.money(Money(amount))
    return str({"SEC": amount // 60, "SMS": amount}.get(unit, amount // KB_PER_MB))
