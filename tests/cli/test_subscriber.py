"""`k5 subscriber add|show|credit|passwd`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli.subscriber import subscriber
from k5web.errors import Conflict, WrongMoney

PASSWORD = "correct horse"


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A command line whose environment is this test's house."""
    env = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    return CliRunner(env=env)


def run(k5: CliRunner, *words: str, typed: str | None = None) -> Result:
    return k5.invoke(subscriber, list(words), input=typed)


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
