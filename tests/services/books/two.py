"""Two subscribers of one house, between whom money goes."""

from k5web.domain.books.ledger import Posting
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.books import transfers
from k5web.services.books.transfers import TransferWish
from k5web.services.books.verify import verify
from tests.services.house import House

PHONE = "+79160000067"


class Two:
    """Anna with 1000 roubles, and Ivan to whom she sends some."""

    def __init__(self, k5: House) -> None:
        self.k5 = k5
        self.ivan = accounts.add_subscriber(k5.ports, Msisdn.parse(PHONE), "correct horse", "Иван Петров")
        k5.top_up("1000.00")

    def wish(self, amount: str, form: str = "form-1", to: str = PHONE) -> TransferWish:
        offer = transfers.offer(self.k5.ports, self.k5.caller, to, rub(amount))
        return TransferWish(to, offer.mark, offer.amount, form)

    def send(self, amount: str, form: str = "form-1", to: str = PHONE) -> Posting:
        return transfers.send(self.k5.ports, self.k5.caller, self.wish(amount, form, to))

    def balances(self) -> list[str]:
        assert verify(self.k5.ports) == []
        return [str(accounts.purse(self.k5.ports, who.id).balance) for who in (self.k5.caller, self.ivan)]
