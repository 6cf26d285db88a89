"""What registers say and what the ledger has under their names, as rows, on both databases."""

from datetime import timedelta

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.services.books import corrections
from k5web.storage.payments import registers
from tests.services.net import Net

ORIGIN = "fake:bank"


def line(net: Net, file: str, line_no: int, key: str, minor: int) -> dict[str, object]:
    named = {"file_sha256": file, "line_no": line_no, "origin": ORIGIN, "key": key, "at": net.clock()}
    return {**named, "amount_minor": minor, "currency": "RUB", "verdict": "ok"}


def test_what_the_ledger_has_is_told_by_the_providers_names(net: Net) -> None:
    net.pays("1")
    net.pays("2", sum="100.00")
    with net.ports.sessions.read() as db:
        found = registers.booked(db, ORIGIN, ["1", "3"])
        assert {key: (one.owner_id, one.amount) for key, one in found.items()} == {"1": (net.caller.id, rub("250.00"))}
        assert registers.booked(db, "fake:other", ["1"]) == {}


def test_what_went_back_is_told_below_zero_over_all_its_parts(net: Net) -> None:
    net.pays("1")
    net.pays("2")
    for application in ("first", "second"):
        name = EventName(ORIGIN, "1")
        corrections.refund(net.ports, net.caller.id, name, rub("50.00"), application, "staff:1")
    with net.ports.sessions.read() as db:
        assert registers.gone_back(db, ORIGIN, ["1", "2"]) == {"1": -rub("100.00")}


def test_payments_that_no_register_names_are_told_page_by_page(net: Net) -> None:
    since = net.clock()
    for key in ("1", "2", "3", "4"):
        net.pays(key)
        net.clock.forward(seconds=1)
    net.says(do="cancel", key="4")
    with net.ports.sessions.begin() as db:
        registers.add_lines(db, [line(net, "file", 1, "2", 25000)])
    with net.ports.sessions.read() as db:
        until = net.clock() + timedelta(days=1)
        [first] = registers.unlisted(db, ORIGIN, since, until, None, 1)
        rest = registers.unlisted(db, ORIGIN, since, until, first, 10)
        assert [first.key, *(one.key for one in rest)] == ["1", "3"]
        assert registers.unlisted(db, ORIGIN, until, until, None, 10) == []


def test_a_line_is_kept_once_and_the_lines_before_it_are_summed(net: Net) -> None:
    lines = [line(net, "file", 1, "1", 25000), line(net, "file", 2, "1", -5000), line(net, "file", 3, "1", -1000)]
    with net.ports.sessions.begin() as db:
        for _ in range(2):
            registers.add_lines(db, lines)
        assert registers.lines_before(db, "file", 3, ORIGIN, ["1"]) == {"1": (1, -5000)}
        registers.add_lines(db, [line(net, "again", 1, "1", -5000)])
        assert registers.told_back(db, ORIGIN, ["1"]) == {"1": -6000}, "the same line in two files counts once"
