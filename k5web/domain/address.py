"""Web addresses and networks: which are this machine's own, and which nobody on the Internet comes from."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

# Behind a proxy, in a container or a hall everybody seems to come from one of these: they prove nothing about a caller.
# Source: RFC 6890; the networks of documentation are left out, for examples are written with them
NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "::/127", "::ffff:0:0/96", "fc00::/7", "fe80::/10",
        ),
    )
)  # fmt: skip

# This machine, and what routers of homes and offices give out: whoever is there is in the room. What is merely never
# routed is no room: a carrier shares 100.64.0.0/10 among strangers, 240.0.0.0/4 and the networks of documentation are
# nobody's, 169.254.0.0/16 is what a machine takes where no router answers. Source: RFC 1918, RFC 4193
LOCAL = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"),
    )
)


def is_address(text: str) -> bool:
    """Return whether this is where somebody may come from, and no name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_web_address(text: str) -> bool:
    """Return whether this is an address like https://t.k5.ru, with nothing after a question mark."""
    try:
        parts = urlsplit(text)
        is_sound = parts.port != 0
    except ValueError:  # brackets of IPv6, a port that is none
        return False
    is_plain = not any(letter.isspace() or letter in "?#" for letter in text)
    is_plain = is_plain and not any(letter in "@\\%" for letter in parts.netloc)  # what stands before @ is no host
    return is_sound and is_plain and parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_own_machine(url: str) -> bool:
    """Return whether only this machine finds this web address: a name or an address of its loopback."""
    name = (urlsplit(url).hostname or "").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_loopback(name)


def is_loopback(text: str) -> bool:
    """Return whether this is an address by which a machine calls itself."""
    return is_address(text) and ip_address(text).is_loopback


def is_local(text: str | None) -> bool:
    """Return whether this is an address of this machine, or of the network in the room it stands in."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in LOCAL if network.version == address.version)


def not_public(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network | None:
    """Return the loopback or private network that this one reaches into, None where all of it is public."""
    return next((known for known in NOT_PUBLIC if known.version == network.version and known.overlaps(network)), None)


def coarse(address: str | None) -> str:
    """Return the network an address lies in: enough to recognise a place, too little to follow a person.

    ::ffff:192.0.2.7, as a socket for both kinds writes it, is 192.0.2.7: else all the world were one network.
    """
    return network_of(address, 24, 64)


def network_of(address: str | None, bits_of_4: int, bits_of_6: int) -> str:
    """Return the network of so many bits that an address lies in, nothing for what is no address."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network(f"{parsed}/{bits_of_4 if parsed.version == 4 else bits_of_6}", strict=False))


# Addresses of IPv6 that hold one of IPv4: who connects there may come out anywhere. Source: RFC 4291, 3056, 4380, 6052,
# 8215; and what Python takes for global though nobody's web server is there: RFC 7526, RFC 6890
_NO_SERVER = tuple(
    map(
        ip_network,
        (
            "::/96", "::ffff:0:0/96", "2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10",
            "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4",
        ),
    )
)  # fmt: skip


def is_reachable_by_all(text: str) -> bool:
    """Return whether this is an address of the Internet that a server of anybody may have."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.scope_id:
        return False
    is_strange = any(address in network for network in _NO_SERVER if network.version == address.version)
    return address.is_global and not address.is_multicast and not is_strange
