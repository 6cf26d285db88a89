"""A number of one's own: reserved, connected for its fee, returned; nothing half done. Promises: B7, D1, D3, D5."""

import contextlib
from dataclasses import replace

import pytest

from k5web.domain.accounts.stock_number import CODES, MOST_A_DAY, PAGE, NumberSearch, NumberState
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    Conflict,
    FeeRose,
    InsufficientFunds,
    NotFound,
    NotOffered,
    NumberLimit,
    NumberTaken,
    OneReservation,
    ReservationOver,
    SubscriberBlocked,
    TooManyReserved,
)
from k5web.services.accounts import blocking, numbers
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import statements
from k5web.services.books.verify import verify
from k5web.services.in_force.plans import PlanBook
from k5web.storage.accounts import number_rows
from tests.services.accounts.stock import FREEPHONE, GO, PITER, PROSTO, A, B, C, fill, on
from tests.services.house import House, subscriber


def states(k5: House, digits: str) -> list[tuple[NumberState, str]]:
    with k5.ports.sessions.read() as db:
        return [(change.state, change.actor.split(":")[0]) for change in number_rows.history(db, digits)]


def orders(k5: House) -> list[str]:
    lines = statements.statement(k5.ports, k5.caller.id, limit=100).lines
    return [str(line.posting.amount) for line in lines if line.posting.name.origin == "order"]


def reprice(k5: House, monkeypatch: pytest.MonkeyPatch, price: str) -> None:
    """Let a number in code 495 cost so much from now on."""
    plan = k5.ports.plans.shipped(PROSTO)
    changed = replace(plan.services["number_495"], price=rub(price))
    dearer = replace(plan, services={**plan.services, changed.code: changed})
    found = PlanBook.current
    monkeypatch.setattr(PlanBook, "current", lambda book, code: dearer if code == PROSTO else found(book, code))


def test_a_number_is_reserved_then_connected_for_the_fee_of_its_code(k5: House) -> None:
    """D1, D3: one event, in one transaction with the change of state."""
    fill(k5.ports)
    k5.top_up("3500.00")
    mine = on(k5.ports, PROSTO, k5.caller)
    assert numbers.reserve(k5.ports, mine, A).state is NumberState.RESERVED
    assert k5.balance() == rub("3500.00"), "a reservation costs nothing"
    assert numbers.connect(k5.ports, mine, A, "form-1", rub("2500.00")).is_rented_by(k5.caller.id)
    assert (k5.balance(), orders(k5)) == (rub("1000.00"), ["-2500.00"])
    numbers.reserve(k5.ports, mine, C)
    numbers.connect(k5.ports, mine, C, "form-2", rub("1000.00"))
    assert (k5.balance(), orders(k5)) == (rub("0.00"), ["-1000.00", "-2500.00"])
    assert [one.msisdn.digits for one in numbers.of_owner(k5.ports, k5.caller.id)] == [A, C]
    assert states(k5, A) == [
        (NumberState.FREE, "staff"),
        (NumberState.RESERVED, "subscriber"),
        (NumberState.RENTED, "subscriber"),
    ]
    with k5.ports.sessions.read() as db:
        assert number_rows.history(db, A)[-1].order == f"number {A} form-1"
    assert verify(k5.ports) == []


@pytest.mark.parametrize(
    ("plan", "fees"),
    [
        (PROSTO, {"495": "2500.00"} | dict.fromkeys(("499", "812", "343", "831", "863", "843"), "1000.00")),
        ("standard-8800", {"800": "2950.00"}),
        (GO, {"495": "0.00", "499": "0.00"}),
        ("go-100", {"495": "0.00", "499": "0.00"}),
        ("go-1000", {"495": "0.00", "499": "0.00"}),
        ("profi", {}),
        ("k5", {}),
    ],
)
def test_each_plan_asks_what_its_price_list_says(k5: House, plan: str, fees: dict[str, str]) -> None:
    """B7, D1, D4, D5: by the plans that K5 comes with."""
    owner = on(k5.ports, plan, k5.caller)
    asked: dict[str, str] = {}
    for code in CODES:
        with contextlib.suppress(NotOffered):
            asked[code] = str(numbers.offer(k5.ports, owner, code).fee)
    assert asked == fees


def test_the_same_form_twice_takes_the_fee_once(k5: House) -> None:
    fill(k5.ports)
    k5.top_up("9000.00")
    mine = on(k5.ports, PROSTO, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    first = numbers.connect(k5.ports, mine, A, "form", rub("2500.00"))
    assert numbers.connect(k5.ports, mine, A, "form", rub("2500.00")) == first
    assert numbers.connect(k5.ports, mine, A, "another form", rub("2500.00")) == first
    assert orders(k5) == ["-2500.00"]


def test_a_form_that_paid_once_connects_no_second_time(k5: House) -> None:
    """Else who kept it would have the number free of charge after it had been returned and had rested."""
    fill(k5.ports)
    k5.top_up("9000.00")
    mine = on(k5.ports, PROSTO, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    numbers.connect(k5.ports, mine, A, "form", rub("2500.00"))
    numbers.give_back(k5.ports, k5.caller.id, A)
    k5.clock.forward(days=60)
    numbers.reserve(k5.ports, mine, A)
    with pytest.raises(Conflict):
        numbers.connect(k5.ports, mine, A, "form", rub("2500.00"))
    assert numbers.show(k5.ports, k5.caller.id, A).state is NumberState.RESERVED
    assert k5.balance() == rub("6500.00")


def test_a_kopeck_too_little_connects_nothing(k5: House) -> None:
    fill(k5.ports)
    k5.top_up("2499.99")
    mine = on(k5.ports, PROSTO, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    with pytest.raises(InsufficientFunds):
        numbers.connect(k5.ports, mine, A, "form", rub("2500.00"))
    assert (k5.balance(), orders(k5)) == (rub("2499.99"), [])
    assert numbers.show(k5.ports, k5.caller.id, A).is_reserved_by(k5.caller.id, k5.clock())
    k5.top_up("0.01")
    numbers.connect(k5.ports, mine, A, "form", rub("2500.00"))
    assert k5.balance() == rub("0.00")


def test_a_fee_that_rose_since_the_page_is_asked_about_again(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(k5.ports)
    k5.top_up("9000.00")
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, k5.caller), A)
    reprice(k5, monkeypatch, "2500.01")
    with pytest.raises(FeeRose) as refused:
        numbers.connect(k5.ports, k5.caller.id, A, "form", rub("2500.00"))
    assert refused.value.facts == {"agreed": rub("2500.00"), "due": rub("2500.01")}
    assert k5.balance() == rub("9000.00")
    reprice(k5, monkeypatch, "2400.00")
    numbers.connect(k5.ports, k5.caller.id, A, "form", rub("2500.00"))
    assert orders(k5) == ["-2400.00"], "the lower one is taken"


def test_a_reservation_ends_by_itself_after_fifteen_minutes(k5: House) -> None:
    fill(k5.ports)
    k5.top_up("9000.00")
    mine, other = on(k5.ports, PROSTO, k5.caller), on(k5.ports, PROSTO, subscriber(k5, 1))
    numbers.reserve(k5.ports, mine, A)
    k5.clock.forward(minutes=14, seconds=59)
    with pytest.raises(NumberTaken):
        numbers.reserve(k5.ports, other, A)
    assert A not in [one.msisdn.digits for one in numbers.search(k5.ports, NumberSearch()).rows]
    k5.clock.forward(seconds=1)
    with pytest.raises(ReservationOver):
        numbers.connect(k5.ports, mine, A, "form", rub("2500.00"))
    assert numbers.of_owner(k5.ports, k5.caller.id) == []
    assert A in [one.msisdn.digits for one in numbers.search(k5.ports, NumberSearch()).rows]
    assert numbers.reserve(k5.ports, other, A).owner_id == other
    assert [state for state, _ in states(k5, A)] == ["free", "reserved", "free", "reserved"]


def test_the_same_tap_twice_reserves_no_longer(k5: House) -> None:
    fill(k5.ports)
    mine = on(k5.ports, PROSTO, k5.caller)
    first = numbers.reserve(k5.ports, mine, A)
    k5.clock.forward(minutes=5)
    assert numbers.reserve(k5.ports, mine, A) == first


def test_one_number_is_reserved_at_a_time(k5: House) -> None:
    fill(k5.ports)
    mine = on(k5.ports, PROSTO, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    with pytest.raises(OneReservation) as refused:
        numbers.reserve(k5.ports, mine, B)
    assert refused.value.facts["number"] == Msisdn(A)
    numbers.let_go(k5.ports, k5.caller.id, A)
    assert numbers.reserve(k5.ports, mine, B).owner_id == k5.caller.id
    k5.clock.forward(minutes=15)
    assert numbers.reserve(k5.ports, mine, A).owner_id == k5.caller.id, "what is over is in nobody's way"


def test_who_reserves_and_lets_go_does_so_five_times_a_day(k5: House) -> None:
    fill(k5.ports)
    mine = on(k5.ports, PROSTO, k5.caller)
    for _time in range(MOST_A_DAY):
        numbers.reserve(k5.ports, mine, A)
        numbers.let_go(k5.ports, k5.caller.id, A)
    with pytest.raises(TooManyReserved):
        numbers.reserve(k5.ports, mine, A)
    assert numbers.reserve(k5.ports, on(k5.ports, PROSTO, subscriber(k5, 1)), A)
    k5.clock.forward(hours=12)  # midnight in Moscow
    assert numbers.reserve(k5.ports, mine, B)


def test_a_returned_number_rests_for_sixty_days_and_is_free_again(k5: House) -> None:
    fill(k5.ports)
    mine = on(k5.ports, GO, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    numbers.connect(k5.ports, mine, A, "form", rub("0.00"))
    numbers.give_back(k5.ports, k5.caller.id, A)
    with pytest.raises(NotFound):
        numbers.give_back(k5.ports, k5.caller.id, A)
    k5.clock.forward(days=59, hours=23, minutes=59)
    assert numbers.sweep(k5.ports) == 0
    with pytest.raises(NumberTaken):
        numbers.reserve(k5.ports, mine, A)
    k5.clock.forward(minutes=1)
    assert (numbers.sweep(k5.ports), numbers.sweep(k5.ports)) == (1, 0)
    with k5.ports.sessions.read() as db:
        assert number_rows.get(db, A).state is NumberState.FREE
    assert [state for state, _ in states(k5, A)] == ["free", "reserved", "rented", "quarantine", "free"]
    assert states(k5, A)[-1][1] == "job"


def test_the_sweep_writes_down_what_is_over(k5: House) -> None:
    fill(k5.ports)
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, k5.caller), A)
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, subscriber(k5, 1)), B)
    k5.clock.forward(minutes=14)
    assert numbers.sweep(k5.ports) == 0
    k5.clock.forward(minutes=1)
    assert numbers.sweep(k5.ports) == 2
    assert states(k5, A)[-1] == (NumberState.FREE, "job")


def test_a_number_that_is_part_of_the_plan_costs_nothing_and_there_is_one(k5: House) -> None:
    """B7."""
    fill(k5.ports)
    mine = on(k5.ports, GO, k5.caller)
    numbers.reserve(k5.ports, mine, C)
    numbers.connect(k5.ports, mine, C, "form", rub("0.00"))
    assert orders(k5) == []
    with pytest.raises(NumberLimit):
        numbers.reserve(k5.ports, mine, A)
    numbers.give_back(k5.ports, k5.caller.id, C)
    assert numbers.reserve(k5.ports, mine, A)


def test_a_plan_without_numbers_refuses_before_anything_is_reserved(k5: House) -> None:
    """D5."""
    fill(k5.ports)
    with pytest.raises(NotOffered):
        numbers.reserve(k5.ports, on(k5.ports, PROSTO, k5.caller), FREEPHONE)
    with pytest.raises(NotOffered):
        numbers.reserve(k5.ports, on(k5.ports, "k5", k5.caller), A)
    assert [state for state, _ in states(k5, A)] == ["free"]


def test_a_plan_that_lost_the_service_meanwhile_connects_nothing(k5: House) -> None:
    fill(k5.ports)
    k5.top_up("9000.00")
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, k5.caller), A)
    with pytest.raises(NotOffered):
        numbers.connect(k5.ports, on(k5.ports, "k5", k5.caller), A, "form", rub("2500.00"))
    assert k5.balance() == rub("9000.00")


def test_an_account_in_another_currency_is_offered_no_price_in_roubles(k5: House) -> None:
    fill(k5.ports)
    som = add_subscriber(k5.ports, Msisdn("996555123456"), "correct horse", "Айгуль", "KGS")
    with pytest.raises(NotOffered):
        numbers.reserve(k5.ports, on(k5.ports, PROSTO, som), A)


def test_for_who_is_blocked_nothing_begins(k5: House) -> None:
    fill(k5.ports)
    k5.top_up("9000.00")
    mine = on(k5.ports, PROSTO, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    blocking.block(k5.ports, k5.caller.id, "staff:1", "fraud")
    with pytest.raises(SubscriberBlocked):
        numbers.connect(k5.ports, mine, A, "form", rub("2500.00"))
    k5.clock.forward(minutes=15)
    with pytest.raises(SubscriberBlocked):
        numbers.reserve(k5.ports, mine, B)


def test_nobody_touches_what_is_anothers(k5: House) -> None:
    fill(k5.ports)
    other = on(k5.ports, GO, subscriber(k5, 1))
    numbers.reserve(k5.ports, on(k5.ports, GO, k5.caller), A)
    for steal in (numbers.let_go, numbers.give_back, numbers.show):
        with pytest.raises(NotFound):
            steal(k5.ports, other, A)
    with pytest.raises(ReservationOver):
        numbers.connect(k5.ports, other, A, "form", rub("0.00"))
    numbers.connect(k5.ports, on(k5.ports, GO, k5.caller), A, "form", rub("0.00"))
    for steal in (numbers.let_go, numbers.give_back, numbers.show):
        with pytest.raises(NotFound):
            steal(k5.ports, other, A)
    with pytest.raises(NotFound):
        numbers.let_go(k5.ports, k5.caller.id, A)


def test_a_number_that_is_not_in_the_stock_is_not_found(k5: House) -> None:
    for ask in (numbers.let_go, numbers.give_back, numbers.show):
        with pytest.raises(NotFound):
            ask(k5.ports, k5.caller.id, A)


def test_free_numbers_are_found_by_code_and_by_digits(k5: House) -> None:
    """D3."""
    fill(k5.ports, A, B, C, PITER, "74957770101")

    def found(*wanted: object) -> list[str]:
        return [one.msisdn.digits for one in numbers.search(k5.ports, NumberSearch(*wanted)).rows]  # type: ignore[arg-type]

    assert found() == [A, B, "74957770101", C, PITER]
    assert found("495") == [A, B, "74957770101"]
    assert found("", "0101") == [A, "74957770101"]
    assert found("", "777") == []
    assert found("", "777", True) == ["74957770101"]
    assert found("812", "04") == [PITER]
    assert found("", "7495", True) == [], "the 7 in front is nobody's choice"
    assert numbers.search(k5.ports, NumberSearch()).free == {"495": 3, "499": 1, "812": 1}


def test_pages_follow_each_other_by_the_last_number(k5: House) -> None:
    fill(k5.ports, *[f"7495000{n:04d}" for n in range(2 * PAGE + 1)])
    seen, after = [], ""
    for _page in range(3):
        page = numbers.search(k5.ports, NumberSearch(), after)
        seen += [one.msisdn.digits for one in page.rows]
        after = page.next_after or ""
    assert seen == [f"7495000{n:04d}" for n in range(2 * PAGE + 1)]
    assert after == ""


def test_a_number_is_taken_though_the_sweep_frees_it_in_between(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last reservation is over: whoever takes it at that moment is not told that somebody else has it."""
    fill(k5.ports)
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, subscriber(k5, 1)), A)
    k5.clock.forward(minutes=15)
    stale = numbers.show(k5.ports, k5.caller.id, A)
    numbers.sweep(k5.ports)
    seen = iter([stale])
    found = number_rows.get
    monkeypatch.setattr(number_rows, "get", lambda db, digits: next(seen, None) or found(db, digits))
    assert numbers.reserve(k5.ports, on(k5.ports, PROSTO, k5.caller), A).is_reserved_by(k5.caller.id, k5.clock())


def test_an_end_that_the_sweep_wrote_down_leaves_room_for_another(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(k5.ports)
    mine = on(k5.ports, PROSTO, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    k5.clock.forward(minutes=15)
    with k5.ports.sessions.read() as db:
        stale = number_rows.of_owner(db, mine)
    numbers.sweep(k5.ports)
    monkeypatch.setattr(number_rows, "of_owner", lambda db, owner_id: stale)
    assert numbers.reserve(k5.ports, mine, B).state is NumberState.RESERVED
