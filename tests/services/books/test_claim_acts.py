"""A claim that is upheld, and the act of the month that it corrects (B10, B11)."""

from datetime import date

from k5web.domain.money import rub
from k5web.services.books import acts, statements
from k5web.services.books.verify import verify
from tests.services.books.months import Months
from tests.services.books.test_claims import dispute, uphold
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect


def test_a_december_charge_claimed_in_january_corrects_the_act_of_december(k5: House) -> None:
    """B10, B11: what the acts come to in their latest versions is the ledger, and nothing counts twice."""
    months = Months(k5)
    k5.top_up("2000.00")
    k5.talk(k5.order(), "55")
    connect(k5, "plan", "go-100")
    fee = statements.statement(k5.ports, k5.caller.id).lines[0].posting
    months.at("2027-01-01 12:00:00")
    acts.run(k5.ports)
    dispute(k5, 2, "call", 220)
    dispute(k5, fee.seq, "fee", 10000)
    months.at("2027-01-20 12:00:00")
    uphold(k5, 1, 75)
    uphold(k5, 2, 10000)
    acts.run(k5.ports)
    months.at("2027-02-01 12:00:00")
    acts.run(k5.ports)
    assert len(months.acts()) == 2
    assert months.latest_sum() == rub("2000.00") - k5.balance()
    assert {act.month for act in months.found()} == {date(2026, 12, 1)}, "nothing was rendered in January"
    december = max(months.found(), key=lambda act: act.version)
    assert [(line.kind, line.title, str(line.amount)) for line in december.lines] == [
        ("calls", "", "1.45"),
        ("monthly_fee", "GO 100", "500.00"),
    ]
    found = {each.invariant for each in verify(k5.ports)}
    assert found <= {"I8"}, "nobody billed January here"
