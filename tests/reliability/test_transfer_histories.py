"""Random histories of transfers against a model in plain Python: no kopeck is made or lost, no form moves twice."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import Conflict, InsufficientFunds, TransferLimit, TransferTooSmall
from k5web.services.accounts import accounts
from k5web.services.books import corrections, transfers
from k5web.services.books.transfers import TransferWish
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports

PHONES = count(1)
PEOPLE, START, DAY = 3, 500_00, 3000_00
# who sends, to whom (the next ones), how much, under which form; or the form to be taken back
SENT = st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(0, 700_00), st.integers(0, 5))
TAKEN_BACK = st.tuples(st.integers(0, 2), st.integers(0, 5))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.one_of(SENT, TAKEN_BACK), max_size=15))
def test_what_the_database_says_is_what_the_model_says(
    ports: Ports, history: list[tuple[int, int, int, int] | tuple[int, int]]
) -> None:
    people = []
    for _ in range(PEOPLE):
        phone = Msisdn(f"7916{next(PHONES):07}")
        one = accounts.add_subscriber(ports, phone, "correct horse battery", "Анна")
        credit(ports, one.id, EventName("test:bank", phone.digits), Money(START), "cash.test", "test", ports.clock())
        people.append(one)
    balances, moved, undone = [START] * PEOPLE, dict[tuple[int, int], tuple[int, int]](), set[tuple[int, int]]()
    for step in history:
        if len(step) == 2:
            form = step
            if form in moved:
                name = EventName("transfer", f"form-{form[1]}")
                corrections.reverse(ports, people[form[0]].id, name, "staff:1")
                if form not in undone:
                    undone.add(form)
                    balances[form[0]] += moved[form][1]
                    balances[moved[form][0]] -= moved[form][1]
            continue
        sender, further, amount, n = step
        receiver, form = (sender + further) % PEOPLE, (sender, n)
        said = send(ports, people[sender], people[receiver], amount, n)
        sent_today = sum(sum_ for (who, _), (_, sum_) in moved.items() if who == sender)
        if amount < 1_00:
            assert isinstance(said, TransferTooSmall)
        elif form in moved:
            assert isinstance(said, Posting) == (moved[form] == (receiver, amount))
            assert isinstance(said, Posting | Conflict)
        elif balances[sender] < amount:
            assert isinstance(said, InsufficientFunds)
        elif sent_today + amount > DAY:
            assert isinstance(said, TransferLimit)
        else:
            assert isinstance(said, Posting)
            moved[form] = receiver, amount
            balances[sender] -= amount
            balances[receiver] += amount
    assert [accounts.purse(ports, one.id).balance for one in people] == [Money(minor) for minor in balances]
    assert ports.transfer_day == rub("3000.00")
    assert verify(ports) == []


def send(ports: Ports, sender: Subscriber, receiver: Subscriber, amount: int, n: int) -> object:
    """Return the posting, or the refusal."""
    typed = f"K5-{receiver.id}"
    wish = TransferWish(typed, transfers.mark_of(ports, typed, receiver), Money(amount), f"form-{n}")
    try:
        return transfers.send(ports, sender, wish)
    except (Conflict, InsufficientFunds, TransferLimit, TransferTooSmall) as refusal:
        return refusal
