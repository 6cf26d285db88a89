"""A silent provider holds no page up, and who asks while it is busy is told at once. Promises: S23."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from k5web.domain.payments.connector import Started
from k5web.domain.payments.top_up import TopUp
from k5web.services.payments import topups
from k5web.turns import TurnsByName
from k5web.web.payments import asking
from tests.processes import wait_for
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.payments.fake_way import GATEWAY, FakeWay, begin, form_of


@pytest.fixture
def silent(bank: FakeWay, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A provider that answers no start before the event is set, and pages that have no patience."""
    answers = threading.Event()
    start = bank.start

    def slow(top_up: TopUp) -> Started:
        answers.wait(60)
        return start(top_up)

    monkeypatch.setattr(bank, "start", slow)
    monkeypatch.setattr(asking, "PATIENCE_S", 0.3)
    monkeypatch.setattr(asking, "_TURNS", TurnsByName(1))
    yield answers
    answers.set()


def test_a_silent_provider_holds_no_page_and_the_payment_goes_on_by_itself(
    phone: Browser, bank: FakeWay, silent: threading.Event
) -> None:
    address = begin(phone, "500")
    assert "Связываемся с платёжной системой" in phone.get(address).text
    silent.set()
    wait_for(lambda: GATEWAY in phone.get(address).text, "the provider answers after all")
    assert len(bank.started) == 1


def test_whoever_pays_by_a_provider_that_is_busy_with_others_is_told_at_once(
    phone: Browser, bank: FakeWay, silent: threading.Event, k5: House
) -> None:
    begin(phone, "500")
    fields = form_of(phone.get("/pay/fake-bank").text)
    answer = phone.post("/pay/fake-bank", None, **fields, sum="300")
    assert answer.status_code == 503
    assert "Нажмите ещё раз чуть позже" in answer.text
    assert 'value="300"' in answer.text
    assert len(topups.page(k5.ports, k5.caller.id)) == 1, "nothing of it was begun"
    assert phone.get("/me").status_code == 200
    silent.set()
    wait_for(lambda: bank.started, "the first one ends")
    wait_for(
        lambda: phone.post("/pay/fake-bank", None, **fields, sum="300").status_code == 303, "the same form works then"
    )


def test_whoever_has_an_answer_may_ask_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn is given back before the answer is told, however slowly."""

    class SlowTurns(TurnsByName):
        @contextmanager
        def take(self, name: str) -> Iterator[None]:
            with super().take(name):
                yield
                threading.Event().wait(0.05)

    monkeypatch.setattr(asking, "_TURNS", SlowTurns(1))
    assert [asking.ask("slow", partial(int, n)) for n in range(3)] == [0, 1, 2]
