"""How money left suspense, as rows: a closing holds until its event is reversed; rules begin and end."""

from datetime import UTC, datetime
from pathlib import Path

from k5web.domain.bank.suspense import NOT_OURS, Rule
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.services.bank.closing import close
from k5web.services.bank.suspense import suspense
from k5web.services.books import corrections
from k5web.storage.bank import closings
from k5web.storage.session import Sessions
from tests.services.bank.payouts import REASON, waiting
from tests.services.house import House

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_a_closing_holds_until_its_event_is_reversed_and_is_remembered_after(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    name = suspense(k5.ports).first[0].payment.name
    put = close(k5.ports, number, REASON, "staff:1").closing
    with k5.ports.sessions.read() as db:
        assert closings.find(db, name) == closings.last(db, name) == put
        assert closings.count(db, name) == 1
    corrections.reverse(k5.ports, HOUSE, EventName("close", put.event), "staff:1")
    with k5.ports.sessions.read() as db:
        assert closings.find(db, name) is None
        assert (closings.last(db, name), closings.count(db, name)) == (put, 1)


def test_a_rule_is_in_force_until_it_is_removed_once(sessions: Sessions) -> None:
    first, second = (Rule(n, "банк", "реестру", NOT_OURS, REASON, "staff:1", NOW) for n in (1, 2))
    with sessions.begin() as db:
        for made in (second, first):
            closings.add_rule(db, made)
    with sessions.begin() as db:
        assert closings.rules(db) == [first, second]
        assert [closings.remove_rule(db, 1, NOW) for _ in range(2)] == [True, False]
        assert (closings.rules(db), closings.rule(db, 1), closings.rule(db, 2)) == ([second], None, second)
