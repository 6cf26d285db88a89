"""Slow work takes turns: a few wait, the rest are told at once. Promises: S23."""

import threading

import pytest

from k5web.errors import Busy
from k5web.turns import Turns


def test_a_few_wait_for_a_turn_and_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(at_once=1, waiting=1, patience_s=30)
    entered = threading.Event()

    def wait() -> None:
        with turns.take():
            entered.set()

    waiter = threading.Thread(target=wait)
    with turns.take():
        waiter.start()
        while turns._places._value:  # until the waiter has its place
            threading.Event().wait(0.01)
        with pytest.raises(Busy), turns.take():
            pass
        assert not entered.is_set()
    waiter.join()
    assert entered.is_set()


def test_who_waited_in_vain_leaves_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(at_once=1, waiting=1, patience_s=0.01)
    with turns.take():
        for _ in range(3):
            with pytest.raises(Busy), turns.take():
                pass
    with turns.take():
        pass
