"""S9: sqlmap over the house's own forms and lists finds nothing but the hole that was dug for it.

Only by `./test --full`. The last page of its list is one of ours that puts a query together from text: a scanner that
could not run, or did not come to the end, has not found it.
"""

import csv
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from werkzeug.wrappers import Request, Response

from tests.browser.layout.furnished import furnished
from tests.connectors.serving import served
from tests.processes import do_without, foreign_environ
from tests.web.fuzz.test_routes import Visitors

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOUR_S = 3600
HOLE = "/hole"
LISTS = (
    ("member", "/me/calls?number=4951234567&before=9"),
    ("member", "/me/statement?before=9"),
    ("member", "/tariffs?q=7495&to=4951234567"),
    ("staff owner", "/desk/search?q=K5"),
    ("staff owner", "/desk/payments/named?origin=test:bank&key=lost-1"),
)
OPTIONS = (
    *(
        "--batch",
        "--ignore-stdin",
        "--disable-coloring",
        "--flush-session",
        "--skip-waf",
        "--timeout=60",
        "--retries=1",
    ),
    *("--level=1", "--risk=1", "--technique=BEU", "--dbms=SQLite"),  # none that sleeps: this machine may be busy
    "--skip=csrf_token,form_key",
)
_BETWEEN = "=" * 54  # as the log of a proxy has it, which sqlmap reads its targets from


@pytest.mark.full
@pytest.mark.server
@pytest.mark.timeout(2 * HOUR_S)
def test_sqlmap_finds_the_hole_that_was_dug_and_no_other(sqlite_template: Path, tmp_path: Path) -> None:
    if shutil.which("sqlmap") is None:
        do_without("no sqlmap here: apt-get install sqlmap")
    shutil.copyfile(sqlite_template, tmp_path / "k5.db")
    with furnished(f"sqlite:///{tmp_path / 'k5.db'}", tmp_path) as house:
        visitors = Visitors(house)
        visitors.come()
        with serving(house.app.wsgi_app) as site:
            asked = [*lists(visitors, site), *forms(visitors, site), request(site, "GET", f"{HOLE}?id=1", "")]
            (tmp_path / "proxy.log").write_text("\n".join([_BETWEEN, *asked]), "utf-8")
            told = scan(tmp_path)
    found = [row["Target URL"] for row in read_results(tmp_path)]
    assert found, told[-3000:]
    assert {url.partition("?")[0] for url in found} == {f"{site}{HOLE}"}
    tried = set(re.findall(r"parameter '([^']+)' does not seem to be injectable", told))
    fields = {name for door in visitors.doors for form in door.forms for name in form} - {"form_key"}
    assert len(tried & fields) > len(fields) / 2, f"not tried: {sorted(fields - tried)}"


def lists(visitors: Visitors, site: str) -> Iterator[str]:
    """Yield requests of pages whose query a database looks for."""
    for reader, path in LISTS:
        yield request(site, "GET", path, cookies(visitors, reader))


def forms(visitors: Visitors, site: str) -> Iterator[str]:
    """Yield what each form of the house sends, with the token of whoever may send it."""
    for door in visitors.doors:
        reader = "staff owner" if door.view.startswith("desk.") else "member"
        for fields in door.forms:
            filled = {name: value or "1" for name, value in fields.items()}
            if not filled.keys() - {"form_key"}:
                continue  # a button
            if door.method == "GET":
                yield request(site, "GET", f"{door.path({})}?{urlencode(filled)}", cookies(visitors, reader))
            else:
                body = urlencode(filled | {"csrf_token": visitors.tokens[reader]})
                yield request(site, "POST", door.path({}), cookies(visitors, reader), body)


def cookies(visitors: Visitors, reader: str) -> str:
    """Return the cookies of somebody who is logged in."""
    kept = visitors.browsers[reader].client._cookies or {}
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in kept.values())


def request(site: str, method: str, path: str, cookie: str, body: str = "") -> str:
    """Return a request as a proxy would have written it down."""
    host = site.partition("//")[2]
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "User-Agent: Mozilla/5.0"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"] if body else []
    return "\n".join([f"12:00:00  {site} [127.0.0.1]", _BETWEEN, *lines, "", body, "", _BETWEEN])


def scan(folder: Path) -> str:
    """Let sqlmap try all that stands in the log; return its words."""
    command = ["sqlmap", "-l", str(folder / "proxy.log"), f"--output-dir={folder / 'out'}", *OPTIONS]
    done = subprocess.run(
        command, env=foreign_environ(), capture_output=True, text=True, timeout=HOUR_S, stdin=subprocess.DEVNULL
    )
    return done.stdout + done.stderr


def read_results(folder: Path) -> Iterable[dict[str, str]]:
    """Return the lines of sqlmap's table: what can be injected."""
    for path in (folder / "out").glob("results-*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


@contextmanager
def serving(house: "WSGIApplication") -> Iterator[str]:
    """Serve the house, and beside it a page as none of K5's is; yield the address of both."""

    def both(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        return hole(environ, start) if environ["PATH_INFO"] == HOLE else house(environ, start)

    with served(both) as address:
        yield address


def hole(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    """Answer by a query that is put together from text."""
    database = sqlite3.connect(":memory:")
    database.executescript("create table t (id integer, word text); insert into t values (1, 'one'), (2, 'two')")
    try:
        told = str(database.execute(f"select word from t where id = {Request(environ).args.get('id')}").fetchall())
    except sqlite3.Error as error:
        told = f"SQLite error: {error}"
    database.close()
    return Response(f"<p>{told}</p>", content_type="text/html")(environ, start)
