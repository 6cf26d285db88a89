"""The page that rings a number: from, to, keys; step by step; it works without scripts."""

from collections.abc import Sequence

import pytest
from werkzeug.test import Client

from connectors.incoming import sandbox
from connectors.incoming.sandbox import Line
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import K5Error, NotFound, SwitchRefused, SwitchSilent
from k5web.telephony.simulator.pbx_call import Step
from tests.conftest import Clock

FORM = {"from": "+7 916 123-45-67", "to": "+7 (495) 111-00-01", "keys": "1, 201", "seconds": "60"}


class Switch:
    """A switch that plays what it is told to."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, str, str, int]] = []
        self.ended: list[str] = []
        self.steps = [Step(1_000_000, "in", "8841"), Step(4_000_000, "heard", "o/8841/ab12")]
        self.is_over = False
        self.trouble: type[K5Error] | None = None

    def ring(self, *told: str | int) -> str:
        if self.trouble:
            raise self.trouble(reason="test")
        self.rung.append(told)  # type: ignore[arg-type]
        return "k5-1.00000700"

    def story(self, name: str) -> tuple[Sequence[Step], bool]:
        if self.trouble:
            raise self.trouble(reason="test")
        if name != "k5-1.00000700":
            raise NotFound(what="call")
        return self.steps, self.is_over

    def hang_up(self, name: str) -> None:
        self.ended.append(name)
        if self.is_over:
            raise NotFound(what="call")
        self.is_over = True


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def phone(switch: Switch, clock: Clock) -> Client:
    line = Line(switch.ring, switch.story, switch.hang_up)
    options = SandboxOptions("http://127.0.0.1:8090/incoming", "http://127.0.0.1:8000", "", clock)
    return Client(sandbox.create(line, lambda: ["+74951110001"], lambda path: f"Мы открыты ({path})", options))


def test_a_number_is_rung_and_the_screen_tells_what_happens(phone: Client, switch: Switch) -> None:
    assert 'value="+74951110001"' in phone.get("/").text
    rung = phone.post("/", data=FORM)
    assert switch.rung == [("79161234567", "74951110001", "1,201", 60)]
    assert rung.status_code == 303
    page = phone.get(rung.location).text
    assert "Вы слышите: «Мы открыты (o/8841/ab12)» <small>3 с</small>" in page
    assert '<meta http-equiv="refresh" content="2">' in page
    ended = phone.post("/k5-1.00000700/end", data={"to": "74951110001"})
    over = phone.get(ended.location).text
    assert "Звонок окончен." in over
    assert "refresh" not in over
    assert "Положить трубку" not in over
    assert phone.post("/k5-1.00000700/end").status_code == 303  # twice does no harm


@pytest.mark.parametrize(("caller", "said"), [("", ""), ("u8841-1", "u8841-1")])
def test_a_caller_may_hide_or_be_a_phone_of_the_organisation(
    phone: Client, switch: Switch, caller: str, said: str
) -> None:
    phone.post("/", data=FORM | {"from": caller})
    assert switch.rung[0][0] == said


@pytest.mark.parametrize(("trouble", "status"), [(SwitchRefused, 422), (SwitchSilent, 502)])
def test_what_goes_wrong_is_said(phone: Client, switch: Switch, trouble: type[K5Error], status: int) -> None:
    switch.trouble = trouble
    refused = phone.post("/", data=FORM | {"seconds": "x"})
    assert refused.status_code == status
    assert 'role="alert"' in refused.text
    assert 'value="1, 201"' in refused.text


def test_a_call_that_is_not_there_is_not_shown(phone: Client, switch: Switch) -> None:
    assert phone.get("/k5-9").status_code == 404
    switch.trouble = SwitchSilent
    assert phone.get("/k5-1.00000700").status_code == 502
