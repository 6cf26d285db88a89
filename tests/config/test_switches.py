"""The file of switches and trunks: read whole, refused with file and line where anything in it is wrong."""

from pathlib import Path

import pytest

from k5web.config.settings import Settings
from k5web.config.switches import SwitchSettings
from k5web.domain.calls.trunk import Trunk
from k5web.errors import WrongSetting

GOOD = """\
# Two switches share one carrier
[[trunk]]
code = "carrier-x"
calls_at_once = 60
priority = 2
deck = "carrier-x"
prefixes = ["7", "380"]

[[trunk]]
code = "carrier-y"
calls_at_once = 10

[[switch]]
name = "msk"
ari_url = "http://10.0.0.1:8088/ari/"
ari_user = "k5"
ari_password = "env:MSK_ARI"
cel_file = "/var/log/asterisk/cel.json"
directory = "/var/lib/k5-asterisk/run"
ami = "127.0.0.1:5039"
calls_at_once = 500
caller_id = "74951110000"
trunks = ["carrier-x", "carrier-y"]

[[switch]]
name = "spb"
ari_url = "https://spb.example/ari"
ari_user = "k5"
ari_password = "file:{folder}/ari"
calls_at_once = 100
trunks = ["carrier-y"]
"""


def read(folder: Path, text: str, **environ: str) -> tuple[SwitchSettings, ...]:
    """The switches of a file with this text."""
    (folder / "switches.toml").write_text(text.replace("{folder}", str(folder)))
    (folder / "ari").write_text("a secret of the file\n")
    given = {"K5_SECRET_KEY": "s" * 40, "K5_SWITCH": "asterisk", "K5_SWITCHES": str(folder / "switches.toml")}
    return Settings.from_env(given | {"MSK_ARI": "a secret of the environment"} | environ).switches


def test_switches_and_their_trunks_are_read_in_order(tmp_path: Path) -> None:
    x = Trunk("carrier-x", 60, 2, "carrier-x", ("7", "380"))
    y = Trunk("carrier-y", 10)
    msk, spb = read(tmp_path, GOOD)
    assert (msk.name, msk.ari_url, msk.calls_at_once, msk.caller_id) == (
        "msk",
        "http://10.0.0.1:8088/ari",
        500,
        "74951110000",
    )
    assert (msk.trunks, spb.trunks) == ((x, y), (y,))
    assert (msk.ari_password, spb.ari_password) == ("a secret of the environment", "a secret of the file")
    assert (msk.cel_file, spb.cel_file) == (Path("/var/log/asterisk/cel.json"), None)
    assert (msk.directory, msk.ami) == (Path("/var/lib/k5-asterisk/run"), "127.0.0.1:5039")
    assert (spb.directory, spb.ami) == (None, "127.0.0.1:5038")
    assert "secret" not in repr(msk)


def test_a_secret_may_stand_under_a_name_like_k5s_own(tmp_path: Path) -> None:
    msk, _ = read(tmp_path, GOOD.replace("env:MSK_ARI", "env:K5_MSK_ARI"), K5_MSK_ARI="named by the file")
    assert msk.ari_password == "named by the file"
    with pytest.raises(WrongSetting, match=r"^K5_OTHER: "):
        read(tmp_path, GOOD, K5_OTHER="named by nobody")


@pytest.mark.parametrize(
    ("good", "wrong", "line", "words"),
    [
        ("priority = 2", "priorety = 2", 5, "priorety: is not a key of a trunk; there are: "),
        ("calls_at_once = 60", "calls_at_once = 0", 4, "calls_at_once: must be a whole number from 1"),
        ("calls_at_once = 60", "calls_at_once = true", 4, "calls_at_once: must be a whole number from 1"),
        ("calls_at_once = 10\n", "", 9, "calls_at_once: must be a whole number"),
        ('prefixes = ["7", "380"]', 'prefixes = ["+7"]', 7, "prefixes: must be a list of texts of digits"),
        ('code = "carrier-x"', 'code = "carrier x,y"', 3, "code: cannot be 'carrier x,y'"),
        ('name = "spb"\n', "", 25, "name: must be set"),
        ('caller_id = "74951110000"', 'caller_id = "+7495 1"', 22, "caller_id: cannot be"),
        ('ami = "127.0.0.1:5039"', 'ami = "5039"', 20, "ami: cannot be '5039'"),
        ('trunks = ["carrier-y"]', 'trunks = ["carrier-z"]', 31, "names 'carrier-z', which no [[trunk]] is"),
        ('trunks = ["carrier-y"]', "trunks = []", 31, "must name some"),
        ("https://spb.example/ari", "spb.example", 27, "is not a web address"),
        ("env:MSK_ARI", "env:NOWHERE", 17, "ari_password: NOWHERE is not set in the environment"),
        ("{folder}/ari", "{folder}/nothing", 29, "cannot be read"),
        ("# Two", 'colour = "red"\n# Two', 1, "only [[switch]] and [[trunk]] stand here"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(
    tmp_path: Path, good: str, wrong: str, line: int, words: str
) -> None:
    assert good in GOOD
    with pytest.raises(WrongSetting) as refused:
        read(tmp_path, GOOD.replace(good, wrong, 1))
    assert f"K5_SWITCHES: {tmp_path}/switches.toml:{line}: " in str(refused.value)
    assert words in str(refused.value)


def test_an_empty_file_is_no_password(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(WrongSetting, match=r":29: ari_password: .*empty is empty"):
        read(tmp_path, GOOD.replace("{folder}/ari", "{folder}/empty"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[switch", "Expected ']]'"),
        ("[[trunk]]\ncode = 'x'\ncalls_at_once = 1\n", "names no [[switch]]"),
        ("[switch]\nname = 'x'\n", "write [[switch]], with two brackets"),
        (GOOD.replace('"spb"', '"msk"'), "two [[switch]] have one name"),
        (GOOD.replace('code = "carrier-x"', 'code = "carrier-y"').replace('["carrier-x", ', "["), "two [[trunk]]"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(tmp_path, text)
    assert words in str(refused.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^K5_SWITCHES: .*nothing\.toml"):
        Settings.from_env({"K5_SECRET_KEY": "s" * 40, "K5_SWITCHES": str(tmp_path / "nothing.toml")})


def test_beside_the_file_the_settings_of_one_switch_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^K5_ARI_URL: K5_SWITCHES says what the switches are"):
        read(tmp_path, GOOD, K5_ARI_URL="http://127.0.0.1/ari")


def test_without_the_file_there_is_one_switch_with_one_trunk(tmp_path: Path) -> None:
    settings = Settings.from_env({"K5_SECRET_KEY": "s" * 40, "K5_TRUNK": "t", "K5_CALLS_AT_ONCE": "7"})
    (only,) = settings.switches
    assert (only.name, only.calls_at_once, only.trunks) == ("simulator", 7, (Trunk("t", 14),))


def test_simulated_switches_keep_records_apart(tmp_path: Path) -> None:
    text = GOOD.replace('cel_file = "/var/log/asterisk/cel.json"\ndirectory = "/var/lib/k5-asterisk/run"\n', "")
    msk, spb = read(tmp_path, text, K5_SWITCH="simulator", K5_VAR=str(tmp_path), K5_SWITCH_SPEED="9")
    assert (msk.cel_file, spb.cel_file) == (tmp_path / "switch-msk" / "cel.json", tmp_path / "switch-spb" / "cel.json")
    assert (msk.directory, spb.directory) == (tmp_path / "switch-msk", tmp_path / "switch-spb")
    assert {msk.speed, spb.speed} == {9}


ASTERISK = {
    "K5_SECRET_KEY": "s" * 40,
    "K5_SWITCH": "asterisk",
    "K5_ARI_URL": "http://127.0.0.1:8088/ari",
    "K5_ARI_USER": "k5",
    "K5_ARI_PASSWORD": "a long password",
    "K5_TRUNK": "trunk-a",
    "K5_CEL_FILE": "/var/log/cel.json",
}


def test_a_real_switchs_folder_is_named_and_a_simulated_ones_is_where_its_records_are(tmp_path: Path) -> None:
    (without,) = Settings.from_env(ASTERISK).switches
    told = ASTERISK | {"K5_SWITCH_DIR": "/srv/run", "K5_AMI_ADDRESS": "[::1]:5039"}
    (named,) = Settings.from_env(told).switches
    (simulated,) = Settings.from_env({"K5_SECRET_KEY": "s" * 40, "K5_CEL_FILE": str(tmp_path / "a" / "cel")}).switches
    assert (without.directory, without.ami) == (None, "127.0.0.1:5038")
    assert (named.directory, named.ami) == (Path("/srv/run"), "[::1]:5039")
    assert simulated.directory == tmp_path / "a"


def test_an_address_of_the_manager_interface_has_a_port() -> None:
    with pytest.raises(WrongSetting, match=r"^K5_AMI_ADDRESS: 'localhost' is not a host and a port"):
        Settings.from_env(ASTERISK | {"K5_AMI_ADDRESS": "localhost"})


def test_emergency_calls_go_by_a_trunk_of_the_switch_or_not_at_all(tmp_path: Path) -> None:
    msk, spb = read(tmp_path, GOOD, K5_EMERGENCY="carrier-x")
    assert (msk.emergency, spb.emergency) == ("carrier-x", "")
    assert {switch.emergency for switch in read(tmp_path, GOOD)} == {""}
    with pytest.raises(WrongSetting, match=r"^K5_EMERGENCY: 'carrier-z' is no trunk of a switch: carrier-x, carrier-y"):
        read(tmp_path, GOOD, K5_EMERGENCY="carrier-z")


def test_the_number_that_phones_see_is_read_as_its_digits(tmp_path: Path) -> None:
    (only,) = Settings.from_env(ASTERISK | {"K5_CALLER_ID": "+74951110000"}).switches
    (simulated,) = Settings.from_env({"K5_SECRET_KEY": "s" * 40, "K5_CALLER_ID": "+74951110000"}).switches
    msk, _ = read(tmp_path, GOOD.replace('"74951110000"', '"+74951110000"'))
    assert {only.caller_id, simulated.caller_id, msk.caller_id} == {"74951110000"}


@pytest.mark.parametrize("wrong", ["", "+", "8 495 111-00-00", "++7495", "12", "7" * 16, "K5", "٧٤٩٥"])
def test_a_number_that_no_answer_to_a_switch_could_name_stops_the_start(wrong: str) -> None:
    for environment in (ASTERISK, {"K5_SECRET_KEY": "s" * 40}):
        with pytest.raises(WrongSetting, match=r"^K5_CALLER_ID: .* is not a number of 3 to 15 digits"):
            Settings.from_env(environment | {"K5_CALLER_ID": wrong})


def test_a_trunk_of_the_environment_has_a_name_like_those_of_the_file() -> None:
    (only,) = Settings.from_env(ASTERISK | {"K5_TRUNK": "Carrier_X-1"}).switches
    assert only.trunks[0].code == "Carrier_X-1"
    for environment in (ASTERISK, {"K5_SECRET_KEY": "s" * 40}):
        with pytest.raises(WrongSetting, match=r"^K5_TRUNK: 'carrier\.x,y' is not a name"):
            Settings.from_env(environment | {"K5_TRUNK": "carrier.x,y"})
