"""Anything in a path, a query or a field of the desk gets an answer in words, and what only looks changes no row."""

import inspect
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from k5web.config.settings import Settings
from k5web.storage.session import open_sessions
from k5web.storage.tables import Base
from tests.conftest import Clock
from tests.services.house import House
from tests.web.conftest import Browser, token_of

WORST = ("9" * 19, "9" * 5000, "0001-01-01", "0001-01-01T00:00:00+14:00|x")
HOSTILE = (
    *WORST, "9999-12-31", "١٢", "a\0b", "", "-1", "-0.00", "1e3", "NaN", "9" * 18, "99-99", "%_'\"><b>%s%n",
    "\u202ea\x01", "(a+)+$", "a" * 10_000,
)  # fmt: skip
IN_PATHS = [value for value in HOSTILE if 0 < len(value) < 6000]
ENDS_THE_VISIT = {"desk.logout"}
LOOKS_ARE_NOTED = {"staff_session", "data_access"}  # the last use of a log-in; who read whose data
GOOD = {
    "sum": "1.00", "sign": "plus", "counter": "gift", "reason": "проверка", "document": "письмо 1", "owner": "1",
    "login": "1", "form_key": "form-key-1", "kind": "number", "what": "+74951234567", "effective": "2027-12-01",
    "verdict": "missing_here", "how": "clarified", "key": "k1", "origin": "net:bank", "number": "1", "payment": "1",
    "reference": "K5-100001-1", "provider_id": "p1", "to": "1", "case": "c1", "role": "desk", "name": "k5",
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The settings of the web tests, on both kinds of database."""
    return Settings.from_env({"K5_DATABASE_URL": database_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)})


@pytest.fixture
def k5(database_url: str, clock: Clock) -> Iterator[House]:
    """The house of the web tests on both kinds of database, with money and a call."""
    sessions = open_sessions(database_url, database_url)
    house = House(sessions, clock)
    house.top_up("50.00")
    house.order()
    yield house
    sessions.dispose()


@pytest.fixture(autouse=True)
def _no_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever came, nothing of ours broke."""
    yield
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR and record.exc_info]


@pytest.fixture
def owner(staff: Callable[..., Browser]) -> Browser:
    """Somebody who may all."""
    return staff("owner")


def addresses(app: Flask, k5: House, method: str) -> Iterator[tuple[str, str, dict[str, str], list[str]]]:
    """Yield endpoint, rule, good values of its path and the names of fields of every page that takes this method."""
    there = {"kind": "correction", "n": "1", "number": "1", "owner_id": str(k5.caller.id), "login": "boris"}
    there |= {"txn_n": "1000000001", "reference": "K5-100001-1", "origin": "net:bank", "day": "2026-12-01", "seq": "1"}
    there |= {"draft_id": "1", "version_id": "1", "subject": "deck", "step": "block", "act": "2026-11"}
    there |= {"call_id": f"{k5.caller.id}-1"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("desk.") and method in (rule.methods or ()) and rule.endpoint not in ENDS_THE_VISIT:
            values = {name: there[name] for name in rule.arguments}
            yield rule.endpoint, rule.rule, values, fields_of(app, rule.endpoint)


def fields_of(app: Flask, endpoint: str) -> list[str]:
    """Return the names of fields that the module of a view and what all share may read."""
    module = inspect.getmodule(inspect.unwrap(app.view_functions[endpoint]))
    text = inspect.getsource(module) if module else ""
    found = re.findall(r'(?:get|getlist|_sent|_whole)\([^()"]*"(\w+)"|"(\w+)" in |\["(\w+)"\]', text)
    return sorted({*filter(None, (name for names in found for name in names)), "from", "to", "reason"})


def tried(names: list[str], value: str, good: dict[str, str]) -> list[dict[str, str]]:
    """Return the fields to send: all of this value; of the worst values also each one alone among good ones."""
    alone = [good | {name: value} for name in names] if value in WORST else []
    return [dict.fromkeys(names, value), *alone]


def filled(rule: str, values: dict[str, str]) -> str:
    return re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?([^<>]+)>", lambda found: quote(values[found[1]], safe=""), rule)


def sent(browser: Browser, path: str, fields: dict[str, str] | None = None) -> TestResponse:
    answer = browser.get(path) if fields is None else browser.post(path, None, **fields)
    answer.close()
    return answer


def all_rows(k5: House) -> dict[str, str]:
    with k5.ports.sessions.read() as db:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in LOOKS_ARE_NOTED]
        return {table.name: str(sorted(map(str, db.execute(select(table))))) for table in tables}


def test_a_path_of_anything_gets_an_answer(app: Flask, owner: Browser, k5: House) -> None:
    token, broken = token_of(owner.get("/desk")), []
    for method in ("GET", "POST"):
        for _endpoint, rule, values, _names in addresses(app, k5, method):
            for name in values:
                for value in IN_PATHS:
                    path = filled(rule, values | {name: value})
                    form = None if method == "GET" else {"csrf_token": token, **GOOD}
                    if sent(owner, path, form).status_code >= 500:
                        broken.append((method, rule, name, value[:30]))
    assert broken == []


def test_a_query_of_anything_gets_an_answer_and_changes_nothing(app: Flask, owner: Browser, k5: House) -> None:
    before, broken = all_rows(k5), []
    for _endpoint, rule, values, names in addresses(app, k5, "GET"):
        for value in HOSTILE:
            for query in tried(names, value, {}):
                path = f"{filled(rule, values)}?{urlencode(query)}"
                if sent(owner, path).status_code >= 500:
                    broken.append((rule, sorted(query)[:2], value[:30]))
    assert broken == []
    assert all_rows(k5) == before


def test_a_form_of_anything_gets_an_answer(app: Flask, owner: Browser, k5: House) -> None:
    token, broken = token_of(owner.get("/desk")), []
    for _endpoint, rule, values, names in addresses(app, k5, "POST"):
        for value in HOSTILE:
            for fields in tried(names, value, GOOD):
                if sent(owner, filled(rule, values), {**fields, "csrf_token": token}).status_code >= 500:
                    broken.append((rule, value[:30], [n for n in names if fields.get(n) == value][:3]))
    assert broken == []
