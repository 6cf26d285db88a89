"""Bad input and bad days: every trouble gets words of its own, no traceback, and nothing is half done (A3, R24)."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import create_app
from k5web.config.settings import Settings
from k5web.storage import trouble
from k5web.storage.session import Sessions, open_sessions
from k5web.storage.tables import CallRow, HoldRow
from tests.cli.sentences import SECRET, assert_sentence, k5_with
from tests.conftest import Clock
from tests.postgres import PostgresServer
from tests.processes import ROOT, free_port
from tests.services.house import THEIRS, House, publish
from tests.web.conftest import Browser

LATER = "Сейчас не получается, это у нас. Деньги в порядке. Попробуйте через минуту."
PUT_OFF = "Пока не получилось, это у нас. Деньги в порядке."  # of a press, which its page repeats
UNPRICED = "+99912345678"

K5 = Callable[..., Result]


def browser_of(house: House, url: str, var: Path) -> Browser:
    """A browser before a web on this database; errors become pages, as for people."""
    settings = Settings.from_env({"K5_DATABASE_URL": url, "K5_SECRET_KEY": SECRET, "K5_VAR": str(var)})
    return Browser(create_app(settings, house.ports).test_client())


@pytest.fixture
def house(sessions: Sessions, clock: Clock) -> House:
    """A subscriber with money, on both databases."""
    opened = House(sessions, clock)
    opened.top_up("100.00")
    return opened


@pytest.fixture
def phone(house: House, database_url: str, tmp_path: Path) -> Browser:
    """The subscriber's phone, logged in."""
    browser = browser_of(house, database_url, tmp_path)
    assert browser.log_in().status_code == 303
    return browser


def fields_of(page: str) -> dict[str, str]:
    """What the call button of a page sends."""
    form = page[page.index('action="/call"') :].partition("</form>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def assert_later(ask: Callable[[], TestResponse], said: str = LATER) -> None:
    """Our own trouble, in words. It comes at all only because K5 does not wait without end."""
    page = ask()
    assert page.status_code == 503
    assert said in page.text
    assert not re.search(r"Traceback|psycopg|sqlalchemy|Error", page.text)


def assert_down(browser: Browser, *paths: str) -> None:
    """The process lives and is not ready; each of these pages says so."""
    assert browser.get("/healthz").status_code == 200
    ready = browser.get("/readyz")
    assert (ready.status_code, ready.mimetype, ready.text) == (503, "text/plain", "no database\n")
    for path in paths:
        assert_later(partial(browser.get, path))


def assert_nothing_done(house: House) -> None:
    """No call, no hold, the money where it was."""
    with house.ports.sessions.read() as db:
        assert [db.scalar(select(func.count()).select_from(table)) for table in (CallRow, HoldRow)] == [0, 0]
    assert str(house.balance()) == "100.00"
    house.assert_sound()


# An impossible number, a number without a price


@pytest.mark.parametrize("typed", ["12", "abc", "+7495123456712345", "٨٤٩٥", "12;DROP"])
def test_an_impossible_number_is_said_to_be_none(phone: Browser, house: House, typed: str) -> None:
    page = phone.client.get("/", query_string={"number": typed})
    assert page.status_code == 400
    assert "Это не похоже на номер телефона. Напишите его так: +7 495 123-45-67." in page.text
    assert phone.press(f"/{THEIRS}", "/call", number=typed).status_code == 400
    assert_nothing_done(house)


def test_a_number_among_other_signs_is_found_when_asked_for_and_never_called(phone: Browser, house: House) -> None:
    typed = "+7495-123-45-67;DROP"
    for page in (
        phone.client.get("/", query_string={"number": typed}),
        phone.press(f"/{THEIRS}", "/call", number=typed),
    ):
        assert (page.status_code, page.headers["Location"]) == (303, "/+74951234567")
    assert_nothing_done(house)


def test_a_number_without_a_price_is_said_to_be_out_of_reach(phone: Browser, house: House) -> None:
    for page in (phone.get(f"/{UNPRICED}"), phone.press(f"/{THEIRS}", "/call", number=UNPRICED)):
        assert page.status_code == 404
        assert "Мы не звоним на номера +9991… Проверьте код страны. Деньги не списаны." in page.text
        assert 'action="/call"' not in page.text
    assert_nothing_done(house)


def test_a_price_that_went_away_under_the_button_stops_the_order(phone: Browser, house: House) -> None:
    form = fields_of(phone.get(f"/{THEIRS}").text)
    house.clock.forward(seconds=2)
    publish(house.ports, {"79": ("Россия мобильный", "1.75")}, version=2)
    house.clock.forward(seconds=2)
    refused = phone.post("/call", None, **form)
    assert refused.status_code == 404
    assert "Мы не звоним на номера +7495…" in refused.text
    assert_nothing_done(house)


# A price list with wrong rows


def test_a_list_with_wrong_rows_leaves_the_old_one_in_force(database_url: str, tmp_path: Path) -> None:
    def k5(*words: str) -> Result:
        return k5_with({"K5_DATABASE_URL": database_url, "K5_VAR": str(tmp_path)}, *words)

    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("7495;Москва;0,45\n79;Россия;1,75\n")
    bad.write_text("7495;Москва;0,50\n79;Россия;минус два\n;Урал;1\n7495;Москва;0,51\n")
    publishing = ("--deck", "k5", "--effective", "2020-01-01")
    assert k5("deck", "import", str(good), *publishing).exit_code == 0
    before = k5("deck", "list").stdout, k5("deck", "export", "k5").stdout
    refused = k5("deck", "import", str(bad), *publishing)
    assert (refused.exit_code, refused.stdout) == (1, "")
    lines = [line for line in refused.stderr.splitlines() if "%" not in line]
    assert [line.split(":")[0] for line in lines] == ["line 2", "line 3", "line 4", "k5"]
    assert lines[-1] == "k5: bad.csv: 3 rows are wrong; nothing was imported"
    assert (k5("deck", "list").stdout, k5("deck", "export", "k5").stdout) == before


# A wrong setting


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("K5_FOO", "1", "K5 knows no such setting; see docs/settings.md"),
        ("K5_SECRET_KEY", "", "must be set"),
        ("K5_SECRET_KEY", "hunter2", "each key needs 32 characters or more"),
        ("K5_DATABASE_URL", "mysql://k5:hunter2@host/k5", "must begin with sqlite:/// or postgresql+psycopg://"),
        ("K5_DATABASE_URL", "postgresql+psycopg://k5:hunter2@host:port/k5", "its host or port cannot be read"),
        ("K5_DATABASE_URL", "sqlite:///", "names no file"),
        ("K5_DATABASE_URL", "sqlite:///:memory:", "names no file"),
        ("K5_DATABASE_URL", "sqlite:////proc/none/k5.db", "/proc/none: No such file or directory"),
        ("K5_DATABASE_URL", f"sqlite:///{__file__}", "the file is not a SQLite database"),
        ("K5_READ_DATABASE_URL", "mysql://k5:hunter2@host/k5", "must begin with sqlite:/// or postgresql+psycopg://"),
        ("K5_PUBLIC_URL", "t.k5.ru", "'t.k5.ru' is not a web address like https://t.k5.ru"),
        ("K5_PUBLIC_URL", "http://[bad", "'http://[bad' is not a web address"),
        ("K5_PUBLIC_URL", "http://host:99999", "'http://host:99999' is not a web address"),
        ("K5_SWITCH", "fax", "'fax' is not one of simulator, asterisk"),
        ("K5_SWITCH_SPEED", "fast", "'fast' is not a whole number from 1 to 1000"),
        ("K5_TRUSTED_PROXIES", "-1", "'-1' is not a whole number from 0 to 9"),
        ("K5_CONFIG", "/none/k5.toml", "/none/k5.toml: "),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_wrong(tmp_path: Path, name: str, value: str, reason: str) -> None:
    var = tmp_path / "var"
    refused = k5_with({"K5_VAR": str(var)} | {name: value}, "db", "upgrade")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"k5: {name}: {reason}")
    assert refused.stderr.count("\n") == 1
    assert "hunter2" not in refused.stderr
    assert not var.exists()


@pytest.mark.parametrize("words", [("worker",), ("serve",), ("dev",), ("simulator",), ("quote", THEIRS, THEIRS)])
def test_nothing_starts_with_a_wrong_setting(tmp_path: Path, words: tuple[str, ...]) -> None:
    refused = k5_with({"K5_VAR": str(tmp_path / "var"), "K5_SWITCH": "fax"}, *words)
    assert_sentence(refused, "K5_SWITCH: 'fax' is not one of simulator, asterisk")
    assert not (tmp_path / "var").exists()


@pytest.mark.server
def test_a_folder_that_cannot_be_made_is_named() -> None:
    environ = {"PATH": os.environ["PATH"], "K5_SECRET_KEY": SECRET, "K5_VAR": "/proc/none"}
    command = [sys.executable, "-m", "k5web", "dev", "--port", str(free_port())]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "k5: K5_VAR: /proc/none: No such file or directory\n")


# A database that is not there


# A fault of ours


def test_a_bug_is_a_sentence_and_1_and_its_trace_goes_to_the_log(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the bug itself")

    monkeypatch.setattr("k5web.services.books.sealing.close_due", broken)
    refused = k5_with({"K5_DATABASE_URL": sqlite_url}, "ledger", "close")
    assert_sentence(refused, "a fault of ours, not of what you typed: please report what the log says above")
    assert "the bug itself" in caplog.text
    assert k5_with({}, "ledger", "no-such-command").exit_code == 2


# A database that is down


@pytest.fixture(params=["nobody listens", "nobody answers"])
def away_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a PostgreSQL should be."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if request.param == "nobody answers":
            silent.listen()
        yield f"postgresql+psycopg://k5@127.0.0.1:{silent.getsockname()[1]}/k5"


@pytest.mark.server
@pytest.mark.parametrize("words", [("quote", "+79161234567", THEIRS), ("ledger", "close"), ("db", "upgrade")])
def test_a_base_that_is_down_is_not_waited_for_without_end(away_url: str, words: tuple[str, ...]) -> None:
    refused = k5_with({"K5_DATABASE_URL": away_url}, *words)
    what, cure = trouble.WORDS["no_server"]
    assert_sentence(refused, f"{what}: {cure}")


@pytest.mark.server
def test_pages_of_a_base_that_is_down_from_the_start_say_so_in_time(away_url: str, tmp_path: Path) -> None:
    settings = Settings.from_env({"K5_DATABASE_URL": away_url, "K5_SECRET_KEY": SECRET, "K5_VAR": str(tmp_path)})
    browser = Browser(create_app(settings).test_client())
    assert_down(browser, "/tariffs")


@pytest.mark.postgres
def test_a_base_that_dies_under_the_pages(own_server: PostgresServer, tmp_path: Path) -> None:
    """The order under the button is not taken, and taken once when the database is back, without a new start."""
    sessions = open_sessions(own_server.url, own_server.url)
    house = House(sessions, Clock())
    house.top_up("100.00")
    browser = browser_of(house, own_server.url, tmp_path)
    browser.log_in()
    form = fields_of(browser.get(f"/{THEIRS}").text)
    house.clock.forward(seconds=2)  # the page was read before the press
    own_server.kill()
    assert_down(browser, "/", f"/{THEIRS}", "/me/calls", "/tariffs")
    assert_later(partial(browser.post, "/call", None, **form), PUT_OFF)
    own_server.start()
    assert browser.get("/readyz").status_code == 200
    assert_nothing_done(house)
    answers = [browser.post("/call", None, **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.location for answer in answers}) == 1
    sessions.dispose()
