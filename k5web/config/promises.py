"""The file of promised payments: how much, for how long, to whom; one TOML file, checked at start."""

from typing import Final

from k5web.config import toml
from k5web.config.table import Table
from k5web.domain.books.promised_payment import LEAST_MINOR, PromiseTerms
from k5web.domain.money import Money
from k5web.errors import WrongKey

SETTING: Final = "K5_PROMISE"
KEYS: Final = frozenset({"most", "days", "account_days", "paid_in", "fee"})
LONGEST_DAYS, OLDEST_DAYS = 31, 3650


def read(path: str) -> PromiseTerms | None:
    """Return the terms of this file; no path, no promises. Raises: WrongSetting naming file, line and key."""
    if not path:
        return None
    file = toml.read(SETTING, path)
    with file.place.named():
        table = Table(file.values, KEYS, "promised payments")
        most, fee = table.sum("most"), table.sum("fee", "0.00")
        if most.minor < LEAST_MINOR:
            raise WrongKey(key="most", reason=f"must be {Money(LEAST_MINOR)} or more")
        if fee.minor >= LEAST_MINOR:
            raise WrongKey(key="fee", reason=f"must be less than {Money(LEAST_MINOR)}, the smallest promise")
        return PromiseTerms(
            most=most,
            days=table.whole("days", least=1, most=LONGEST_DAYS),
            account_days=table.whole("account_days", 90, 0, OLDEST_DAYS),
            paid_in=table.sum("paid_in", "0.00"),
            fee=fee,
        )
