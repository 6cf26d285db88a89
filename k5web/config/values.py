"""Readers of single values of the environment; a wrong one is named with what to write."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final
from urllib.parse import urlsplit

from k5web.domain.address import is_web_address
from k5web.domain.money import Money
from k5web.errors import WrongMoney, WrongSetting

MAKE_ONE: Final = 'make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


LOOPBACK: Final = "127.0.0.0/8,::1"

Network = IPv4Network | IPv6Network


def networks(values: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Return who may call, by their networks; this machine alone where nothing is said. Raises: WrongSetting."""
    try:
        return tuple(ip_network(part.strip()) for part in values.get(name, LOOPBACK).split(",") if part.strip())
    except ValueError as error:
        raise WrongSetting(name=name, reason=f"{error}: write addresses like 127.0.0.1") from error


def web_address(values: Mapping[str, str], name: str, default: str) -> str:
    """Return an address like https://t.k5.ru, its host in small letters. Raises: WrongSetting."""
    address = values.get(name, default).strip().rstrip("/")
    if not is_web_address(address):
        raise WrongSetting(name=name, reason=f"'{address}' is not a web address like https://t.k5.ru")
    parts = urlsplit(address)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()


def whole(values: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return a whole number within its bounds. Raises: WrongSetting."""
    text = values.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise WrongSetting(name=name, reason=f"'{text}' is not a whole number from {least} to {most}")
    return int(text)


def is_on(values: Mapping[str, str], name: str) -> bool:
    """Return whether it says on; nothing is off. Raises: WrongSetting."""
    text = values.get(name, "off")
    if text not in {"on", "off"}:
        raise WrongSetting(name=name, reason=f"'{text}' is neither on nor off")
    return text == "on"


def sum_of_money(values: Mapping[str, str], name: str, default: Money) -> Money:
    """Return a sum written like 500.00. Raises: WrongSetting."""
    text = values.get(name, str(default))
    try:
        return Money.parse(text)
    except WrongMoney as error:
        raise WrongSetting(name=name, reason=str(error)) from error


def path_secret(values: Mapping[str, str], name: str) -> str:
    """Return the secret last part of an address, long enough that nobody guesses it."""
    text = values.get(name, "")
    if text and not re.fullmatch(r"[A-Za-z0-9_-]{24,100}", text, re.ASCII):
        raise WrongSetting(name=name, reason=f"must be 24 to 100 letters, digits, '-' and '_'; {MAKE_ONE}")
    return text


def name_of_person(values: Mapping[str, str], name: str) -> str:
    """Return a name like a.ivanova, empty where there is none. Raises: WrongSetting."""
    text = values.get(name, "")
    if text and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,39}", text, re.ASCII):
        raise WrongSetting(name=name, reason=f"'{text}' is not a name like a.ivanova: small letters, digits, . _ -")
    return text


def numbers(values: Mapping[str, str], name: str, most: int = 1000) -> tuple[str, ...]:
    """Return telephone numbers, comma separated, as their digits."""
    found = [part.strip().removeprefix("+") for part in values.get(name, "").split(",") if part.strip()]
    wrong = [digits for digits in found if not re.fullmatch(r"[1-9][0-9]{6,14}", digits, re.ASCII)]
    if wrong:
        raise WrongSetting(name=name, reason=f"'{wrong[0]}' is not a number like +74951110001")
    if len(found) > most:
        raise WrongSetting(name=name, reason=f"must be {most} like +74951110001, not {len(found)}")
    return tuple(dict.fromkeys(found))
