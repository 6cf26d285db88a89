"""Who may bring money: one partner of a payment connector, as the partners' file describes it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal, cast, get_args

from k5web.domain.money import CURRENCIES, Money
from k5web.errors import WrongMoney, WrongPartner

AccountType = Literal["id", "phone", "inn"]

# Keys that every protocol's table may have; each protocol names its own beside them
COMMON = frozenset(
    {"code", "title", "protocol", "currency", "minimum", "maximum", "allowed", "account_types", "secrets", "is_open"}
)

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Partner:
    """What every protocol's partner has. Secrets are kept out of `repr`."""

    code: str
    title: str  # for people: "Оптима Банк"
    protocol: str
    currency: str
    minimum: Money
    maximum: Money
    allowed: tuple[IPv4Network | IPv6Network, ...]  # who may call; empty: nobody
    account_types: tuple[AccountType, ...]
    secrets: tuple[str, ...] = field(repr=False)  # newest first; two at a time while they are changed
    is_open: bool = True  # False: payments are refused for now; known ones still get their first answer

    def allows(self, address: str) -> bool:
        """Return whether this client address may speak for the partner; IPv4 within IPv6 is IPv4."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        client = getattr(found, "ipv4_mapped", None) or found
        return any(client in network for network in self.allowed)


class Table:
    """One partner's table of the file, its secrets resolved; every key must be known, every value of its kind."""

    def __init__(self, values: Mapping[str, object], known: Collection[str]) -> None:
        """`known`: the protocol's keys beside the common ones. Raises: WrongPartner."""
        self._values = values
        for key in values:
            if key not in COMMON and key not in known:
                raise WrongPartner(key=key, reason=f"is not a key of protocol {values.get('protocol', '?')}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text. Raises: WrongPartner where it is missing without a default, or no text."""
        value = self._values.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise WrongPartner(key=key, reason="must be a text in quotes" if key in self._values else "is missing")
        return value

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """Return one of a few words. Raises: WrongPartner."""
        value = self.text(key, default)
        if value not in choices:
            raise WrongPartner(key=key, reason=f"'{value}' is not one of {', '.join(sorted(choices))}")
        return value

    def texts(self, key: str, default: Collection[str] = ()) -> tuple[str, ...]:
        """Return a list of texts. Raises: WrongPartner."""
        value = self._values.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise WrongPartner(key=key, reason="must be a list of texts")
        return tuple(value)

    def truth(self, key: str, default: bool) -> bool:
        """Return true or false. Raises: WrongPartner."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise WrongPartner(key=key, reason="must be true or false")
        return value

    def whole(self, key: str, default: int) -> int:
        """Return a whole number. Raises: WrongPartner."""
        value = self._values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise WrongPartner(key=key, reason="must be a whole number")
        return value

    def address(self, key: str) -> str:
        """Return a web address without its last slash. Raises: WrongPartner."""
        value = self.text(key).rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise WrongPartner(key=key, reason=f"'{value}' is not a web address")
        return value

    def names(self, key: str, default: Mapping[str, str]) -> Mapping[str, str]:
        """Return a table of texts laid over the default. Raises: WrongPartner for a name the default lacks."""
        value = self._values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise WrongPartner(key=key, reason="must be a table of texts")
        unknown = sorted(set(value) - set(default))
        if unknown:
            raise WrongPartner(key=f"{key}.{unknown[0]}", reason="is not a known name")
        return dict(default) | value

    def partner(self, protocols: Collection[str]) -> Partner:
        """Return what every partner has. Raises: WrongPartner naming the key."""
        code = self.text("code")
        if not _CODE.fullmatch(code):
            raise WrongPartner(key="code", reason=f"'{code}': small letters, digits and '-' only")
        currency = self.choice("currency", CURRENCIES, "RUB")
        return Partner(
            code=code,
            title=self.text("title", code),
            protocol=self.choice("protocol", protocols),
            currency=currency,
            minimum=self._sum("minimum", "10.00", currency),
            maximum=self._sum("maximum", "15000.00", currency),
            allowed=tuple(self._network(text) for text in self.texts("allowed")),
            account_types=tuple(self._account_type(text) for text in self.texts("account_types", ("id", "phone"))),
            secrets=self.texts("secrets"),
            is_open=self.truth("is_open", True),
        )

    def _sum(self, key: str, default: str, currency: str) -> Money:
        try:
            return Money.parse(self.text(key, default), currency)
        except WrongMoney as error:
            raise WrongPartner(key=key, reason=str(error)) from error

    def _network(self, text: str) -> IPv4Network | IPv6Network:
        try:
            return ip_network(text)
        except ValueError as error:
            raise WrongPartner(key="allowed", reason=str(error)) from error

    def _account_type(self, text: str) -> AccountType:
        if text not in get_args(AccountType):
            raise WrongPartner(key="account_types", reason=f"'{text}' is not one of {', '.join(get_args(AccountType))}")
        return cast(AccountType, text)
