"""Words for people: sums, prices, numbers and moments as the pages write them. Ours, not CLDR's."""

from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import g, has_app_context

from k5web.domain import languages
from k5web.domain.accounts.subscriber import Party
from k5web.domain.calls import own_limit
from k5web.domain.calls.own_limit import CALL, DAY, MINUTES
from k5web.domain.money import MICRO_PER_MAJOR, MINOR_PER_MAJOR, Money, Price
from k5web.domain.prices.coming import ComingRate
from k5web.domain.prices.number import REGIONS, Msisdn
from k5web.domain.prices.rating import Rate
from k5web.domain.prices.tariff import TariffRow
from k5web.services.ports import OPERATOR_ZONE
from k5web.services.prices import directions
from k5web.services.prices.countries import name_of, names_in
from k5web.web.texts import _, catalogue

NBSP: Final = "\N{NO-BREAK SPACE}"
HYPHEN: Final = "\N{NON-BREAKING HYPHEN}"
MINUS: Final = "\N{MINUS SIGN}"

# Countries of subscribers whose clocks differ from the operator's
ABROAD: Final = {"KG": ZoneInfo("Asia/Bishkek"), "KZ": ZoneInfo("Asia/Almaty")}


def money(sum_: Money) -> str:
    """Return the sum as people write it: «1 234,50 ₽», «−2,20 ₽»."""
    major, minor = divmod(abs(sum_.minor), MINOR_PER_MAJOR)
    sign = MINUS if sum_.minor < 0 else ""
    return f"{sign}{whole(major)}{_point()}{minor:02d}{NBSP}{currency(sum_.currency)}"


def signed(sum_: Money) -> str:
    """Return a move of money with its sign always written: «+100,00 ₽»."""
    return f"+{money(sum_)}" if sum_.minor > 0 else money(sum_)


def price(per_minute: Price) -> str:
    """Return the price with at least two decimals and no needless ones: «1,75 ₽», «0,125 ₽»."""
    major, decimals = _decimals(per_minute)
    return f"{whole(major)}{_point()}{decimals}{NBSP}{currency(per_minute.currency)}"


def decimal(per_minute: Price) -> str:
    """Return the price as it stands in a field: «5,00», without the currency."""
    major, decimals = _decimals(per_minute)
    return f"{major},{decimals}"


def _decimals(per_minute: Price) -> tuple[int, str]:
    major, micro = divmod(per_minute.micro, MICRO_PER_MAJOR)
    return major, f"{micro:06d}".rstrip("0").ljust(2, "0")


def _point() -> str:
    return "." if reader_language() == "en" else ","


def currency(code: str) -> str:
    """Return the word for a currency: «₽»."""
    return languages.currency(code, reader_language())


def phone(number: Msisdn | str) -> str:
    """Return the number grouped, unbreakable: «+7 495 123-45-67». Text is E.164 digits, none of who shows no number."""
    if not (number if isinstance(number, str) else number.digits):
        return _("номер скрыт")
    return _grouped(number.removeprefix("+") if isinstance(number, str) else number.digits)


@lru_cache(maxsize=1024)  # a statement of many lines names the same numbers again and again
def _grouped(digits: str) -> str:
    return Msisdn(digits).grouped.replace(" ", NBSP).replace("-", HYPHEN)


def masked(number: Msisdn | str) -> str:
    """Return the number as much as everybody at the desk may know: «+7 916 ***-**-67»."""
    msisdn = Msisdn(number.removeprefix("+")) if isinstance(number, str) else number
    if not msisdn.digits:
        return phone(msisdn)
    first, last = min(4, len(msisdn.digits) - 6), len(msisdn.digits) - 2
    signs, seen = "", 0
    for sign in phone(msisdn):
        signs += "*" if sign.isdigit() and first <= seen < last else sign
        seen += sign.isdigit()
    return signs


def party(other: Party) -> str:
    """Return another subscriber as much as one may know: «И. П., …67»."""
    return f"{other.initials}, …{other.tail}" if other.initials else f"…{other.tail}"


def country(region: str) -> str:
    """Return the name of a country (ISO 3166) in the reader's language; nothing where it has none."""
    return name_of(region, reader_language())


def country_of(number: Msisdn) -> str:
    """Return the name of a number's country in the reader's language; nothing where it has none."""
    return country(number.region or "")


def destination(of: Rate | TariffRow | ComingRate) -> str:
    """Return what a direction is called in the reader's language; nothing where the price list has no name for it."""
    match of:
        case Rate():
            prefix = of.prefix
        case TariffRow():
            prefix = next(iter(of.prefixes), "")
        case ComingRate():
            rate = of.now or of.then
            prefix = rate.prefix if rate else ""
    return direction(of.destination, prefix)


def direction(listed: str, prefix: str) -> str:
    """Return what a price list calls a direction, in the reader's language."""
    return directions.named(listed, prefix, reader_language())


def own_limit_words(key: str) -> str:
    """Return which calls a subscriber's own limit is about."""
    region = own_limit.country(key)
    if region is not None:
        return country(region) or region
    named = {DAY: _("все звонки"), CALL: _("один звонок"), MINUTES: _("длина одного звонка")}
    return named.get(key, _("остальные страны"))


def own_amount(key: str, amount: int | None) -> str:
    """Return a subscriber's own limit as it is typed: «500,00», minutes as a whole number, "" for none."""
    if amount is None:
        return ""
    major, minor = divmod(amount, MINOR_PER_MAJOR)
    return str(amount) if key == MINUTES else f"{major},{minor:02d}"


def countries() -> list[tuple[str, str]]:
    """Return all countries, each by its ISO 3166 letters and its name, in the order of names."""
    names = names_in(reader_language())
    return sorted(
        ((code, names[code]) for code in REGIONS if code in names), key=lambda each: languages.in_order(each[1])
    )


def when(moment: datetime) -> str:
    """Return the moment by the operator's clock: «20.11.2026 09:05», for readers of another zone «… по Москве»."""
    said = f"{moment.astimezone(OPERATOR_ZONE):%d.%m.%Y %H:%M}"
    return said if reader_home() not in ABROAD else _("%(at)s по Москве", at=said)


def moment(at: datetime) -> str:
    """Return the moment to the second, by the operator's clock: «20.11.2026 09:05:07»."""
    return f"{at.astimezone(OPERATOR_ZONE):%d.%m.%Y %H:%M:%S}"


def clock(moment: datetime) -> str:
    """Return the time of day by the reader's clock: «09:05», for readers of another zone «12:05 по Бишкеку»."""
    said = f"{moment.astimezone(ABROAD.get(reader_home(), OPERATOR_ZONE)):%H:%M}"
    match reader_home():
        case "KG":
            return _("%(at)s по Бишкеку", at=said)
        case "KZ":
            return _("%(at)s по Астане", at=said)
        case _:
            return said


def reader_language() -> str:
    """Return the language of the moment: of the page, or of the message that is said."""
    return catalogue().language


def reader_home() -> str:
    """Return the country of whoever reads the page, as ISO 3166 letters; nothing for strangers."""
    return str(g.get("reader_home", "")) if has_app_context() else ""


def month(day: date) -> str:
    """Return the month of a day as the reader's language names it: «ноябрь 2026 г.», «2026 ж. қараша»."""
    written = format_skeleton("yMMMM", day, locale=reader_language())
    return " ".join(written.split())  # its narrow no-break spaces are in no SMS and in few fonts


def whole(number: int) -> str:
    """Return a whole number as people write it: «561 167»."""
    return f"{number:,}".replace(",", NBSP)
