"""The house whose made-up network also takes orders: top-ups are begun, looked at and paid as a test says."""

from k5web.domain.money import rub
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.services.payments import topups
from k5web.services.payments.topups import TopUpRequest
from tests.services.net import Net

PAID = TopUpState.PAID


class Shop(Net):
    """The house whose made-up network also takes orders."""

    def wish(self, key: str = "form-1", sum: str = "100.00") -> TopUpRequest:
        """What the form asks."""
        return TopUpRequest("fake:bank", rub(sum), key, "https://k5.example/pay/return/{reference}")

    def begin(self, key: str = "form-1", sum: str = "100.00") -> TopUp:
        """Press «Пополнить»."""
        return topups.begin(self.ports, self.caller, self.wish(key, sum))

    def provider_says(self, number: str, state: TopUpState, amount: str = "100.00", refunded: str = "") -> None:
        """Let the provider have this to say about an order."""
        back = rub(refunded) if refunded else None
        self.connector.seen[number] = Seen(state, rub(amount), back, provider_id=f"id-{number}")

    def look(self, top_up: TopUp) -> TopUp:
        """Look as the return page does."""
        return topups.look(self.ports, top_up.reference)

    def state(self, top_up: TopUp) -> TopUpState:
        """Where a top-up stands."""
        return topups.find(self.ports, top_up.reference).state

    def paid(self, key: str = "form-1", sum: str = "100.00") -> TopUp:
        """A top-up that was paid."""
        top_up = self.begin(key, sum)
        self.provider_says(top_up.number, PAID, sum)
        return self.look(top_up)
