"""The fees' thread of the worker bills by itself and ends when it is told to."""

from threading import Event

import pytest

from k5web.services.prices import billing, fee_rounds
from tests.services.house import House


def test_fees_are_taken_beside_the_calls_until_the_end(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    billed = Event()
    monkeypatch.setattr(billing, "run", lambda ports: billed.set())
    with fee_rounds.beside(k5.ports, lambda: False):
        assert billed.wait(20)


def test_a_fault_does_not_end_the_billing(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    again = Event()

    def fail(ports: object) -> None:
        times.append(1)
        if len(times) > 1:
            again.set()
        raise ValueError("a fault")

    monkeypatch.setattr(billing, "run", fail)
    monkeypatch.setattr(fee_rounds, "BILL_EVERY_S", 0.01)
    with fee_rounds.beside(k5.ports, lambda: False):
        assert again.wait(20)
