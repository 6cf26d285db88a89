"""Messages are sent beside the calls."""

from dataclasses import replace

import pytest

from k5web.services.messaging import codes, delivery, rounds
from tests.fakes.messages import FakeMessenger
from tests.processes import wait_for
from tests.services.house import House
from tests.services.messaging.test_codes import HOME, PHONE


def test_a_round_that_fails_is_not_the_last(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    messenger = FakeMessenger()
    ports = replace(k5.ports, messenger=messenger)
    codes.send(ports, PHONE, "reset", HOME)
    real = delivery.deliver_due
    failed: list[object] = []

    def fail_once(given: object) -> int:
        if not failed:
            failed.append(given)
            raise RuntimeError("out of order")
        return real(ports)

    monkeypatch.setattr(rounds, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(delivery, "deliver_due", fail_once)
    with rounds.beside(ports, lambda: False):
        wait_for(lambda: messenger.took, "the code")
    assert failed
