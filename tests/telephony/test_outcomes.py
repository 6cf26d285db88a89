"""Every way a call can end, on a real switch and through the whole of K5: state, words on the page, cause, money."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.money import rub
from k5web.services.calls import ordering
from tests.databases import postgres_base
from tests.fakes.doors import change_plan
from tests.telephony import real
from tests.telephony.contract import ROWS
from tests.telephony.house import PASSWORD, RealHouse, real_house
from tests.telephony.orders import TRUNK
from tests.web.calls.call_page import plain
from tests.web.conftest import Browser

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-outcomes")]

RING_S = 4
TALK_MS = 3_500  # longer than what is free, and no overrun of the switch makes it dearer
PLAYED = {
    name: replace(row, talk_ms=max(row.talk_ms, TALK_MS)) for name, row in ROWS.items()
} | {
    "B hangs up": replace(ROWS["B hangs up"], b="215", talk_ms=60_000, leg_a_s=100),
    "A hangs up": replace(ROWS["A hangs up"], a="215", talk_ms=60_000, leg_a_s=100),
    "absolute limit in the talk": replace(ROWS["absolute limit in the talk"], leg_a_s=5),
    "A presses 1": replace(ROWS["A presses 1"], b="215", talk_ms=60_000, leg_a_s=100),
}  # fmt: skip
FREE = "Деньги не списаны."
OURS = f"Не получилось соединить – сбой на нашей стороне. {FREE} Попробуйте через минуту."
WORDS = {
    Outcome.DONE_A: "Разговор окончен. Списано 2,20 ₽.",
    Outcome.DONE_B: "Разговор окончен. Списано 2,20 ₽.",
    Outcome.LIMIT: "Разговор окончен: вышло время, на которое хватало денег. Списано 2,20 ₽.",
    Outcome.A_GAVE_UP: f"Вы положили трубку раньше, чем собеседник ответил. {FREE}",
    Outcome.A_NO_ANSWER: f"Ваш телефон не ответил. Возьмите его в руки и нажмите ещё раз. {FREE}",
    Outcome.A_BUSY: f"Ваш телефон занят. Положите трубку и нажмите ещё раз. {FREE}",
    Outcome.A_WRONG_NUMBER: f"До вашего телефона не дозвониться: сеть не знает такого номера. {FREE}",
    Outcome.A_OFFLINE: "Ваш телефон не в сети. Включите его или выйдите туда, где есть связь, и нажмите ещё раз. "
    f"{FREE}",
    Outcome.A_BLOCKED: f"Сеть вашего телефона не пропустила наш звонок. {FREE}",
    Outcome.A_NOT_CONFIRMED: f"На вашем телефоне не нажали 1, поэтому собеседнику не звонили. {FREE}",
    Outcome.A_REFUSED: f"Звонок на ваш телефон отклонён. Нажмите ещё раз и возьмите трубку. {FREE}",
    Outcome.A_ROUTE_FAILED: OURS,
    Outcome.B_NO_ANSWER: f"Собеседник не ответил. {FREE}",
    Outcome.B_BUSY: f"У собеседника занято. {FREE}",
    Outcome.B_WRONG_NUMBER: f"Такого номера нет. Проверьте номер. {FREE}",
    Outcome.B_OFFLINE: f"Телефон собеседника не в сети. {FREE}",
    Outcome.B_BLOCKED: f"Сеть собеседника не пропустила звонок. {FREE}",
    Outcome.B_REFUSED: f"Собеседник отклонил звонок. {FREE}",
    Outcome.B_ROUTE_FAILED: OURS,
    Outcome.CANCELLED: f"Вы завершили звонок. {FREE}",
    Outcome.FAULT: OURS,
}
RANG_IN_VAIN = f"Собеседник не ответил за то время, на которое хватало денег. {FREE}"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHouse]:
    """One database of either kind with a switch of its own: another database's calls would bear the same names."""
    real.require()
    var = tmp_path_factory.mktemp("house")
    with real.telephony() as both:
        if request.param == "sqlite":
            template: Path = request.getfixturevalue("sqlite_template")
            (var / "k5.db").write_bytes(template.read_bytes())
            with real_house(f"sqlite:///{var / 'k5.db'}", var, both) as opened:
                yield opened
        else:
            names = [request.getfixturevalue(name) for name in ("postgres_server_url", "postgres_template")]
            with postgres_base(*names) as url, real_house(url, var, both) as opened:
                yield opened


@pytest.fixture(scope="module")
def played(house: RealHouse) -> Mapping[str, tuple[Subscriber, CallOrder]]:
    """All rows at once, each to its end."""
    placed = {}
    for name, row in PLAYED.items():
        caller = house.caller(row.a)
        limits = {"ring_a_s": RING_S, "ring_b_s": RING_S, "leg_a_s": row.leg_a_s, "talk_ms": row.talk_ms}
        limits["press_1"] = row.press_1
        placed[name] = (caller, house.order(caller, row.b, None, **limits))
    house.work_until_all_is_over()
    return {name: (caller, house.call(call)) for name, (caller, call) in placed.items()}


@pytest.mark.parametrize("name", PLAYED)
def test_each_row_is_settled_with_its_outcome_its_cause_and_its_charge(
    house: RealHouse, played: Mapping[str, tuple[Subscriber, CallOrder]], name: str
) -> None:
    row = PLAYED[name]
    caller, call = played[name]
    cost = rub("2.20") if row.answered == "ab" else rub("0.00")
    assert (call.state, call.outcome, call.cost) == (CallState.SETTLED, row.outcome, cost)
    ends = {leg.leg: " ".join([str(leg.cause), leg.source or "-", leg.dial_status]).strip() for leg in house.legs(call)}
    assert (ends["a"], ends.get("b", "")) == (row.a_end, row.b_end)
    assert house.purse(caller) == (rub("100.00") - cost, rub("0.00"))


@pytest.mark.parametrize("name", PLAYED)
def test_each_row_has_its_words_on_the_page(
    house: RealHouse, played: Mapping[str, tuple[Subscriber, CallOrder]], name: str
) -> None:
    caller, call = played[name]
    words = RANG_IN_VAIN if name == "absolute limit while B rings" else WORDS[PLAYED[name].outcome]
    assert words in page_of(house, caller, call)


def test_after_all_rows_the_ledger_is_sound_and_each_phone_rang_once(
    house: RealHouse, played: Mapping[str, tuple[Subscriber, CallOrder]]
) -> None:
    house.assert_sound()
    assert house.incidents() == []
    rings = house.town.rings()
    for name, (caller, call) in played.items():
        assert caller.phone
        assert rings[caller.phone.digits] == 1
        assert rings.get(call.quote.b_number, 0) == (1 if PLAYED[name].b_end else 0)


@pytest.mark.parametrize(
    ("a", "b", "phase", "shown"),
    [
        ("180", "200", CallState.CALLING_A, "Ваш телефон: звоним Возьмите трубку"),
        ("200", "180", CallState.CALLING_B, "Собеседник: звоним Не кладите трубку"),
        ("200", "200", CallState.TALKING, "Собеседник: ответил Говорите"),
    ],
)
def test_a_call_ended_from_the_page_ends_both_legs_in_every_phase(
    house: RealHouse, a: str, b: str, phase: CallState, shown: str
) -> None:
    caller = house.caller(a)
    call = house.order(caller, b)
    house.work_until(lambda: house.state(call) is phase, phase)
    assert shown in page_of(house, caller, call)
    ordering.end_call(house.ports, caller.id, call.id)
    house.work_until(lambda: house.state(call) is CallState.SETTLED, "the end")
    assert house.outcome(call) is Outcome.CANCELLED
    assert {leg.cause for leg in house.legs(call)} == {16}
    assert house.purse(caller)[1] == rub("0.00")
    over = page_of(house, caller, call)
    assert ("Разговор окончен." if phase is CallState.TALKING else WORDS[Outcome.CANCELLED]) in over
    house.assert_sound()


def test_a_call_ended_while_it_waits_never_rings(house: RealHouse) -> None:
    caller = house.caller()
    call = house.order(caller)
    ordering.end_call(house.ports, caller.id, call.id)
    house.work_until_all_is_over()
    assert house.outcome(call) is Outcome.CANCELLED
    assert caller.phone
    assert house.town.rings().get(caller.phone.digits, 0) == 0
    assert WORDS[Outcome.CANCELLED] in page_of(house, caller, call)
    assert house.purse(caller) == (rub("100.00"), rub("0.00"))


def test_a_plan_that_counts_from_your_answer_charges_your_leg_while_the_other_rings(
    house: RealHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_plan(monkeypatch, a_leg_from="a_answer")
    caller = house.caller()
    call = house.order(caller, "180", ring_b_s=RING_S)
    house.work_until(lambda: house.state(call) is CallState.SETTLED, "the end")
    assert house.purse(caller) == (rub("98.25"), rub("0.00"))
    assert "Собеседник не ответил. За соединение с вашим телефоном списано 1,75 ₽." in page_of(house, caller, call)


def test_an_order_whose_limits_got_lost_never_reaches_b(house: RealHouse) -> None:
    """K5 never asks so; if somebody does, the dialplan refuses and a person hears of it."""
    caller = house.caller()
    call = house.order(caller)
    house.place_by_hand(call)
    ask_without_limits(house, call)
    house.work_until(lambda: house.state(call) is CallState.SETTLED, "the end")
    assert_fault(house, caller, call)
    assert [(leg.leg, leg.cause, leg.source) for leg in house.legs(call)] == [("a", 21, "dialplan")]


def test_a_full_switch_hangs_up_on_a_and_nobody_pays(tmp_path: Path, sqlite_url: str) -> None:
    real.require()
    with real.telephony(maxcalls=1) as both, real_house(sqlite_url, tmp_path, both) as house:
        talking, refused = house.caller(), house.caller()
        first = house.order(talking)
        house.work_until(lambda: house.state(first) is CallState.TALKING, "the first talk")
        second = house.order(refused)
        house.work_until(lambda: house.state(second) is CallState.SETTLED, "the second call's end")
        assert_fault(house, refused, second)
        assert [(leg.leg, leg.cause, leg.source) for leg in house.legs(second)] == [("a", 0, "")]
        ordering.end_call(house.ports, talking.id, first.id)
        house.work_until_all_is_over()
        house.assert_sound()


def assert_fault(house: RealHouse, caller: Subscriber, call: CallOrder) -> None:
    """Only A rang, it was our failure, and the subscriber reads so and pays nothing."""
    assert house.outcome(call) is Outcome.FAULT
    assert house.call(call).a_answered_at
    assert house.town.rings().get(call.quote.b_number, 0) == 0
    assert house.purse(caller) == (rub("100.00"), rub("0.00"))
    assert WORDS[Outcome.FAULT] in page_of(house, caller, call)
    assert "switch_fault" in house.incidents()


def ask_without_limits(house: RealHouse, call: CallOrder) -> None:
    """Originate as K5 does, less the variables with the limits."""
    switch = house.switch.settings
    answer = requests.post(
        f"{switch.ari_url}/channels/k5-{call.id}-a",
        json={
            "endpoint": f"PJSIP/{call.quote.a_number}@{TRUNK}",
            "context": "k5-callback",
            "extension": call.quote.b_number,
            "priority": 1,
            "timeout": RING_S,
            "variables": {"K5_ORDER": call.id, "K5_RING_B": str(RING_S), "K5_LEG_S": "10"},
        },
        auth=(switch.ari_user, switch.ari_password),
        timeout=60,
    )
    assert answer.ok, answer.text


def page_of(house: RealHouse, caller: Subscriber, call: CallOrder) -> str:
    """Return what the call's page says to its owner."""
    browser = Browser(house.web().test_client())
    assert caller.phone
    assert browser.log_in(str(caller.phone), PASSWORD).status_code == 303
    return plain(browser.get(f"/c/{call.id}"))
