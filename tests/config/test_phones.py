"""Where the page about a phone sends it."""

import pytest

from k5web.config import phones
from k5web.config.phones import SipServer
from k5web.config.settings import Settings
from k5web.errors import WrongSetting


def test_phones_register_at_the_host_of_the_pages_unless_it_is_said() -> None:
    assert phones.read({}, "https://t.k5.example") == SipServer("t.k5.example", 5071, 5072)
    said = {"K5_SIP_HOST": "sip.k5.example", "K5_SIP_PORT": "5062", "K5_SIP_TLS_PORT": "5063"}
    assert phones.read(said, "https://t.k5.example") == SipServer("sip.k5.example", 5062, 5063)
    settings = Settings.from_env(said | {"K5_SECRET_KEY": "s" * 40})
    assert settings.sip_server.host == "sip.k5.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("K5_SIP_HOST", "sip k5"),
        ("K5_SIP_HOST", "sip:k5.example"),
        ("K5_SIP_HOST", "-k5"),
        ("K5_SIP_PORT", "0"),
        ("K5_SIP_PORT", "udp"),
        ("K5_SIP_TLS_PORT", "65536"),
    ],
)
def test_a_wrong_one_is_named(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name):
        phones.read({name: value}, "https://t.k5.example")
