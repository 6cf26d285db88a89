"""Who may bring money: one partner of a payment connector, as the partners' file describes it."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Literal

from k5web.domain.money import Money

AccountType = Literal["id", "phone", "inn"]


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
