"""Each page of the desk, tried by each role: what the table of roles says, and nothing else (S16, S26)."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from k5web.domain.desk.action import may
from k5web.domain.desk.audit import AuditFilter
from k5web.domain.desk.staff import Role
from k5web.services.desk import audit
from k5web.web.desk.door import NEEDS, OPEN
from tests.services.house import House
from tests.web.conftest import Browser, token_of


@pytest.fixture
def values(k5: House) -> dict[str, str]:
    """For every name in the addresses of the desk, something that is there."""
    k5.top_up("10.00")
    there = {"kind": "correction", "n": "1", "number": "1", "owner_id": str(k5.caller.id), "login": "boris"}
    payments = {"txn_n": "1000000001", "reference": "K5-100001-1", "origin": "net:bank", "day": "2026-12-01"}
    prices = {"draft_id": "1", "version_id": "1", "subject": "deck"}
    subscribers = {"seq": "1", "step": "block", "act": "2026-12", "call_id": f"{k5.caller.id}-1"}
    return {**there, **payments, **prices, **subscribers}


def addresses(app: Flask, values: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Return view, method and address of every page of the desk."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("desk."):
            continue
        unknown = rule.arguments - values.keys()
        assert not unknown, f"{rule.rule}: say in `values` what {unknown} may be"
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: values[found[1]], rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint.removeprefix("desk."), method, path


def test_every_page_says_what_whoever_opens_it_must_be_allowed(app: Flask) -> None:
    views = {endpoint.removeprefix("desk.") for endpoint in app.view_functions if endpoint.startswith("desk.")}
    assert views - OPEN == NEEDS.keys(), "put it under staff_may"


@pytest.mark.parametrize("role", list(Role))
def test_each_page_by_each_role(
    app: Flask, staff: Callable[..., Browser], values: dict[str, str], role: Role, k5: House
) -> None:
    staff("owner", login="boris")
    browser = staff(role.value)
    for view, method, path in addresses(app, values):
        if view in OPEN | {"logout"}:
            continue
        token = token_of(browser.get("/desk"))
        answer = browser.client.open(path, method=method, data={"csrf_token": token})
        answer.close()
        if may({role}, NEEDS[view]):
            assert answer.status_code < 500, f"{method} {path}"
            assert answer.status_code != 403 or "роль" not in answer.text, f"{method} {path} refuses {role}"
            assert not answer.headers.get("Location", "").startswith("/desk/login"), path
        else:
            assert answer.status_code == 403, f"{method} {path} lets {role} in"
            assert "Ваша роль этого не позволяет" in answer.text


def test_a_stranger_is_led_to_the_log_in(app: Flask, browser: Browser, values: dict[str, str]) -> None:
    for view, method, path in addresses(app, values):
        if view not in OPEN:
            token = token_of(browser.get("/desk/login"))
            answer = browser.client.open(path, method=method, data={"csrf_token": token})
            assert answer.headers["Location"].startswith("/desk/login"), path


def test_what_is_sent_is_written_down_with_its_end(staff: Callable[..., Browser], k5: House) -> None:
    staff("desk", login="boris")
    owner = staff("owner")
    owner.press("/desk/staff", "/desk/staff/boris/end", None, reason="ушёл")
    owner.press("/desk/staff", "/desk/staff/nobody/end", None, reason="ушёл")
    second, first = audit.lines(k5.ports, AuditFilter(actor="staff:anna"))
    assert (first.action, first.facts["login"], first.reason, first.outcome) == (
        "desk.staff_end", "boris", "ушёл", "done",
    )  # fmt: skip
    assert first.facts["request"] != second.facts["request"]
    assert (second.facts["login"], second.outcome) == ("nobody", "not_found")


def test_what_a_role_refuses_is_not_written_down_as_done(staff: Callable[..., Browser], k5: House) -> None:
    staff("owner", login="boris")
    staff("money").press("/desk", "/desk/staff/boris/end", None, reason="x")
    assert [line.outcome for line in audit.lines(k5.ports, AuditFilter())] == ["not_allowed"]


def test_a_reason_nobody_can_read_stops_the_deed(staff: Callable[..., Browser], k5: House) -> None:
    staff("desk", login="boris")
    answer = staff("owner").press("/desk/staff", "/desk/staff/boris/end", None, reason="x" * 501)
    assert answer.status_code == 400
    assert audit.lines(k5.ports, AuditFilter()) == []
