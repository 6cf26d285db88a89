"""A way to pay that begins payments here, tells how to pay and draws a code."""

import re

from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import Seen, Started
from k5web.domain.payments.payment_way import Fact, Path, Payer, Way
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.phrase import phrase
from k5web.errors import K5Error
from k5web.services.payments import topups
from tests.fakes.connector import PARTNER, FakeConnector
from tests.services.house import House
from tests.web.conftest import Browser

GATEWAY = "https://gateway.example/pay?order=1"


class FakeWay(FakeConnector):
    """A provider that begins payments here, tells how to pay, and draws a code."""

    def __init__(self, **keys: object) -> None:
        super().__init__(PartnerTable({**PARTNER, **keys}, set()).partner({"plain"}))
        self.trouble: K5Error | None = None
        self.app_link = ""

    def start(self, top_up: TopUp) -> Started:
        """Give a page and a code."""
        self.started.append(top_up)
        self.on_start(top_up)
        if self.trouble:
            raise self.trouble
        return Started(f"P{len(self.started)}", pay_url=GATEWAY, code="4821907", qr=self.app_link)

    def explain(self, payer: Payer | None) -> Way:
        """Tell two roads and the payer's account."""
        facts = (Fact(phrase("Счёт"), str(payer.id)),) if payer else ()
        paths = (
            Path(phrase("В банке"), (phrase("Придите."), phrase("Заплатите <b>кассиру</b>."))),
            Path(phrase("На сайте"), (phrase("Зайдите."),)),
        )
        return Way(
            "Банк «Ромашка»",
            phrase("Деньги сразу."),
            facts,
            paths,
            calls=(Fact(phrase("Банк"), "0312 960 888"),),
            account="1",
        )

    def qr(self, account: str, amount: Money | None = None) -> str:
        """A code for any account."""
        return f"https://qr.example/{account}"


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page))


def begin(phone: Browser, typed: str) -> str:
    """Fill the form and return where it leads to."""
    page = phone.get("/pay/fake-bank")
    answer = phone.post("/pay/fake-bank", None, **form_of(page.text), sum=typed)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def pay(k5: House, bank: FakeWay) -> str:
    """Let the bank have the last order's money; return the page of the payment."""
    started = bank.started[-1]
    bank.seen[started.number] = Seen(TopUpState.PAID, started.amount, provider_id="P1", occurred_at=k5.clock())
    topups.look(k5.ports, started.reference)
    return f"/me/pay/{started.reference}"
