"""Settings: where each comes from, and which goes first."""

from pathlib import Path

import pytest

from k5web.errors import WrongSetting
from k5web.settings import Settings

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
    assert Settings.from_env(given).own_numbers == ("74957777777",)
    lines = {"K5_OWN_NUMBERS": "+74951234500, 749512346,", "K5_ACCESS_NUMBERS": "74950000001"}
    assert set(Settings.from_env(given | lines).own_numbers) == {
        "74951234500", "749512346", "74957777777", "74950000001",
    }  # fmt: skip


@pytest.mark.parametrize("number", ["7", "7495", "moscow", "7495 123", "٧٤٩٥١", "7" * 16])
def test_an_own_number_that_is_none_stops_the_start(tmp_path: Path, number: str) -> None:
    with pytest.raises(WrongSetting, match=r"^K5_OWN_NUMBERS: "):
        Settings.from_env({"K5_VAR": str(tmp_path), "K5_SECRET_KEY": GIVEN, "K5_OWN_NUMBERS": number})


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
