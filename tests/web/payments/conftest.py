"""A house with two ways to pay, for the pages of paying."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from k5web.services.ports import Connectors
from tests.services.house import House
from tests.web.payments.fake_way import FakeWay


@pytest.fixture
def bank() -> FakeWay:
    return FakeWay(minimum="10.00", maximum="1000.00")


@pytest.fixture
def app(make_app: Callable[..., Flask], k5: House, bank: FakeWay) -> Flask:
    """The application of a house with two ways to pay: roubles, and soms that are not this member's."""
    k5.ports = replace(k5.ports, connectors=Connectors([bank, FakeWay(code="som", currency="KGS")]))
    return make_app()
