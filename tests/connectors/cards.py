"""An acquirer of the tests: its table of the partners' file, its connector, a top-up to pay."""

from dataclasses import replace
from datetime import timedelta

from connectors import OPENERS
from connectors.cards.connector import CardConnector
from k5web.domain.money import rub
from k5web.domain.topup import Opening, TopUp, TopUpState
from tests.conftest import Clock

TOKEN = "k5-callback-token"
MD_ORDER = "0b1c2d3e-4f50-7a61-8b72-9c83ad94be05"
PATH = "s3cret-path-of-the-call-back"
PUBLIC_URL = "https://t.k5.ru"


def acquirer_table(**changed: object) -> dict[str, object]:
    """Return one acquirer's table as the partners' file gives it, secrets resolved."""
    return {
        "code": "demo",
        "title": "Демо-банк",
        "protocol": "rbs",
        "currency": "RUB",
        "allowed": ["127.0.0.1/32"],
        "base_url": "https://gw.example",
        "user": "k5-api",
        "password": "s3cret-password",
        "path": PATH,
        "callback_secrets": [TOKEN],
    } | changed


def open_one(table: dict[str, object], clock: Clock) -> CardConnector:
    """Return the connector of one acquirer, opened by the registry."""
    (connector,) = OPENERS["cards"]([table], Opening(PUBLIC_URL, clock, timeout_s=(2.0, 2.0)))
    assert isinstance(connector, CardConnector)
    return connector


def a_top_up(clock: Clock, **changed: object) -> TopUp:
    """Return a top-up of 500 roubles as the services hand it over."""
    top_up = TopUp(
        reference="K5-8841-12",
        owner_id=8841,
        origin="cards:demo",
        amount=rub("500.00"),
        state=TopUpState.NEW,
        created_at=clock(),
        expires_at=clock() + timedelta(minutes=20),
        return_url=f"{PUBLIC_URL}/pay/return/K5-8841-12",
        language="ru",
        payer_key="k5-cust-9f2c",
    )
    return replace(top_up, **changed)  # type: ignore[arg-type]
