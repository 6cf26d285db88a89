"""`k5 audit`: who did what, filtered; an interrupted deed says so."""

from k5web.domain.desk.audit import Deed
from k5web.services.ports import Ports
from k5web.storage.desk import audit_rows
from tests.cli.conftest import K5


def test_lines_are_printed_oldest_first_and_filtered(k5: K5, subscriber: int) -> None:
    k5("subscriber", "block", str(subscriber), "--reason", "жалоба")
    k5("subscriber", "unblock", str(subscriber), "--reason", "ошибка")
    told = k5("audit", "--subscriber", str(subscriber), "--action", "k5 subscriber").output.splitlines()
    assert [line.split("  ")[2] for line in told if "block" in line] == ["k5 subscriber block", "k5 subscriber unblock"]
    assert "(ошибка)  done" in told[-1]
    assert k5("audit", "--actor", "staff:nobody").output == ""


def test_what_was_cut_short_says_so(k5: K5, ports: Ports) -> None:
    with ports.sessions.begin() as db:
        audit_rows.begin(db, Deed("staff:anna", "desk.block"), ports.clock())
    assert "staff:anna  desk.block  CUT SHORT" in k5("audit").output


def test_days_are_asked_for(k5: K5, subscriber: int, ports: Ports) -> None:
    k5("subscriber", "block", str(subscriber), "--reason", "жалоба")
    today = ports.today().isoformat()
    assert "k5 subscriber block" in k5("audit", "--from", today, "--to", today).output
    assert k5("audit", "--to", "2020-01-01").output == ""
    assert k5("audit", "--from", "yesterday").exit_code == 2
