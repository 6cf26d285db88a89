"""`k5 subscriber add|show|credit|passwd`."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web import plans
from k5web.cli.plan import plan
from k5web.cli.subscriber import subscriber
from k5web.domain.accounts.ending import Ending
from k5web.errors import (
    AlreadyThere,
    Conflict,
    NotFound,
    NothingToObject,
    WrongInn,
    WrongMoney,
    WrongName,
    WrongReason,
)
from k5web.storage.accounts import ending_rows
from k5web.storage.session import open_sessions

PASSWORD = "correct horse"
OWN = "+79161234567"


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A command line whose environment is this test's house."""
    env = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    return CliRunner(env=env)


def run(k5: CliRunner, *words: str, typed: str | None = None) -> Result:
    return k5.invoke(subscriber, list(words), input=typed)


@pytest.mark.parametrize("name", ["а" * 500, "\u202eАнна"])
def test_a_name_that_nobody_could_be_called_by_is_refused(k5: CliRunner, name: str) -> None:
    refused = run(k5, "add", "+79161234567", "--name", name, "--password", PASSWORD)
    assert isinstance(refused.exception, WrongName)
    assert isinstance(run(k5, "show", "+79161234567").exception, NotFound)


def test_a_subscriber_is_added_and_shown_by_phone_and_by_number(k5: CliRunner) -> None:
    added = run(k5, "add", "8 916 123-45-67", "--name", "Анна", "--password", PASSWORD)
    assert added.exit_code == 0, added.output
    assert added.stderr == "8 916 123-45-67 is read as +7 916 123-45-67\n"
    for login in ("+79161234567", added.stdout.strip()):
        shown = run(k5, "show", login)
        assert "name:      Анна" in shown.output
        assert "phone:     +7 916 123-45-67" in shown.output
        assert "balance:   0.00 RUB" in shown.output


def test_a_som_account_reads_numbers_at_home_in_kyrgyzstan(k5: CliRunner) -> None:
    run(k5, "add", "0555123456", "--currency", "KGS", "--password", PASSWORD)
    assert "balance:   0.00 KGS" in run(k5, "show", "+996555123456").output


def test_a_company_is_paid_for_by_its_tax_number_which_only_one_may_have(k5: CliRunner) -> None:
    for phone in ("0555123456", "0555123457"):
        run(k5, "add", phone, "--currency", "KGS", "--password", PASSWORD)
    for _again in range(2):
        kept = run(k5, "inn", "+996555123456", "01234567890123")
        assert (kept.exit_code, "its digits 2 to 9 are no date" in kept.stderr) == (0, True)
    named = run(k5, "inn", "+996555123456", "02507199510010").output
    assert named == "100001: payments that name this tax number come here\n"
    assert run(k5, "inn", "+996555123456", "01234567890123").exit_code == 0
    taken = run(k5, "inn", "+996555123457", "01234567890123")
    assert isinstance(taken.exception, AlreadyThere)
    assert isinstance(run(k5, "inn", "+996555123457", "123").exception, WrongInn)


def test_a_password_is_asked_for_and_never_shown(k5: CliRunner) -> None:
    added = run(k5, "add", "+79161234567", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert added.exit_code == 0
    assert PASSWORD not in added.output
    changed = run(k5, "passwd", "+79161234567", typed="another horse\nanother horse\n")
    assert changed.exit_code == 0
    assert "another" not in changed.output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "no number", "--password", PASSWORD), "wrong_number"),
        (("add", "+79161234567", "--password", "12345678"), "weak_password"),
        (("show", "+79161234567"), "not_found"),
        (("passwd", "7", "--password", PASSWORD), "not_found"),
    ],
)
def test_a_refusal_has_a_code(k5: CliRunner, words: tuple[str, ...], code: str) -> None:
    refused = run(k5, *words)
    assert refused.exit_code == 1
    assert getattr(refused.exception, "code", "") == code


def test_a_bank_payment_is_credited_once_and_to_one_subscriber(k5: CliRunner) -> None:
    for phone in ("+79161234567", "+79161234568"):
        run(k5, "add", phone, "--password", PASSWORD)
    paid = ("credit", "+79161234567", "500.00", "--document", "BB-17 of 2026-12-01")
    assert [run(k5, *paid).output for _ in range(2)] == ["500.00\n", "500.00\n"]
    for other in (("credit", "+79161234568", *paid[2:]), ("credit", "+79161234567", "600.00", *paid[3:])):
        refused = run(k5, *other)
        assert isinstance(refused.exception, Conflict)
        assert "balance:   0.00 RUB" in run(k5, "show", "+79161234568").output


@pytest.mark.parametrize("document", ["", "x" * 65])
def test_a_document_without_a_usable_name_is_a_usage_error(k5: CliRunner, document: str) -> None:
    run(k5, "add", "+79161234567", "--password", PASSWORD)
    assert run(k5, "credit", "+79161234567", "500.00", "--document", document).exit_code == 2


@pytest.mark.parametrize("amount", ["500", "-500.00", "0.00", "5e2", "1,00", "٥.٠٠"])
def test_what_is_no_sum_is_not_credited(k5: CliRunner, amount: str) -> None:
    run(k5, "add", "+79161234567", "--password", PASSWORD)
    refused = run(k5, "credit", "+79161234567", "--document", "1", "--", amount)
    assert isinstance(refused.exception, WrongMoney)
    assert "balance:   0.00 RUB" in run(k5, "show", "+79161234567").output


def test_directions_are_opened_and_closed_by_staff(k5: CliRunner) -> None:
    run(k5, "add", OWN, "--password", PASSWORD)
    for direction in ("satellite", "+8816"):
        assert run(k5, "open-direction", OWN, direction).exit_code == 0
    assert "opened:      8816, satellite" in run(k5, "limits", OWN).output
    assert run(k5, "close-direction", OWN, "8816").exit_code == 0
    assert "opened:      satellite" in run(k5, "limits", OWN).output


@pytest.mark.parametrize("direction", ["emergency", "7", "moon"])
def test_what_cannot_be_opened_is_a_wrong_word(k5: CliRunner, direction: str) -> None:
    refused = run(k5, "open-direction", OWN, direction)
    assert refused.exit_code == 2
    assert "is neither satellite, premium, short nor a prefix" in refused.output


def test_limits_are_set_shown_and_given_back(k5: CliRunner) -> None:
    run(k5, "add", OWN, "--password", PASSWORD)
    shown = run(k5, "limits", OWN).output
    assert "today:       0.00 of 1000.00 RUB" in shown
    assert "first day:   0.00 of 300.00 RUB" in shown
    set_ = run(k5, "limit", OWN, "--daily", "50.00", "--costly", "0.00", "--first-day", "1.00", "--unanswered", "2")
    assert set_.exit_code == 0
    shown = run(k5, "limits", OWN).output
    assert "today:       0.00 of 50.00 RUB" in shown
    assert "costly:      0.00 of 0.00 RUB" in shown
    assert "unanswered:  2 calls an hour to one number" in shown
    assert run(k5, "limit", OWN, "--default").exit_code == 0
    assert run(k5, "limits", OWN).output.count("300.00") == 2
    for words in ((), ("--daily", "1e3"), ("--daily", "-5.00"), ("--unanswered", "-1")):
        assert run(k5, "limit", OWN, *words).exit_code == 2


def test_a_phone_is_verified_later(k5: CliRunner) -> None:
    run(k5, "add", OWN, "--unverified", "--password", PASSWORD)
    assert "phone:     +7 916 123-45-67 (not verified)" in run(k5, "show", OWN).output
    assert run(k5, "verify", OWN).exit_code == 0
    shown = run(k5, "show", OWN).output
    assert "(not verified)" not in shown
    assert "refused:   nothing" in shown


def test_a_subscriber_is_blocked_with_a_reason_that_is_kept(k5: CliRunner) -> None:
    run(k5, "add", OWN, "--password", PASSWORD)
    assert "blocked:   no" in run(k5, "show", OWN).output
    assert run(k5, "block", OWN).exit_code == 2, "not without a reason"
    done = run(k5, "block", OWN, "--reason", "card testing")
    assert (done.exit_code, done.output) == (0, "100001 is blocked\n")
    shown = run(k5, "show", OWN).output
    assert "blocked:   since 20" in shown
    assert re.search(r"blocked by staff:\w+: card testing", shown)
    assert isinstance(run(k5, "block", OWN, "--reason", "two\nlines").exception, WrongReason)
    assert run(k5, "unblock", OWN, "--reason", "it was his own card").output == "100001 is blocked no more\n"
    assert run(k5, "unblock", OWN, "--reason", "again").output == "100001 was not blocked\n"
    assert re.search(r"unblocked by staff:\w+: it was his own card", run(k5, "show", OWN).output)


def test_an_objection_to_a_dearer_plan_is_noted_and_listed(k5: CliRunner, tmp_path: Path) -> None:
    number = run(k5, "add", OWN, "--password", PASSWORD).stdout.strip()
    assert "nobody objects to a change" in run(k5, "objections").stdout
    assert isinstance(run(k5, "object", OWN).exception, NothingToObject)
    file = tmp_path / "k5.toml"
    file.write_text((plans.HERE / "k5.toml").read_text().replace("longest_minutes = 60", "longest_minutes = 30"))
    published = k5.invoke(plan, ["publish", str(file), "--effective", "2026-12-11"])
    assert "1 subscribers get a notice" in published.stdout
    said = f"{number} objects to version 1 of plan k5, since 2026-12-01 "
    for words in (["object", OWN], ["objections"]):
        done = run(k5, *words)
        assert done.stdout.startswith(said)
        assert done.stdout.endswith(": the contract ends on 2026-12-11 unless something else is agreed\n")
    assert "the contract goes on" in run(k5, "keep", OWN).output
    assert run(k5, "objections").output == "nobody objects to a change\n"
    assert run(k5, "objections", "--all").output.endswith(": it ends no contract any more\n")


def test_services_are_suspended_with_a_notice_and_go_on_when_it_is_put_right(k5: CliRunner) -> None:
    run(k5, "add", OWN, "--password", PASSWORD)
    assert run(k5, "overdue").output == "nobody is in debt or in breach\n"
    done = run(k5, "suspend", OWN, "--reason", "spam")
    assert re.fullmatch(r"100001: services are suspended; the contract may end after 20\d\d-\d\d-\d\d\n", done.output)
    assert re.search(r"suspended by staff:\w+: spam", run(k5, "show", OWN).output)
    assert re.fullmatch(r"100001  breach since \S+: borne until \S+\n", run(k5, "overdue").output)
    assert run(k5, "resume", OWN, "--reason", "stopped").output == "100001: services go on\n"
    assert run(k5, "resume", OWN, "--reason", "again").output == "100001 was not suspended\n"


@pytest.mark.parametrize(("done_at", "verb"), [(None, "ends"), (datetime(2027, 1, 1, tzinfo=UTC), "ended")])
def test_show_says_whether_a_contract_ends_or_has_ended(
    k5: CliRunner, sqlite_url: str, done_at: datetime | None, verb: str
) -> None:
    number = int(run(k5, "add", OWN, "--password", PASSWORD).stdout)
    at = datetime(2026, 12, 1, tzinfo=UTC)
    ending = Ending(number, 0, "subscriber", at, date(2026, 12, 31), "subscriber:1", "", done_at=done_at)
    with open_sessions(sqlite_url, sqlite_url).begin() as db:
        ending_rows.add(db, ending)
    said = f"{number}: the contract {verb} for subscriber, last day 2026-12-31, by subscriber:1\n"
    assert said in run(k5, "show", OWN).output
