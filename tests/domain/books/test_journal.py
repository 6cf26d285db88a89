"""Names of events on papers that leave the house."""

from k5web.domain.books.journal import shown_name
from k5web.domain.books.ledger import EventName


def test_the_number_of_an_order_has_its_middle_hidden_in_its_reversal_too() -> None:
    ordered = EventName("order", "number 74951110001 form-4")
    assert shown_name(ordered) == "order number 7495***01 form-4"
    assert shown_name(EventName("order", "number 996312000001 f")) == "order number 9963***01 f"
    assert shown_name(EventName("reversal", str(ordered))) == "reversal order number 7495***01 form-4"


def test_a_provider_s_own_name_stays_to_the_letter() -> None:
    assert shown_name(EventName("qiwi:optima", "number 74951110001 x")) == "qiwi:optima number 74951110001 x"
