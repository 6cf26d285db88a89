"""`k5 simulator` plays the simulated switch, and only that."""

import pytest
from click.testing import CliRunner

import app
from k5web.cli.simulator import simulator
from k5web.config.switches import SwitchSettings
from k5web.errors import WrongSetting

SECRET = "0123456789abcdef" * 2
ASTERISK = {
    "K5_SWITCH": "asterisk",
    "K5_ARI_URL": "http://127.0.0.1:8088/ari",
    "K5_ARI_USER": "k5",
    "K5_ARI_PASSWORD": "k5",
    "K5_TRUNK": "trunk-a",
    "K5_CEL_FILE": "cel.json",
}


def test_it_plays_the_switch_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[SwitchSettings] = []
    monkeypatch.setattr(app, "simulate_switch", played.append)
    result = CliRunner().invoke(simulator, env={"K5_SECRET_KEY": SECRET, "K5_SWITCH_SPEED": "7"})
    assert result.exit_code == 0
    assert [switch.speed for switch in played] == [7]


def test_beside_a_real_switch_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "simulate_switch", lambda settings: pytest.fail("it played"))
    result = CliRunner().invoke(simulator, env={"K5_SECRET_KEY": SECRET, **ASTERISK})
    assert isinstance(result.exception, WrongSetting)


def test_a_phone_rings_an_access_number_of_the_running_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[str, str, str]] = []
    monkeypatch.setattr(app, "simulate_switch", lambda settings: pytest.fail("it played"))
    monkeypatch.setattr(app, "miss_a_call", lambda switch, *numbers: rung.append((switch.name, *numbers)))
    result = CliRunner().invoke(simulator, ["missed", "+79161234567", "74951110001"], env={"K5_SECRET_KEY": SECRET})
    assert result.exit_code == 0
    assert rung == [("simulator", "+79161234567", "74951110001")]
