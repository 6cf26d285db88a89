"""How risky a call is, and how much of it an account may have: what fraud lives on is closed or has a small limit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from k5web.domain.money import MICRO_PER_MAJOR, MICRO_PER_MINOR, Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote, Rate
from k5web.errors import DailyLimit, FirstDayLimit, K5Error, OwnLimitReached


class Risk(StrEnum):
    """Kinds of directions, as orders keep them and staff names them."""

    ORDINARY = "ordinary"
    COSTLY = "costly"
    SATELLITE = "satellite"
    PREMIUM = "premium"
    SHORT = "short"
    EMERGENCY = "emergency"
    OWN = "own"


CLOSED = (Risk.SATELLITE, Risk.PREMIUM, Risk.SHORT)  # until they are opened for an account

LEAST_PREFIX, LONGEST_PREFIX = 2, 15  # digits: one digit would be a continent, no number is longer
COSTLY_FROM_MICRO = 10 * MICRO_PER_MAJOR  # a minute of both legs: five times what the leaflet's calls cost

# Inmarsat 870 and its former ocean codes, 881-883 satellite and global networks, 878 and 888 of no country;
# 7954 is Russia's code for satellite terminals. Source: ITU-T E.164 list of assigned codes; the price list's 954 rows
_SATELLITE = ("870", "871", "872", "873", "874", "878", "881", "882", "883", "888", "7954")
_PREMIUM = ("808", "979")  # the world's shared cost and premium rate codes

# How price lists name them. A row that also names mobile numbers tells nothing: there the numbering data decide
_SATELLITE_WORDS = ("спутник", "satellite", "иридиум", "iridium", "глобалтел", "globalstar", "inmarsat", "thuraya")
_PREMIUM_WORDS = ("платные услуги", "с разделённой оплатой", "премиум", "premium")
_MOBILE_WORD = "моб"


@dataclass(frozen=True, slots=True)
class SafetyLimits:
    """What one account may do. Units: `_minor` of the account's currency; days are the operator's."""

    daily_minor: int = 1000_00  # all calls of a day
    costly_minor: int = 300_00  # of these, the ones that are not ordinary
    first_day_minor: int = 300_00  # all calls within FIRST_DAY of the first money
    unanswered_an_hour: int = 5  # calls to one number that did not answer


FIRST_DAY = timedelta(hours=24)
UNANSWERED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit and what of it is used: charged, or held for calls under way."""

    limit: Money
    used: Money
    key: str = ""  # of a limit that the subscriber set

    @property
    def left(self) -> Money:
        """What a new call may still hold."""
        return max(self.limit - self.used, Money(0, self.limit.currency))


@dataclass(frozen=True, slots=True)
class Ceilings:
    """All limits of an account at one moment."""

    daily: Ceiling
    costly: Ceiling
    first_day: Ceiling | None  # None: the first day is over
    first_day_until: datetime
    own: tuple[Ceiling, ...] = ()  # what the subscriber set, that this call is about
    most_minutes: int | None = None  # of one call, as the subscriber set

    def check_country(self, needed: Money) -> None:
        """Refuse a country that the subscriber closed: not even a gift is talked away there."""
        closed = next((each for each in self.own if each.key.startswith("to:") and not each.limit.minor), None)
        if closed is not None:
            raise _own_limit(closed, needed)

    def tightest(self, risk: Risk) -> Ceiling:
        """Return the one that leaves least for a call of this risk."""
        costly = [] if risk is Risk.ORDINARY else [self.costly]
        first_day = [self.first_day] if self.first_day else []
        return min((self.daily, *costly, *first_day, *self.own), key=lambda ceiling: ceiling.left.minor)

    def refusal(self, risk: Risk, needed: Money) -> K5Error:
        """Return why a call of this risk, that needs so much, is not let through; for the caller to raise."""
        ceiling = self.tightest(risk)
        if ceiling.key:
            return _own_limit(ceiling, needed)
        if ceiling is self.first_day:
            return FirstDayLimit(most=ceiling.limit, left=ceiling.left, needed=needed, until=self.first_day_until)
        is_costly = ceiling is self.costly
        return DailyLimit(most=ceiling.limit, left=ceiling.left, needed=needed, is_costly=is_costly)


def _own_limit(ceiling: Ceiling, needed: Money) -> OwnLimitReached:
    return OwnLimitReached(key=ceiling.key, most=ceiling.limit, left=ceiling.left, needed=needed)


def leg_risk(number: str, rate: Rate, own_numbers: Collection[str]) -> Risk:
    """Return what kind of direction these E.164 digits are; price is not looked at. `own_numbers` are prefixes."""
    msisdn = Msisdn(number)
    if number.startswith(tuple(own_numbers)):
        return Risk.OWN
    if msisdn.is_emergency:
        return Risk.EMERGENCY
    title = rate.destination.lower()
    named = "" if _MOBILE_WORD in title else title
    if number.startswith(_SATELLITE) or any(word in named for word in _SATELLITE_WORDS):
        return Risk.SATELLITE
    if number.startswith(_PREMIUM) or msisdn.is_premium or any(word in named for word in _PREMIUM_WORDS):
        return Risk.PREMIUM
    return Risk.SHORT if msisdn.is_short else Risk.ORDINARY


def call_risk(quote: Quote, legs: Sequence[Risk]) -> Risk:
    """Return the kind a whole call is counted as: that of its first leg that is risky; else costly by its price or by
    a number of no known range, which is how a dear range hides under a cheap prefix."""
    risky = next((risk for risk in legs if risk is not Risk.ORDINARY), None)
    if risky is not None:
        return risky
    is_dear = quote.first_minute.minor * MICRO_PER_MINOR >= COSTLY_FROM_MICRO
    return Risk.COSTLY if is_dear or Msisdn(quote.b_number).looks_wrong else Risk.ORDINARY


def is_direction(text: str) -> bool:
    """Return whether this names something that can be opened: a closed kind, or a prefix."""
    return text in CLOSED or (text.isascii() and text.isdigit() and LEAST_PREFIX <= len(text) <= LONGEST_PREFIX)


def is_open(risk: Risk, number: str, opened: Collection[str]) -> bool:
    """Return whether what staff opened, kinds and prefixes, lets this number be called."""
    return risk in opened or any(number.startswith(prefix) for prefix in opened if prefix.isdigit())
