"""`k5 simulator` plays the simulated switch, and only that."""

from typing import Any

import pytest
from click.testing import CliRunner

import app
from k5web.cli.simulator import simulator
from k5web.errors import WrongSetting
from k5web.telephony.simulator.pbx_call import Step

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
    played: list[tuple[int, str]] = []
    monkeypatch.setattr(app, "simulate_switch", lambda switch, k5_url: played.append((switch.speed, k5_url)))
    result = CliRunner().invoke(simulator, env={"K5_SECRET_KEY": SECRET, "K5_SWITCH_SPEED": "7"})
    assert result.exit_code == 0
    assert played == [(7, "http://127.0.0.1:8000")]


def test_beside_a_real_switch_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "simulate_switch", lambda *_: pytest.fail("it played"))
    result = CliRunner().invoke(simulator, env={"K5_SECRET_KEY": SECRET, **ASTERISK})
    assert isinstance(result.exception, WrongSetting)


def test_a_phone_rings_an_access_number_of_the_running_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[str, str, str]] = []
    monkeypatch.setattr(app, "simulate_switch", lambda *_: pytest.fail("it played"))
    monkeypatch.setattr(app.Caller, "miss", lambda phone, *numbers: rung.append((phone.settings.name, *numbers)))
    result = CliRunner().invoke(simulator, ["missed", "+79161234567", "74951110001"], env={"K5_SECRET_KEY": SECRET})
    assert result.exit_code == 0
    assert rung == [("simulator", "+79161234567", "74951110001")]


def test_a_number_is_rung_and_what_happens_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[Any, ...]] = []
    looks = [([Step(1_000_000, "in", "8841")], False), ([Step(1_000_000, "in", "8841"), Step(4_000_000, "over")], True)]

    def ring(phone: app.Caller, *told: Any) -> str:
        rung.append(told)
        return "k5-1.0"

    monkeypatch.setattr(app.Caller, "ring", ring)
    monkeypatch.setattr(app.Caller, "story", lambda phone, name: looks.pop(0))
    asked = ["incoming", "79161234567", "74951110001", "--keys", "1"]
    result = CliRunner().invoke(simulator, asked, env={"K5_SECRET_KEY": SECRET})
    assert rung == [("79161234567", "74951110001", "1", 60)]
    assert result.output.splitlines() == ["   0 s  in 8841", "   3 s  over"]
