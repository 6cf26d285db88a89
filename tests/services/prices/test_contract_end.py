"""A contract ends once, beside the application where there is one (B12)."""

import threading
from datetime import timedelta

from k5web.domain.accounts.ending import Ending
from k5web.services.prices.contract_end import end_contract
from k5web.storage.accounts import ending_rows
from tests.services.house import House


def test_workers_at_once_end_it_once(k5: House) -> None:
    last_day = k5.ports.today() - timedelta(days=1)
    ending = Ending(k5.caller.id, 0, "objection", k5.clock(), last_day, "job:objections", "objected")
    done: list[bool] = []

    def work() -> None:
        done.append(end_contract(k5.ports, ending, lambda db: not ending_rows.of_owner(db, k5.caller.id)))

    crowd = [threading.Thread(target=work) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(done) == [False, False, False, True]
    with k5.ports.sessions.read() as db:
        [noted] = ending_rows.of_owner(db, k5.caller.id)
    assert (noted.why, noted.last_day, noted.done_at) == ("objection", last_day, k5.clock())


def test_where_the_reason_does_not_stand_nothing_happens(k5: House) -> None:
    ending = Ending(k5.caller.id, 0, "objection", k5.clock(), k5.ports.today(), "job:objections", "objected")
    assert not end_contract(k5.ports, ending, lambda db: False)
    with k5.ports.sessions.read() as db:
        assert ending_rows.of_owner(db, k5.caller.id) == []
