"""K5_FRAUD_ALARMS: from how much on each sign of fraud wakes a person, as `velocity=10, risk=150.00`."""

from dataclasses import replace

from k5web.domain.calls.fraud import STANDARD_TERMS, AlarmTerms
from k5web.domain.money import Money
from k5web.errors import WrongMoney, WrongSetting

NAME = "K5_FRAUD_ALARMS"
_COUNTS = ("velocity", "night", "weekend", "short", "first_day")
_MOST = 100_000  # calls


def read(text: str) -> AlarmTerms:
    """Return the standard terms with those that the setting names; 0 puts a sign out. Raises: WrongSetting."""
    terms = STANDARD_TERMS
    for part in (part.strip() for part in text.split(",") if part.strip()):
        name, _, value = part.partition("=")
        if name == "risk":
            terms = replace(terms, risk_minor=_sum(part, value))
        elif name in _COUNTS and value.isascii() and value.isdigit() and int(value) <= _MOST:
            terms = replace(terms, **{name: int(value)})
        else:
            raise WrongSetting(name=NAME, reason=f"'{part}' is not like {', '.join(_COUNTS)}=10 or risk=150.00")
    return terms


def _sum(part: str, value: str) -> int:
    try:
        return Money.parse(value).minor
    except WrongMoney as error:
        raise WrongSetting(name=NAME, reason=f"'{part}': {error}") from error
