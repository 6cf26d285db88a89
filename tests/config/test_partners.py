"""The partners' file: each table becomes a connector; what is wrong stops the start and is named by file and line."""

import re
import secrets
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from app import demo_partners, open_ports
from k5web.cli.sandbox import _toml
from k5web.config.partners import SIMULATED
from k5web.config.settings import Settings
from k5web.domain.address import not_public
from k5web.errors import WrongSetting
from tests.fakes import connector as fake

ROOT = Path(__file__).parents[2]
DEPLOY = [path for path in (ROOT / "deploy").iterdir() if path.is_file()]
NOW = datetime(2026, 12, 1, tzinfo=UTC)
GOOD = """# who may pay
[[fake]]
code = "bank"
protocol = "plain"
allowed = ["127.0.0.1/32"]
secrets = ["env:K5_BANK_SECRET", "file:{folder}/secret"]

[[fake]]
code = "other"
protocol = "plain"
currency = "KGS"
"""


def settings(folder: Path, text: str, **environ: str) -> Settings:
    """Return settings with this partners' file."""
    (folder / "secret").write_text("kept in a file\n")
    path = folder / "partners.toml"
    path.write_text(text.replace("{folder}", str(folder)))
    given = {"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(folder), "K5_CONNECTORS": str(path)}
    return Settings.from_env(given | {"K5_BANK_SECRET": "kept in the environment"} | environ)


def test_each_table_is_a_connector_found_by_address_and_by_origin(tmp_path: Path) -> None:
    ports = open_ports(settings(tmp_path, GOOD), {"fake": fake.open_all})
    bank = ports.connectors.at("fake/bank")
    assert bank is not None
    assert bank is ports.connectors.of("fake:bank")
    assert bank.partner.secrets == ("kept in the environment", "kept in a file")
    assert [connector.partner.currency for connector in ports.connectors] == ["RUB", "KGS"]
    assert ports.connectors.at("fake/nobody") is ports.connectors.of("fake:nobody") is None


def test_no_secret_is_shown(tmp_path: Path) -> None:
    house = settings(tmp_path, GOOD)
    ports = open_ports(house, {"fake": fake.open_all})
    shown = f"{house!r} {house.partners!r} {[connector.partner for connector in ports.connectors]!r}"
    assert "kept in" not in shown


@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        ("[[fake]]", "[[nobody]]", 2, "there is no such connector"),
        ('currency = "KGS"', 'colour = "red"', 11, "colour: is not a key"),
        ('currency = "KGS"', 'currency = "USD"', 11, "'USD' is not one of"),
        ('code = "other"', 'code = "bank"', 9, "/hooks/fake/bank is another partner's"),
        ('code = "other"', "", 8, "code: must be set"),
        ("env:K5_BANK_SECRET", "env:K5_ABSENT", 6, "K5_ABSENT is not set"),
        ("{folder}/secret", "{folder}/absent", 6, "cannot be read"),
        ("[[fake]]", "[fake]", 2, "fake: write [[fake]], with two brackets"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, was: str, becomes: str, line: int, said: str) -> None:
    text = GOOD.replace(was, becomes, 1)
    if becomes == "[fake]":
        text = text.partition("\n\n")[0]
    with pytest.raises(WrongSetting) as refusal:
        open_ports(settings(tmp_path, text), {"fake": fake.open_all})
    assert f"partners.toml:{line}: " in str(refusal.value)
    assert said in str(refusal.value)


def test_a_file_that_is_no_toml_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"partners\.toml"):
        settings(tmp_path, "[[fake")


def test_without_the_setting_nobody_may_pay(tmp_path: Path) -> None:
    house = Settings.from_env({"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)})
    assert list(open_ports(house).connectors) == []


def test_a_name_that_only_looks_like_a_setting_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="K5_OTHER_SECRET"):
        settings(tmp_path, GOOD, K5_OTHER_SECRET="unused")


# A stranger speaks for nobody (D1)

PUBLIC = {"K5_PUBLIC_URL": "https://t.k5.example", "K5_SECRET_KEY": "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA"}
SECRET = "Q7x2mK9pW4"
HOST, SECRETS = 'base_url = "https://api.example"', f'secrets = ["{SECRET}"]'
BY_ADDRESS = 'authentication = "address"'
KEYS = {  # of a table, beside code, protocol and allowed
    "osmp": ['authentication = "md5"', SECRETS],
    "osmp by address": [BY_ADDRESS],
    "bill": [HOST, 'site = "k5"', f'api_key = "{SECRET}"', SECRETS],
    "payin": [HOST, 'site = "k5"', f'api_key = "{SECRET}"', SECRETS],
    "pull": [HOST, 'site = "k5"', 'login = "k5"', f'password = "{SECRET}"', SECRETS],
    "osmp4": ['currency = "KGS"', 'login = "k5"', 'service = "1"', SECRETS],
    "k5json": ['currency = "KGS"', SECRETS],
    "k5json by address": ['currency = "KGS"', BY_ADDRESS],
    "merchant": [HOST, 'currency = "KGS"', f'password = "{SECRET}"', 'partner_code = "1"', 'msisdn = "0555000001"'],
    "rbs": [HOST, 'user = "k5"', f'password = "{SECRET}"', 'path = "aB3dE5fG7hJ9kL1mN"'],
}
SAFE = {
    name: "\n".join(['code = "a"', f'protocol = "{name.split()[0]}"', 'allowed = ["79.142.16.0/20"]', *keys, ""])
    for name, keys in KEYS.items()
}
FOLDERS = {"osmp4": "elsom", "k5json": "elsom", "merchant": "elsom", "rbs": "cards"}
INSIDE = ["127.0.0.1/32", "127.8.8.8", "10.0.0.0/8", "192.168.1.5", "172.17.0.1", "::1/128", "fd00::/8", "0.0.0.0/0"]


def opened(folder: Path, name: str, table: str, **environ: str) -> list[str]:
    """Start a public house with this one table."""
    return origins(folder, f"[[{FOLDERS.get(name.split()[0], 'qiwi')}]]\n{table}", **environ)


def origins(folder: Path, text: str, **environ: str) -> list[str]:
    """Start a public house with this file."""
    path = folder / "partners.toml"
    path.write_text(text)
    house = Settings.from_env({"K5_VAR": str(folder), "K5_CONNECTORS": str(path)} | PUBLIC | environ)
    return [connector.origin for connector in open_ports(house).connectors]


@pytest.mark.parametrize("name", SAFE)
def test_a_partner_with_a_secret_and_public_addresses_is_taken(tmp_path: Path, name: str) -> None:
    assert len(opened(tmp_path, name, SAFE[name], K5_TRUSTED_PROXIES="1")) == 1


@pytest.mark.parametrize("network", INSIDE)
@pytest.mark.parametrize("name", SAFE)
def test_nobody_speaks_for_a_partner_from_an_address_that_everybody_has_behind_a_proxy(
    tmp_path: Path, name: str, network: str
) -> None:
    table = SAFE[name].replace('"79.142.16.0/20"', f'"79.142.16.0/20", "{network}"')
    with pytest.raises(WrongSetting, match=r"allowed: .* reaches into .* name the provider's own public addresses"):
        opened(tmp_path, name, table)
    assert opened(tmp_path, name, table, K5_PUBLIC_URL="http://127.0.0.1:8000")  # as ./run


@pytest.mark.parametrize(
    "table",
    [
        SAFE["osmp by address"].replace(BY_ADDRESS, ""),
        SAFE["osmp by address"].replace('"address"', '"none"'),
        SAFE["osmp by address"].replace('"address"', '"none"\nsecrets = []'),
    ],
)
def test_a_partner_without_a_secret_says_so_or_is_refused(tmp_path: Path, table: str) -> None:
    with pytest.raises(WrongSetting, match=r'secrets: there is none.*write authentication = "address"'):
        opened(tmp_path, "osmp", table)
    assert opened(tmp_path, "osmp", table, K5_PUBLIC_URL="http://localhost:8000")


def test_an_unsigned_wallet_says_so_or_is_refused(tmp_path: Path) -> None:
    unsigned = SAFE["k5json by address"].replace('authentication = "address"', "signed = false")
    with pytest.raises(WrongSetting, match="secrets: there is none"):
        opened(tmp_path, "k5json", unsigned)
    with pytest.raises(WrongSetting, match="authentication: address goes with signed = false"):
        opened(tmp_path, "k5json", SAFE["k5json by address"] + "signed = true\n")


@pytest.mark.parametrize("weak", ["x", "CHANGE-ME", "aaaaaaaaaaaa", "passw0rd", "12345678"])
@pytest.mark.parametrize("name", [name for name in SAFE if SECRET in SAFE[name]])
def test_a_secret_that_anybody_guesses_is_refused(tmp_path: Path, name: str, weak: str) -> None:
    """S24."""
    with pytest.raises(WrongSetting, match="a secret is") as refusal:
        opened(tmp_path, name, SAFE[name].replace(SECRET, weak))
    assert f" {weak}" not in str(refusal.value)


def test_the_partners_that_run_made_for_itself_serve_a_phone_in_the_room(tmp_path: Path) -> None:
    tables = demo_partners("http://127.0.0.1:8090", lambda: secrets.token_urlsafe(24))
    text = f"{SIMULATED}http://127.0.0.1:8090: cards, elsom, qiwi\n{_toml(tables)}"
    assert len(origins(tmp_path, text, K5_PUBLIC_URL="http://192.168.1.5:8000")) == 6
    for elsewhere in ("https://t.k5.example", "https://192.168.1.5", "http://t.k5.example", "http://5.9.1.2:8000"):
        with pytest.raises(WrongSetting, match="allowed"):
            origins(tmp_path, text, K5_PUBLIC_URL=elsewhere)
    with pytest.raises(WrongSetting, match="allowed"):  # tables of one's own are not
        origins(tmp_path, text.partition("\n")[2], K5_PUBLIC_URL="http://192.168.1.5:8000")


def test_every_example_shows_public_addresses() -> None:
    """Examples are copied: each shows the safe form."""
    found = 0
    for path in [*ROOT.glob("docs/*.md"), *ROOT.glob("connectors/*/README.md"), ROOT / "README.md", *DEPLOY]:
        for networks in re.findall(r"^#?\s*allowed = \[(.*?)\]", path.read_text("utf-8"), re.MULTILINE):
            found += 1
            for network in re.findall(r'"([^"]+)"', networks):
                assert not_public(ip_network(network)) is None, path
    assert found
