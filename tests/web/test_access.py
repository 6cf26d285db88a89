"""Who may see what, taken from the map of addresses itself: a new view cannot be forgotten here (S16)."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import MetaData, select

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.storage.tables import Base
from tests.services.house import House
from tests.services.pbx.talks import record, with_files
from tests.web.conftest import PASSWORD, Browser, token_of
from tests.web.lived_in import live_in, objects

# Views that answer a stranger; what they tell is nobody's business but ours
PUBLIC = {
    "static", "monitoring.alive", "monitoring.ready", "monitoring.metrics", "accounts.login", "accounts.log_in",
    "accounts.logout", "recovery.forgotten", "recovery.send_code", "recovery.code", "recovery.enter",
    "invitations.welcome", "invitations.send_code", "invitations.details", "invitations.join",
    "pages.home", "pages.rules", "pages.tariffs", "pages.tariff",
    "calls.card", "calls.code", "hooks.notice", "topups.ways", "topups.one_way", "api.describe",
    "visitors.script", "visitors.form", "visitors.press", "visitors.thanks", "plans.compare", "ussd.ask",
    "sms.receive", "sms.report", "notices.join", "profile.consent_text", "profile.consent_version", "profile.erased",
    "contract.offer", "contract.offer_version", "contract.terms", "contract.terms_version",
    "contract.prices", "contract.prices_on", "switch.ask", "installing.manifest", "installing.worker",
}  # fmt: skip
ASKS_IN_PLACE = {"calls.show", "calls.order", "topups.begin"}  # the login form stands on the page itself
FOR_SCRIPTS = {"calls.status"}  # a script cannot follow a redirect to a form
FOR_PROGRAMS = {
    f"api.{name}"
    for name in ("account", "quote", "order", "show", "end", "list_calls", "list_conversations", "list_numbers")
}  # by token alone
BOOKKEEPING = {"device", "login_count", "pace"}  # when a browser was seen last

THEIRS = Msisdn("79270000001")  # their own pages may show it: no part of it is among the private words
PRIVATE = ["Анна", "916", "123", "45-67", "50,00", "2,20", "1,75"]


@pytest.fixture
def k5(k5: House) -> House:
    """The house with a recorded talk, whose file is on this machine."""
    record(k5, with_files(k5))
    return k5


@pytest.fixture
def house(k5: House) -> House:
    """A house where something has happened that is nobody else's business."""
    live_in(k5)
    accounts.add_subscriber(k5.ports, THEIRS, PASSWORD, "Ольга")
    return k5


@pytest.fixture
def values(house: House, phone: Browser) -> dict[str, str]:
    """For every name in the map's addresses, an object of the first subscriber's."""
    return objects(house) | {"selector": phone.cookie().partition(".")[0]}


def addresses(app: Flask, values: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Return endpoint, method and address of every view there is."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("desk."):
            continue  # the staff's pages have a walk of their own: tests/web/desk/test_roles.py
        unknown = rule.arguments - values.keys()
        assert not unknown, f"{rule.rule}: say in `values` what {unknown} may be"
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: values[found[1]], rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def everything(house: House) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, but for when a browser was seen."""
    metadata: MetaData = Base.metadata
    with house.ports.sessions.read() as db:
        return {
            table.name: [tuple(row) for row in db.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
            if table.name not in BOOKKEEPING
        }


def test_every_view_is_behind_login_or_named_public(app: Flask, values: dict[str, str]) -> None:
    stranger = Browser(app.test_client())
    seen = set()
    for endpoint, method, path in addresses(app, values):
        token = token_of(stranger.get("/login"))
        answer = stranger.client.open(path, method=method, data={"csrf_token": token, "number": "+78432123456"})
        seen.add(endpoint)
        if endpoint in PUBLIC:
            continue
        if endpoint in ASKS_IN_PLACE:
            assert 'action="/login"' in answer.text, endpoint
            assert not [word for word in PRIVATE if word in re.sub(r'value="[^"]*"', "", answer.text)], endpoint
        elif endpoint in FOR_SCRIPTS | FOR_PROGRAMS:
            assert answer.status_code == 401, endpoint
            assert not [word for word in PRIVATE if word in answer.text], endpoint
        else:
            is_asked = answer.status_code == 303 and answer.headers["Location"].startswith("/login")
            assert is_asked, f"{endpoint} answers a stranger: put it behind login_required, or name it in PUBLIC here"
    assert seen >= PUBLIC | ASKS_IN_PLACE | FOR_SCRIPTS | FOR_PROGRAMS, "take out of this file the views that are gone"


def test_public_pages_tell_strangers_nothing_of_anybody(app: Flask, values: dict[str, str]) -> None:
    stranger = Browser(app.test_client())
    for endpoint, method, path in addresses(app, values):
        if endpoint in PUBLIC - {"static", "monitoring.metrics"} and method == "GET":
            text = stranger.get(path).text
            assert not [word for word in ("Анна", "123-45-67", "50,00") if word in text], endpoint


def test_another_subscriber_finds_nothing_under_the_same_addresses(
    app: Flask, values: dict[str, str], house: House
) -> None:
    """Every object id of every route, tried by somebody else: it is not there, and nothing happens to it."""
    other = Browser(app.test_client())
    other.log_in(THEIRS.digits)
    before = everything(house)
    tried = 0
    for endpoint, method, path in addresses(app, values):
        objects = {"call_id", "seq", "selector", "token", "code", "reference", "card_n", "invoice", "digits", "act"}
        objects |= {"invitation", "file", "digest"}
        if endpoint in PUBLIC | FOR_PROGRAMS or not objects & _names(app, endpoint):
            continue
        tried += 1
        token = token_of(other.get("/me/profile"))
        answer = other.client.open(path, method=method, data={"csrf_token": token})
        assert answer.status_code in {303, 400, 403, 404, 409}, endpoint
        assert not [word for word in PRIVATE if word in answer.text], endpoint
    assert tried >= 6
    assert everything(house) == before


def test_no_get_changes_a_row_or_touches_the_switch(
    app: Flask, phone: Browser, values: dict[str, str], house: House
) -> None:
    """docs/pages.md: every GET route, logged in, by GET, HEAD and OPTIONS: the whole database stays as it was."""
    before = everything(house), list(house.switch.orders), list(house.switch.cancelled)
    for endpoint, method, path in addresses(app, values):
        if method != "GET":
            continue
        for way in ("GET", "HEAD", "OPTIONS"):
            answer = phone.client.open(path, method=way)
            answer.close()  # as servers do
            assert answer.status_code < 500, f"{way} {endpoint}"
    assert (everything(house), list(house.switch.orders), list(house.switch.cancelled)) == before


def _names(app: Flask, endpoint: str) -> set[str]:
    return {name for rule in app.url_map.iter_rules(endpoint) for name in rule.arguments}
