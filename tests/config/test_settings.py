"""Settings: where each comes from, and which goes first."""

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from k5web.config.settings import Settings
from k5web.domain.money import rub
from k5web.errors import WrongSetting

GIVEN, KEPT = "g" * 40, "k" * 40


def test_the_key_that_run_made_is_found_where_none_is_given(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{KEPT}\n")
    assert Settings.from_env({"K5_VAR": str(tmp_path)}).secret_keys == (KEPT,)
    assert Settings.from_env({"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}).secret_keys == (GIVEN,)


@pytest.mark.parametrize("kept", [None, "", "short"])
def test_without_a_key_that_is_good_nothing_starts(tmp_path: Path, kept: str | None) -> None:
    if kept is not None:
        (tmp_path / "secret").write_text(kept)
    with pytest.raises(WrongSetting, match=r"^K5_SECRET_KEY: "):
        Settings.from_env({"K5_VAR": str(tmp_path)})


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    with pytest.raises(WrongSetting, match=r"^K5_SECRET_KEY: is not set, and .* cannot be read"):
        Settings.from_env({"K5_VAR": str(tmp_path)})


def test_no_call_goes_to_our_own_lines_nor_to_the_number_both_phones_see(tmp_path: Path) -> None:
    """S20."""
    given = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN, "K5_CALLER_ID": "74957777777"}
    assert Settings.from_env(given).own_numbers == ("74957777777", "79037976171")
    lines = {"K5_OWN_NUMBERS": "+74951234500, 749512346,", "K5_ACCESS_NUMBERS": "74950000001"}
    lines["K5_SMS_LONG"] = "+79030000001"
    assert set(Settings.from_env(given | lines).own_numbers) == {
        "74951234500", "749512346", "74957777777", "74950000001", "79030000001",
    }  # fmt: skip


def test_the_number_that_organisations_share_is_one_and_is_never_called(tmp_path: Path) -> None:
    """D6."""
    kept = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    assert Settings.from_env(kept).shared_number == ""
    found = Settings.from_env(kept | {"K5_SHARED_NUMBER": "+74952121562"})
    assert found.shared_number == "74952121562"
    assert "74952121562" in found.own_numbers
    for wrong in ("+74952121562,+74951110001", "8 495", "7495 212"):
        with pytest.raises(WrongSetting, match=r"^K5_SHARED_NUMBER: "):
            Settings.from_env(kept | {"K5_SHARED_NUMBER": wrong})


@pytest.mark.parametrize("number", ["7", "7495", "moscow", "7495 123", "٧٤٩٥١", "7" * 16])
def test_an_own_number_that_is_none_stops_the_start(tmp_path: Path, number: str) -> None:
    with pytest.raises(WrongSetting, match=r"^K5_OWN_NUMBERS: "):
        Settings.from_env({"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN, "K5_OWN_NUMBERS": number})


def test_a_notice_has_five_seconds_or_what_the_operator_says(tmp_path: Path) -> None:
    kept = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    assert Settings.from_env(kept).notice_time == timedelta(seconds=5)
    assert Settings.from_env(kept | {"K5_NOTICE_TIME": "60"}).notice_time == timedelta(minutes=1)
    for wrong in ("0", "61", "soon"):
        with pytest.raises(WrongSetting, match=r"^K5_NOTICE_TIME: "):
            Settings.from_env(kept | {"K5_NOTICE_TIME": wrong})


@pytest.mark.parametrize(
    ("given", "is_on"), [({}, False), ({"K5_PRESS_1": "off"}, False), ({"K5_PRESS_1": "on"}, True)]
)
def test_nobody_is_asked_to_press_1_where_the_operator_does_not_say_so(
    tmp_path: Path, given: dict[str, str], is_on: bool
) -> None:
    kept = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    assert Settings.from_env(kept | given).press_1 is is_on
    with pytest.raises(WrongSetting, match=r"^K5_PRESS_1: 'yes' is neither on nor off"):
        Settings.from_env(kept | {"K5_PRESS_1": "yes"})


# What others can reach is not started with what anybody guesses (S24)

RANDOM = "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA"
PUBLIC = {"K5_PUBLIC_URL": "https://t.k5.example", "K5_SECRET_KEY": RANDOM, "K5_TRUSTED_PROXIES": "1"}
ASTERISK = {
    "K5_SWITCH": "asterisk", "K5_ARI_URL": "http://127.0.0.1:8088/ari", "K5_ARI_USER": "k5", "K5_TRUNK": "trunk-a",
    "K5_ARI_PASSWORD": "Q7x2mK9pW4", "K5_CEL_FILE": "/var/cel.json",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("K5_SECRET_KEY", "a" * 32),
        ("K5_SECRET_KEY", "0" * 48),
        ("K5_SECRET_KEY", f"{RANDOM},{'test-' * 10}"),
        ("K5_ARI_PASSWORD", "CHANGE-ME"),
        ("K5_ARI_PASSWORD", "k5"),
        ("K5_DATABASE_URL", "postgresql+psycopg://k5_run:CHANGE-ME@127.0.0.1/k5"),
        ("K5_READ_DATABASE_URL", "postgresql+psycopg://k5_run:RUNNERS-PASSWORD@standby.example/k5"),
    ],
)
def test_a_house_that_others_reach_is_not_started_with_a_secret_that_is_none(
    tmp_path: Path, name: str, value: str
) -> None:
    given = {"K5_VAR": str(tmp_path)} | PUBLIC | ASTERISK
    assert Settings.from_env(given).trusted_proxies == 1
    with pytest.raises(WrongSetting, match=rf"^{name}: ") as refusal:
        Settings.from_env(given | {name: value})
    assert value not in str(refusal.value)
    assert Settings.from_env(given | {name: value, "K5_PUBLIC_URL": "http://127.0.0.1:8000"})  # tried on one machine


def test_a_switch_of_the_file_needs_a_password_too(tmp_path: Path) -> None:
    file = tmp_path / "switches.toml"
    file.write_text(
        '[[trunk]]\ncode = "a"\ncalls_at_once = 1\n[[switch]]\nname = "msk"\nari_url = "http://10.0.0.1/ari"\n'
        'ari_user = "k5"\nari_password = "CHANGE-ME"\ncalls_at_once = 1\ntrunks = ["a"]\n'
    )
    given = {"K5_VAR": str(tmp_path), "K5_SWITCH": "asterisk", "K5_SWITCHES": str(file)} | PUBLIC
    with pytest.raises(WrongSetting, match=r"K5_SWITCHES, .*msk: the password is the word of an example"):
        Settings.from_env(given)


@pytest.mark.parametrize(
    ("given", "margins"),
    [
        ("", {}),
        ("k5=0%", {"k5": Fraction(0)}),
        (" k5=10%, go-100=5%", {"k5": Fraction(1, 10), "go-100": Fraction(1, 20)}),
    ],
)
def test_the_least_margin_is_a_part_of_the_price_by_plan(tmp_path: Path, given: str, margins: object) -> None:
    kept = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    assert Settings.from_env(kept | {"K5_LEAST_MARGIN": given}).least_margins == margins


@pytest.mark.parametrize("given", ["10%", "k5=10", "k5=-1%", "k5=100%", "K5=5%", "k5=5%;k5=6%", "k5=0.5%"])
def test_a_wrong_least_margin_is_named(tmp_path: Path, given: str) -> None:
    kept = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    with pytest.raises(WrongSetting, match="K5_LEAST_MARGIN"):
        Settings.from_env(kept | {"K5_LEAST_MARGIN": given})


@pytest.mark.parametrize("text", ["+7 495 111-00-01", "+74951110001", "74951110001", "+7 (495) 111-00-01"])
def test_the_help_phone_is_one_number(tmp_path: Path, text: str) -> None:
    given = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    assert Settings.from_env(given).help_phone == ""
    assert Settings.from_env(given | {"K5_HELP_PHONE": text}).help_phone == "74951110001"


@pytest.mark.parametrize("text", ["112", "help@k5.ru", "+7 495 111-00-01, +7 495 111-00-02", "٧٤٩٥١١١٠٠٠١", "8" * 16])
def test_a_help_phone_that_is_none_stops_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongSetting, match=r"^K5_HELP_PHONE: "):
        Settings.from_env({"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN, "K5_HELP_PHONE": text})


@pytest.mark.parametrize("host", ["127.0.0.1@t.k5.example", "127.0.0.1\\evil.example", "10.0.0.5%00"])
def test_what_only_looks_like_this_machine_is_no_address(host: str) -> None:
    with pytest.raises(WrongSetting, match="K5_PUBLIC_URL"):
        Settings.from_env(PUBLIC | {"K5_PUBLIC_URL": f"http://{host}"})


def test_large_letters_of_an_address_mean_the_same() -> None:
    house = Settings.from_env(PUBLIC | {"K5_PUBLIC_URL": "HTTPS://T.k5.example"})
    assert (house.public_url, house.is_https) == ("https://t.k5.example", True)


def test_blanks_around_the_public_address_are_no_part_of_it() -> None:
    assert Settings.from_env(PUBLIC | {"K5_PUBLIC_URL": " https://t.k5.example/ "}).public_url == "https://t.k5.example"


def test_a_days_transfers_are_three_thousand_unless_said_otherwise(tmp_path: Path) -> None:
    given = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    assert Settings.from_env(given).transfer_day == rub("3000.00")
    assert Settings.from_env(given | {"K5_TRANSFER_DAY": "0.00"}).transfer_day == rub("0.00")
    assert Settings.from_env(given).two_persons_above == rub("1000.00")
    assert Settings.from_env(given | {"K5_TWO_PERSONS_ABOVE": "0.00"}).two_persons_above == rub("0.00")
    with pytest.raises(WrongSetting, match=r"^K5_TWO_PERSONS_ABOVE: "):
        Settings.from_env(given | {"K5_TWO_PERSONS_ABOVE": "-1"})
    with pytest.raises(WrongSetting, match=r"^K5_TRANSFER_DAY: "):
        Settings.from_env(given | {"K5_TRANSFER_DAY": "many"})


def test_whoever_runs_commands_has_a_plain_name(tmp_path: Path) -> None:
    given = {"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN}
    assert Settings.from_env(given).staff == ""
    assert Settings.from_env(given | {"K5_STAFF": "a.ivanova"}).staff == "a.ivanova"
    for name in ("Anna", "a b", "a\n", "-a", "a" * 41):
        with pytest.raises(WrongSetting, match=r"^K5_STAFF: "):
            Settings.from_env(given | {"K5_STAFF": name})


@pytest.mark.parametrize(
    ("name", "good", "wrong"),
    [
        ("K5_PHONES", "1", "0"),
        ("K5_RAISE_HOURS", "0", "721"),
        ("K5_LEDGER_YEARS", "7", "0"),
        ("K5_PHONES", "20", "many"),
    ],
)
def test_what_subscribers_may_have_and_how_long_a_limit_waits_is_a_number(name: str, good: str, wrong: str) -> None:
    kept = {"K5_SECRET_KEY": "s" * 40}
    found = Settings.from_env(kept | {name: good})
    assert int(good) in (found.most_phones, found.ledger_years, found.raise_wait // timedelta(hours=1))
    with pytest.raises(WrongSetting, match=name):
        Settings.from_env(kept | {name: wrong})
