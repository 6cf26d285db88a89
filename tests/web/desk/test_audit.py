"""The audit's page: filtered by the address, paged by key, written out as a table that runs no formula (S29)."""

from collections.abc import Callable

from k5web.domain.desk.audit import AuditFilter, Deed
from k5web.services.desk import audit
from tests.services.house import House
from tests.web.conftest import Browser


def write(k5: House, action: str, reason: str = "", owner_id: int | None = None) -> None:
    with audit.recorded(k5.ports, Deed("staff:boris", action, owner_id, reason)):
        pass


def test_lines_are_filtered_by_the_address(staff: Callable[..., Browser], k5: House) -> None:
    write(k5, "desk.first", owner_id=100001)
    write(k5, "desk.second")
    browser = staff("auditor")
    page = browser.get("/desk/audit?action=desk.&actor=staff%3Aboris").text
    assert page.index("desk.second") < page.index("desk.first")
    page = browser.get("/desk/audit?owner=K5-100001").text
    assert "desk.first" in page
    assert "desk.second" not in page
    assert "Такого никто не делал" in browser.get("/desk/audit?until=2020-01-01").text


def test_a_page_leads_to_the_next(staff: Callable[..., Browser], k5: House) -> None:
    for n in range(audit.A_PAGE + 1):
        write(k5, f"desk.deed{n}")
    browser = staff("auditor")
    first = browser.get("/desk/audit").text
    assert "desk.deed0<" not in first
    last = min(line.id for line in audit.lines(k5.ports, AuditFilter()))
    assert f"before={last}" in first
    assert "desk.deed0" in browser.get(f"/desk/audit?before={last}").text


def test_what_cannot_be_read_asks_for_nothing(staff: Callable[..., Browser], k5: House) -> None:
    write(k5, "desk.first")
    browser = staff("auditor")
    for query in ("owner=abc", "since=tomorrow", "before=x", f"before={'9' * 40}", "until=0000-00-00", "owner=-1"):
        page = browser.get(f"/desk/audit?{query}")
        assert page.status_code == 200, query
        assert "desk.first" in page.text, query


def test_the_table_runs_no_formula(staff: Callable[..., Browser], k5: House) -> None:
    write(k5, "desk.first", "=HYPERLINK(1)")
    table = staff("auditor").get("/desk/audit.csv")
    assert table.mimetype == "text/csv"
    assert "'=HYPERLINK(1)" in table.text
    assert table.text.startswith("\N{BOM}id;at;actor")
