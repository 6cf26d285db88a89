"""A partner: from which addresses it may speak, and that its secrets stay inside."""

from ipaddress import ip_network

import pytest

from k5web.domain.money import rub
from k5web.domain.payments.partner import Partner


def partner(*allowed: str) -> Partner:
    networks = tuple(ip_network(text) for text in allowed)
    return Partner("net", "Сеть", "osmp", "RUB", rub("10.00"), rub("15000.00"), networks, ("id",), ("s3cr3t",))


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("192.0.2.1", True),
        ("192.0.2.127", True),
        ("192.0.2.128", False),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("::ffff:192.0.2.1", True),  # the same client, seen by a socket of IPv6
        ("::ffff:192.0.2.200", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("", False),
        ("unknown", False),
        ("192.0.2.1, 203.0.113.1", False),
        ("192.0.2.001", False),
    ],
)
def test_only_addresses_of_its_networks_speak_for_it(address: str, allowed: bool) -> None:
    assert partner("192.0.2.0/25", "198.51.100.7/32", "2001:db8::/32").allows(address) is allowed


def test_a_partner_without_networks_is_spoken_for_by_nobody() -> None:
    assert not partner().allows("127.0.0.1")


def test_secrets_are_not_shown() -> None:
    assert "s3cr3t" not in repr(partner("192.0.2.0/25"))
