"""What payers by card are told to do (A10)."""

from connectors.cards.ways import by_card
from tests.connectors.told import told


def test_a10_a_card_is_typed_on_the_banks_page_alone() -> None:
    assert "Номер карты вводится только там: мы его не видим." in told(by_card("Карта"))
