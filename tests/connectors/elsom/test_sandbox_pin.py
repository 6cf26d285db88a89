"""The simulated wallet's PIN is not guessed: few wrong ones are looked at in a while."""

from connectors.elsom.sandbox_pin import PinDoor
from tests.conftest import Clock

WRONG, SOON = "Неверный PIN.", "Повторите через 5 мин."


def test_after_three_wrong_pins_also_the_right_one_waits() -> None:
    clock = Clock()
    door = PinDoor(clock)
    assert [door.refusal("1234", typed) for typed in ("0000", "", "12345")] == [WRONG] * 3
    assert door.refusal("1234", "1234").endswith(SOON)
    clock.forward(minutes=5)
    assert door.refusal("1234", "0001") == WRONG
    assert door.refusal("1234", "1234").endswith(SOON)
    clock.forward(minutes=5)
    assert door.refusal("1234", "1234") == ""


def test_a_right_pin_begins_the_count_anew() -> None:
    door = PinDoor(Clock())
    for _time in range(4):
        assert [door.refusal("1234", typed) for typed in ("0000", "0001", "1234")] == [WRONG, WRONG, ""]


def test_a_day_of_guessing_looks_at_few_pins() -> None:
    clock, looked_at = Clock(), 0
    door = PinDoor(clock)
    for _minute in range(24 * 60):
        looked_at += door.refusal("1234", "0000") == WRONG
        clock.forward(minutes=1)
    assert looked_at <= 2 + 24 * 12
