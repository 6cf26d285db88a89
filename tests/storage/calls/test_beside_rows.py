"""What stands beside the price: the subscriber's own phones, the name of the number, whether a number is rented."""

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.contacts.favourite import Favourite
from k5web.domain.prices.number import Msisdn
from k5web.storage.accounts import number_rows, phone_rows
from k5web.storage.accounts.number_rows import Move
from k5web.storage.calls import beside_rows
from k5web.storage.calls.beside_rows import Beside
from k5web.storage.contacts import favourite_rows
from tests.services.house import THEIRS, House, subscriber, with_phone

B_NUMBER = THEIRS.removeprefix("+")
STOCK = Msisdn("74951000001")


def beside(k5: House) -> Beside:
    with k5.ports.sessions.read() as db:
        return beside_rows.beside(db, k5.caller.id, B_NUMBER)


def take_number(k5: House, owner_id: int, *states: NumberState) -> None:
    """Move a number of the stock from state to state for somebody."""
    with k5.ports.sessions.begin() as db:
        number_rows.add(db, {STOCK: False}, k5.clock(), "staff:a")
        for state in states:
            until = k5.clock() if state is NumberState.RESERVED else None
            number_rows.move(db, number_rows.get(db, STOCK.digits), Move(state, owner_id, k5.clock(), "staff:a", until))


def test_phones_come_as_their_own_reader_tells_them_and_nothing_of_anybody_else(k5: House) -> None:
    other = subscriber(k5, 1)
    k5.clock.forward(seconds=1)
    with_phone(k5.ports, k5.caller, Msisdn("74950000002"))
    with_phone(k5.ports, k5.caller, Msisdn("74950000001"))
    now = k5.clock()
    with k5.ports.sessions.begin() as db:
        phones = phone_rows.of_owner(db, k5.caller.id)
        favourite_rows.add(db, other.id, Favourite(Msisdn(B_NUMBER), "Мама", now))
        favourite_rows.add(db, k5.caller.id, Favourite(Msisdn("74957654321"), "Дача", now))
    take_number(k5, other.id, NumberState.RESERVED, NumberState.RENTED)
    assert len(phones) == 3
    assert beside(k5) == Beside(phones, None, rents_number=False)


def test_the_number_s_own_name_and_a_rented_number_are_told(k5: House) -> None:
    mum = Favourite(Msisdn(B_NUMBER), "Мама", k5.clock())
    with k5.ports.sessions.begin() as db:
        favourite_rows.add(db, k5.caller.id, mum)
    take_number(k5, k5.caller.id, NumberState.RESERVED)
    assert (beside(k5).favourite, beside(k5).rents_number) == (mum, False)
    take_number(k5, k5.caller.id, NumberState.RENTED)
    assert beside(k5).rents_number
