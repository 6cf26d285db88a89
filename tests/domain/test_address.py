"""Which addresses are this machine's own, and which networks nobody of the Internet comes from."""

from ipaddress import ip_network

import pytest

from k5web.domain.address import is_local, is_own_machine, is_reachable_by_all, is_web_address, not_public


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost", "https://LOCALHOST:1", "http://[::1]:8000", "http://127.8.8.8",
            "http://k5.localhost:8000", "http://localhost."]
)  # fmt: skip
def test_only_this_machine_finds_its_own_addresses(url: str) -> None:
    assert is_own_machine(url)


@pytest.mark.parametrize(
    "url", ["https://t.k5.ru", "http://192.168.1.5:8000", "http://0.0.0.0:8000", "http://localhost.evil.example",
            "http://127.0.0.1.evil.example", "http://[2001:db8::1]", "http://10.0.0.1", ""]
)  # fmt: skip
def test_others_find_the_rest(url: str) -> None:
    assert not is_own_machine(url)


@pytest.mark.parametrize(
    "network", ["127.0.0.1/32", "127.8.8.8", "10.0.0.0/8", "10.1.2.3", "172.17.0.2", "192.168.0.0/16", "169.254.1.1",
                "100.64.0.1", "0.0.0.0/0", "126.0.0.0/7", "::1", "::/0", "fd00::1", "fe80::/64", "::ffff:127.0.0.1"]
)  # fmt: skip
def test_a_network_that_reaches_into_a_private_one_is_found(network: str) -> None:
    assert not_public(ip_network(network))


@pytest.mark.parametrize(
    "text", ["10.0.0.7", "172.31.0.1", "192.168.1.5", "127.0.0.1", "::1", "fd00::1", "fe80::1", "::ffff:10.0.0.7"]
)
def test_a_room_is_the_networks_that_routers_give_out(text: str) -> None:
    assert is_local(text)


@pytest.mark.parametrize(
    "text", ["100.64.0.1", "240.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "169.254.1.1",
             "0.0.0.0", "255.255.255.255", "172.32.0.1", "2001:db8::1", "::", "::ffff:8.8.8.8", "8.8.8.8", "k5", None]
)  # fmt: skip
def test_what_is_merely_not_routed_is_no_room(text: str | None) -> None:
    assert not is_local(text)


@pytest.mark.parametrize("network", ["79.142.16.0/20", "8.8.8.8", "192.0.2.0/24", "172.32.0.0/16", "2a00:1450::/32"])
def test_a_public_network_is_none_of_them(network: str) -> None:
    assert not_public(ip_network(network)) is None


@pytest.mark.parametrize(
    "text", ["https://t.k5.ru", "http://127.0.0.1:8089/ari", "http://[::1]:8000/a/b", "HTTPS://x.y"]
)
def test_a_web_address_says_where_to_ask(text: str) -> None:
    assert is_web_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "t.k5.ru", "ftp://t.k5.ru", "https://", "https://:80", "https://x:0", "https://x:99999", "http://[bad",
     "https://x/?a=1", "https://x/?", "https://x/#a", "https://x y/", "https://x/\n"],
)  # fmt: skip
def test_what_nobody_could_be_asked_at_is_no_web_address(text: str) -> None:
    assert not is_web_address(text)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
                "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1",
                "198.18.0.1", "198.51.100.7", "203.0.113.7", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
                "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "fe80::1",
                "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1",
                "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2606:4700::1%eth0", "localhost", "",
                "8.8.8", "0177.0.0.1", "2130706433"]
)  # fmt: skip
def test_no_stranger_is_met_there(address: str) -> None:
    """S15: loopback, private, link-local, multicast, shared and documentation networks, IPv4 hidden in IPv6."""
    assert not is_reachable_by_all(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "77.88.8.8", "100.128.0.1", "2a02:6b8::feed:ff", "2606:4700:4700::1111"]
)
def test_everybody_is_met_there(address: str) -> None:
    assert is_reachable_by_all(address)
