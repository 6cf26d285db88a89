"""`k5 transfer reverse`: both sides, once, by the number that either statement shows."""

from k5web.domain.desk.audit import AuditFilter
from k5web.services.books.statements import statement
from k5web.services.desk import audit
from k5web.storage.session import open_sessions
from tests.cli.test_db import k5 as run
from tests.conftest import Clock
from tests.services.books.two import Two
from tests.services.house import House


def test_staff_take_a_transfer_back_by_the_number_of_either_side(database_url: str, clock: Clock) -> None:
    sessions = open_sessions(database_url, database_url)
    two = Two(House(sessions, clock))
    two.send("300.00")
    mine, theirs = two.k5.caller.id, two.ivan.id
    both = [str(statement(two.k5.ports, owner_id).lines[0].posting.number) for owner_id in (mine, theirs)]
    told = f"{mine} had 1000.00 RUB after it", f"{theirs} had 0.00 RUB after it"
    back = run(database_url, "transfer", "reverse", both[1], "--reason", "a wrong digit")
    assert back.output.splitlines() == [f"taken back: {words}" for words in told]
    two.k5.top_up("1.00")
    again = run(database_url, "transfer", "reverse", both[0], "--reason", "again")
    assert again.output.splitlines() == [f"taken back before: {words}" for words in told]
    assert two.balances() == ["1001.00", "0.00"]
    found = audit.lines(two.k5.ports, AuditFilter(action="k5 transfer reverse"))
    assert [line.owner_id for line in found] == [mine, theirs], "the subscriber of the number that was named"
    sessions.dispose()


def test_what_is_no_transfer_is_not_taken_back(database_url: str, clock: Clock) -> None:
    sessions = open_sessions(database_url, database_url)
    two = Two(House(sessions, clock))
    paid = str(statement(two.k5.ports, two.k5.caller.id).lines[0].posting.number)
    for number in (paid, "1", str(2**63 - 1)):
        refused = run(database_url, "transfer", "reverse", number, "--reason", "why")
        assert (refused.exit_code, f"there is no transfer {number}" in refused.output) == (1, True)
    assert two.balances() == ["1000.00", "0.00"]
    sessions.dispose()
