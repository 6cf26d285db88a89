"""Plans in force: exact at their moment, found a second after a publication, kept while the database is silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import FIRST_PLAN, PUBLIC_DECK
from k5web.domain.prices.plan_version import PlanText
from k5web.domain.prices.rating import Quote, Rate
from k5web.errors import CurrencyMismatch, NoPlan, NotInPlan, Unavailable
from k5web.services.calls import ordering
from k5web.services.in_force.plans import SHIPPED, PlanBook
from k5web.services.in_force.rates import LOOK_EVERY, RateBook
from k5web.storage.prices import plan_rows, rates
from k5web.storage.session import Sessions
from k5web.storage.tables import SubscriberRow
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED as FILES
from tests.fakes.doors import change_plan
from tests.services.house import House
from tests.services.house import publish as house_prices

INSTANT = timedelta(microseconds=1)
MOBILE, MOSCOW = "79161234567", "74951234567"


def publish(sessions: Sessions, clock: Clock, since: datetime, calls_at_once: int, code: str = "k5") -> int:
    """Publish a version of the K5 plan, its calls at once being its mark."""
    text = FILES.text("k5").plan.replace("calls_at_once = 1", f"calls_at_once = {calls_at_once}")
    text = text.replace('code = "k5"', f'code = "{code}"')
    with sessions.begin() as db:
        return plan_rows.add(db, code, since, PlanText("k5.toml", text), "test", clock()).id


class Watched(Sessions):
    """Sessions that count the looks and can be told not to answer."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(sessions.write, sessions._read)
        self.reads = 0
        self.is_down = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        self.reads += 1
        if self.is_down:
            raise Unavailable
        with super().read() as db:
            yield db


@pytest.fixture
def watched(sessions: Sessions) -> Watched:
    return Watched(sessions)


@pytest.fixture
def book(watched: Watched, clock: Clock) -> PlanBook:
    return PlanBook(watched, clock, FILES, RateBook(watched, clock))


def mark(book: PlanBook, code: str = "k5") -> int:
    return book.current(code).calls_at_once


def test_without_a_publication_the_plans_are_those_that_k5_comes_with(book: PlanBook, clock: Clock) -> None:
    assert mark(book) == 1
    assert book.version("k5", clock()) == (SHIPPED, book.current("k5"))
    assert {"economny", "go", "go-100", "go-1000", "k5", "profi", "prosto", "start"} <= set(book.codes())


def test_strangers_see_the_prices_of_a_new_subscriber(book: PlanBook) -> None:
    assert book.current(FIRST_PLAN).deck == PUBLIC_DECK


def test_every_plan_of_the_folder_bears_the_name_of_its_file(book: PlanBook) -> None:
    assert [book.current(code).code for code in book.codes()] == book.codes()


@pytest.mark.parametrize("code", ["none", "../k5", ""])
def test_a_plan_that_does_not_exist_is_named(book: PlanBook, code: str) -> None:
    with pytest.raises(NoPlan, match=f"there is no plan '{code}'"):
        book.current(code)


def test_a_publication_is_found_within_a_second(book: PlanBook, sessions: Sessions, clock: Clock) -> None:
    assert mark(book) == 1
    number = publish(sessions, clock, clock() - timedelta(hours=1), 7)
    clock.forward(seconds=0.5)
    assert mark(book) == 1
    clock.forward(seconds=0.5)
    assert mark(book) == 7
    assert book.version("k5", clock())[0] == number


def test_a_change_takes_force_exactly_at_its_moment(
    book: PlanBook, watched: Watched, sessions: Sessions, clock: Clock
) -> None:
    moment = clock() + timedelta(days=1)
    number = publish(sessions, clock, moment, 7)
    assert mark(book) == 1
    clock.now = moment - INSTANT
    assert mark(book) == 1
    watched.is_down = True  # what is known ahead needs no database at its moment
    clock.now = moment
    assert mark(book) == 7
    assert [book.version("k5", at)[0] for at in (moment - INSTANT, moment)] == [SHIPPED, number]


def test_each_moment_has_its_own_version(book: PlanBook, sessions: Sessions, clock: Clock) -> None:
    first, second = (publish(sessions, clock, clock() - timedelta(days=days), days) for days in (20, 10))
    found = [book.version("k5", clock() - timedelta(days=days)) for days in (30, 20, 15, 10, 0)]
    assert [number for number, _ in found] == [SHIPPED, first, first, second, second]
    assert [plan.calls_at_once for _, plan in found] == [1, 20, 20, 10, 10]


def test_a_plan_of_the_operators_own_is_there_from_its_day(book: PlanBook, sessions: Sessions, clock: Clock) -> None:
    publish(sessions, clock, clock() + timedelta(days=1), 4, code="own")
    assert "own" not in book.codes()
    with pytest.raises(NoPlan):
        book.current("own")
    clock.forward(days=1)
    assert "own" in book.codes()
    assert mark(book, "own") == 4


def test_while_the_database_does_not_answer_the_old_plan_stays(
    book: PlanBook, watched: Watched, sessions: Sessions, clock: Clock
) -> None:
    publish(sessions, clock, clock(), 3)
    assert mark(book) == 3
    watched.is_down = True
    publish(sessions, clock, clock() + INSTANT, 7)
    clock.forward(hours=1)
    assert mark(book) == 3
    watched.is_down = False
    clock.forward(seconds=1)
    assert mark(book) == 7


def test_a_database_that_never_answered_is_named_as_our_trouble(book: PlanBook, watched: Watched) -> None:
    watched.is_down = True
    with pytest.raises(Unavailable):
        book.current("k5")


def test_the_database_is_looked_at_once_a_second(book: PlanBook, watched: Watched, clock: Clock) -> None:
    for _ in range(3):
        for code in ("k5", "go", "k5"):
            book.current(code)
        clock.forward(seconds=LOOK_EVERY.total_seconds())
    assert watched.reads == 3


def test_a_plan_is_read_once(book: PlanBook, clock: Clock) -> None:
    first = book.current("k5")
    clock.forward(days=1)
    assert book.current("k5") is first


def test_a_version_keeps_its_own_direction_groups(book: PlanBook, sessions: Sessions, clock: Clock) -> None:
    text = FILES.text("economny")
    groups = text.groups.replace("Украина", "Украина целиком")
    with sessions.begin() as db:
        plan_rows.add(db, "economny", clock(), replace(text, groups=groups), "test", clock())
    titles = [book.version("economny", at)[1].groups.title_of("ukraine") for at in (clock() - INSTANT, clock())]
    assert titles == ["Украина", "Украина целиком"]


def on_plan(k5: House, code: str, currency: str = "RUB") -> Subscriber:
    with k5.ports.sessions.begin() as db:
        db.execute(update(SubscriberRow).where(SubscriberRow.id == k5.caller.id).values(plan=code))
    return replace(k5.caller, plan_code=code, currency=currency)


def quoted(k5: House, code: str, currency: str = "RUB") -> Quote:
    plan, quote = k5.ports.plans.quote(on_plan(k5, code, currency), MOBILE, MOSCOW)
    assert plan.code == code
    return quote


def test_a_callback_is_quoted_by_the_subscribers_plan(k5: House) -> None:
    house_prices(k5.ports, {"79": ("Россия моб.", "1.30"), "7495": ("Москва фикс.", "1.20")}, 2, name="clovertel")
    found = {code: str(quoted(k5, code).per_minute) for code in ("k5", "go", "economny")}
    assert found == {"k5": "2.20", "go": "1.20", "economny": "5.00"}
    assert [quoted(k5, "go").a.destination, quoted(k5, "economny").b.destination] == [
        "Россия моб.",
        "Другие операторы России",
    ]


def test_an_account_in_another_currency_has_a_list_of_its_own_or_none(k5: House) -> None:
    for code in ("k5", "economny"):
        with pytest.raises(CurrencyMismatch):
            quoted(k5, code, "KGS")
    listed = [(Rate(prefix, prefix, Price.parse("1.00", "KGS")), k5.clock()) for prefix in ("79", "7495")]
    with k5.ports.sessions.begin() as db:
        rates.add_version(db, "k5-kgs", k5.clock(), k5.clock(), "test", bytes(32), listed)
    assert quoted(k5, "k5", "KGS").per_minute == Price.parse("2.00", "KGS")


def test_a_call_is_ordered_by_the_plan_in_force_at_that_moment(k5: House) -> None:
    """The page was opened under K5; meanwhile the subscriber took «Экономный», whose own leg is free."""
    k5.top_up("12.00")
    opened = k5.caller
    on_plan(k5, "economny")
    call = k5.order(caller=opened)
    assert (call.quote.a.per_minute.micro, call.quote.b.destination) == (0, "Другие операторы России")
    assert k5.held() == rub("10.00")
    call = k5.talk(call, "61")
    assert (call.cost, k5.balance()) == (rub("10.00"), rub("2.00"))
    k5.assert_sound()


def test_a_call_under_way_keeps_the_terms_it_was_ordered_by(k5: House) -> None:
    k5.top_up("4.40")
    call = k5.order()
    on_plan(k5, "economny")
    assert k5.talk(call, "61").cost == rub("4.40")
    k5.assert_sound()


def test_a_direction_that_the_plan_has_no_price_for_is_not_called(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    k5.top_up("50.00")
    change_plan(monkeypatch, rates=())
    with pytest.raises(NotInPlan):
        ordering.offer(k5.ports, k5.caller, Msisdn(MOSCOW))
    with pytest.raises(NotInPlan):
        k5.order()
    assert k5.held() == rub("0.00")


def test_a_quote_says_which_version_of_a_price_list_or_plan_it_is_of(k5: House) -> None:
    """The call detail tells it later; the call keeps it whatever is published since."""
    k5.top_up("50.00")
    kept = k5.call(k5.order()).quote
    assert (kept.a.source, kept.b.source) == ("deck k5 1", "deck k5 1")
    own = quoted(k5, "economny")
    assert (own.a.source, own.b.source) == (f"plan economny {SHIPPED}", f"plan economny {SHIPPED}")
