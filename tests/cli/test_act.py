"""`k5 act`: issued, listed, printed and sent by staff. Promise: B10."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main
from k5web.domain.books.ledger import EventName
from k5web.services.accounts import staff_access
from k5web.services.books import acts
from k5web.storage.session import open_sessions
from tests.cli.test_db import SECRET
from tests.conftest import Clock
from tests.services.books.months import Months
from tests.services.house import House

PAYEE = "k5web/config/payee.toml"
Run = Callable[..., Result]


@pytest.fixture
def months(database_url: str, clock: Clock) -> Iterator[Months]:
    """A subscriber with charges of December, on the 1st of January."""
    sessions = open_sessions(database_url, database_url)
    found = Months(House(sessions, clock))
    found.charge(10_00)
    found.at("2027-01-01 12:00:00")
    yield found
    sessions.dispose()


@pytest.fixture
def run(database_url: str) -> Run:
    """Run the program on this database."""

    def run(*words: str, payee: str = PAYEE) -> Result:
        env = {"K5_DATABASE_URL": database_url, "K5_SECRET_KEY": SECRET, "K5_PAYEE": payee, "K5_STAFF": "ivanova"}
        return CliRunner().invoke(main, words, env=env)

    return run


def test_acts_are_issued_once_and_listed(months: Months, run: Run) -> None:
    said = run("act", "issue")
    assert (said.exit_code, said.output) == (0, "1 acts issued, 0 corrected\n")
    assert run("act", "issue").output == "0 acts issued, 0 corrected\n"
    listed = f"    1/2026  2026-12-31  {months.owner_id}  2026-12    10.00 RUB\n"
    assert run("act", "list", "--month", "2026-12").output == listed
    assert run("act", "list", "--subscriber", str(months.owner_id)).output == listed
    assert run("act", "list", "--month", "2026-11").output == "no acts\n"


def test_a_corrected_act_says_what_it_corrects(months: Months, run: Run) -> None:
    run("act", "issue")
    months.back(EventName("order", "form-1"))
    assert run("act", "issue").output == "0 acts issued, 1 corrected\n"
    assert "0.00 RUB  corrects № 1/2026 от 31.12.2026" in run("act", "list", "--month", "2026-12").output


def test_without_a_payee_it_says_what_is_missing(months: Months, run: Run) -> None:
    said = run("act", "issue", payee="")
    assert (said.exit_code, said.output) == (1, "k5: K5_PAYEE: must be set: an act names the operator by it\n")


def test_one_month_alone_and_none_that_is_not_over(months: Months, run: Run) -> None:
    assert run("act", "issue", "--month", "2026-12").output == "1 acts issued for 2026-12\n"
    refused = run("act", "issue", "--month", "2027-01")
    assert (refused.exit_code, "the month is not over" in refused.output) == (1, True)


def test_a_signed_original_is_listed_printed_and_noted_as_sent(months: Months, run: Run, tmp_path: Path) -> None:
    run("act", "issue")
    owner = str(months.owner_id)
    assert run("act", "originals").output == "nobody waits for a signed act\n"
    acts.want_original(months.ports, months.owner_id, months.found()[0].month, 1)
    assert run("act", "originals").output == f"{owner}  2026-12    wanted 2027-01-01 12:00:00\n"
    file = tmp_path / "act.pdf"
    printed = run("act", "pdf", owner, "2026-12", str(file), "--for", "the post")
    assert printed.exit_code == 0
    assert file.read_bytes().startswith(b"%PDF-")
    assert [look.purpose for look in staff_access.listed(months.ports, months.owner_id)] == ["the post"]
    for told in ("noted\n", "noted before: nothing was changed\n"):
        assert run("act", "sent", owner, "2026-12", "--document", "RA1").output == told
    assert run("act", "originals").output == "nobody waits for a signed act\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["issue", "--month", "2026-13"], "'2026-13' is not a month like 2026-12"),
        (["issue", "--month", "2026-12-2"], "is not a month like 2026-12"),
        (["list"], "either --month or --subscriber"),
        (["sent", "1", "x", "--document", "d"], "'x' is not an act like 2026-11"),
        (["sent", "1", "2026-12", "--document", "d", "--on", "1.2"], "'1.2' is not a day like 2026-12-01"),
    ],
)
def test_what_is_typed_wrong_is_named(months: Months, run: Run, words: list[str], told: str) -> None:
    refused = run("act", *words)
    assert (refused.exit_code, told in refused.output) == (2, True)


def test_an_act_that_is_not_there_is_a_plain_no(months: Months, run: Run, tmp_path: Path) -> None:
    for words in (
        ["sent", str(months.owner_id), "2026-12", "--document", "d"],
        ["pdf", str(months.owner_id), "2026-12", str(tmp_path / "a.pdf")],
    ):
        refused = run("act", *words)
        assert (refused.exit_code, "there is no act 2026-12" in refused.output) == (1, True)
