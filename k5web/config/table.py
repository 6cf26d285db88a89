"""One table of an operator's file: every key must be known, and every value of its kind.

Written by hand, and not with a library of schemas: what is wrong must be said in words that tell an operator what to
write, and the keys of a partner depend on its protocol.
"""

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, cast, get_args

from k5web.domain.address import is_web_address
from k5web.domain.money import CURRENCIES, Money
from k5web.domain.payments.partner import AccountType, Partner
from k5web.errors import WrongKey, WrongMoney

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}", re.ASCII)


class Table:
    """The values of a table by key, its secrets resolved. Every method raises WrongKey for a wrong value."""

    def __init__(self, values: Mapping[str, object], known: Collection[str], kind: str) -> None:
        """`kind` names what the table describes, for people. Raises: WrongKey for a key that is not known."""
        self._values = values
        for key in values:
            if key not in known:
                reason = f"is not a key of {kind}; there are: {', '.join(sorted(known))}"
                raise WrongKey(key=key, reason=reason)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, default: str | None = None, shape: re.Pattern[str] | None = None) -> str:
        """Return a text, of a shape where one is given; it must be there where there is no default."""
        value = self._values.get(key, default)
        if value is None or (value == "" and default is None):
            raise WrongKey(key=key, reason="must be set")
        if not isinstance(value, str):
            raise WrongKey(key=key, reason="must be text in quotes")
        if shape is not None and not shape.fullmatch(value):
            raise WrongKey(key=key, reason=f"cannot be '{value}'")
        return value

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """Return one of a few words."""
        value = self.text(key, default)
        if value not in choices:
            raise WrongKey(key=key, reason=f"'{value}' is not one of {', '.join(sorted(choices))}")
        return value

    def texts(
        self, key: str, default: Collection[str] = (), shape: re.Pattern[str] | None = None, like: str = ""
    ) -> tuple[str, ...]:
        """Return a list of texts, each of a shape where one is given; `like` says it in words: " of digits"."""
        value = self._values.get(key, list(default))
        if not isinstance(value, list) or not all(
            isinstance(item, str) and (shape is None or shape.fullmatch(item)) for item in value
        ):
            raise WrongKey(key=key, reason=f"must be a list of texts{like}")
        return tuple(value)

    def truth(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise WrongKey(key=key, reason="must be true or false")
        return value

    def whole(self, key: str, default: int | None = None, least: int | None = None, most: int | None = None) -> int:
        """Return a whole number, within limits where they are given."""
        value = self._values.get(key, default)
        within = "" if least is None or most is None else f" from {least} to {most}"
        if type(value) is not int or (least is not None and most is not None and not least <= value <= most):
            raise WrongKey(key=key, reason=f"must be a whole number{within}")
        return value

    def sum(self, key: str, default: str | None = None, currency: str = "RUB") -> Money:
        """Return a sum of money like "500.00"."""
        try:
            return Money.parse(self.text(key, default), currency)
        except WrongMoney as error:
            raise WrongKey(key=key, reason=str(error)) from error

    def address(self, key: str) -> str:
        """Return a web address without its last slash."""
        value = self.text(key).rstrip("/")
        if not is_web_address(value):
            raise WrongKey(key=key, reason=f"'{value}' is not a web address like https://pay.example/api")
        return value

    def names(self, key: str, default: Mapping[str, str]) -> Mapping[str, str]:
        """Return a table of texts laid over the default, which has all the names there are."""
        value = self._values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise WrongKey(key=key, reason="must be a table of texts")
        unknown = sorted(set(value) - set(default))
        if unknown:
            raise WrongKey(key=f"{key}.{unknown[0]}", reason="is not a known name")
        return dict(default) | value


class PartnerTable(Table):
    """One partner's table: the keys that every protocol has, and its protocol's own beside them."""

    COMMON: Final = frozenset(
        {"code", "title", "protocol", "currency", "minimum", "maximum", "allowed", "account_types", "secrets"}
        | {"is_open"}
    )

    def __init__(self, values: Mapping[str, object], known: Collection[str]) -> None:
        """`known`: the protocol's own keys. Raises: WrongKey."""
        super().__init__(values, self.COMMON | set(known), f"protocol {values.get('protocol', '?')}")

    def partner(self, protocols: Collection[str]) -> Partner:
        """Return what every partner has. Raises: WrongKey."""
        code = self.text("code")
        if not _CODE.fullmatch(code):
            raise WrongKey(key="code", reason=f"'{code}': small letters, digits and '-' only")
        currency = self.choice("currency", CURRENCIES, "RUB")
        return Partner(
            code=code,
            title=self.text("title", code),
            protocol=self.choice("protocol", protocols),
            currency=currency,
            minimum=self.sum("minimum", "10.00", currency),
            maximum=self.sum("maximum", "15000.00", currency),
            allowed=tuple(_network(text) for text in self.texts("allowed")),
            account_types=tuple(_account_type(text) for text in self.texts("account_types", ("id", "phone"))),
            secrets=self.texts("secrets"),
            is_open=self.truth("is_open", True),
        )


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise WrongKey(key="allowed", reason=str(error)) from error


def _account_type(text: str) -> AccountType:
    if text not in get_args(AccountType):
        raise WrongKey(key="account_types", reason=f"'{text}' is not one of {', '.join(get_args(AccountType))}")
    return cast(AccountType, text)
