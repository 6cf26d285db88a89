"""`k5 quote`: the price of a minute between two numbers, for people and programs (A3, A4)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main

K5 = Callable[..., Result]
LIST = "79,Россия мобильный,1.75\n7495,Москва городской,0.45\n49,Германия,1.00\n"


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> K5:
    """Run a command of `k5` in a house with a small price list."""
    (tmp_path / "list.csv").write_text(LIST)

    def run(*words: str) -> Result:
        environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path / "var")}
        return CliRunner().invoke(main, words, env=environ)

    done = run("deck", "import", str(tmp_path / "list.csv"), "--deck", "k5", "--effective", "2020-01-01")
    assert done.exit_code == 0, done.output
    return run


def test_the_json_is_the_contract_s(k5: K5) -> None:
    shown = k5("quote", "8 916 123-45-67", "+74951234567", "--json")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout) == {
        "a": {"number": "+79161234567", "destination": "Россия мобильный", "prefix": "79", "per_minute": "1.75"},
        "b": {"number": "+74951234567", "destination": "Москва городской", "prefix": "7495", "per_minute": "0.45"},
        "per_minute": "2.20",
        "currency": "RUB",
    }
    assert shown.stderr == ""


def test_people_read_both_legs_and_the_sum(k5: K5) -> None:
    shown = k5("quote", "89161234567", "84951234567")
    assert [line.split("  ")[0] for line in shown.stdout.splitlines()] == [
        "+7 916 123-45-67", "+7 495 123-45-67", "a minute",
    ]  # fmt: skip
    assert shown.stdout.splitlines()[-1].split() == ["a", "minute", "2.20", "RUB"]


def test_what_is_taken_beside_the_minutes_is_named(sqlite_url: str, tmp_path: Path, k5: K5) -> None:
    heading = "prefix,destination,per_minute,currency,increment_s,minimum_s,free_below_s,connect_fee\n"
    rows = "79,Россия мобильный,1.75,RUB,60,60,3,0\n7812,Петербург,1.00,RUB,60,180,3,5.00\n"
    rows += "7495,Москва,0.445,RUB,60,60,3,0\n"
    (tmp_path / "list.csv").write_text(heading + rows)
    done = k5("deck", "import", str(tmp_path / "list.csv"), "--deck", "k5", "--effective", "2020-01-02", "--replace")
    assert done.exit_code == 0, done.output
    shown = k5("quote", "+79161234567", "+78121234567")
    assert [line.split() for line in shown.stdout.splitlines()[2:]] == [
        ["5.00", "for", "the", "connection,", "once"],
        ["180", "seconds", "at", "least"],
        ["a", "minute", "2.75", "RUB"],
        ["the", "first", "minute", "9.75", "as", "it", "is", "charged,", "with", "all", "of", "the", "above"],
    ]
    found = json.loads(k5("quote", "+79161234567", "+78121234567", "--json").stdout)
    assert found["b"] == {
        "number": "+78121234567", "destination": "Петербург", "prefix": "7812", "per_minute": "1.00",
        "connect_fee": "5.00", "minimum_s": 180,
    }  # fmt: skip
    assert (found["per_minute"], found["connect_fee"], found["first_minute"]) == ("2.75", "5.00", "9.75")
    rounded = json.loads(k5("quote", "+79161234567", "+74951234567", "--json").stdout)
    assert (rounded["per_minute"], rounded["first_minute"]) == ("2.195", "2.20")


def test_a_number_with_two_readings_is_named(k5: K5) -> None:
    shown = k5("quote", "9161234567", "4951234567", "--json")
    assert json.loads(shown.stdout)["b"]["number"] == "+74951234567"
    assert shown.stderr == "4951234567 is read as +74951234567; for the other reading write +4951234567\n"


@pytest.mark.parametrize(
    ("b", "reason"),
    [
        ("12", "'12' is not a telephone number"),
        ("", "'' is not a telephone number"),
        ("-1", "'-1' is not a telephone number"),
        ("\udcff", "is not a telephone number"),
        ("+99912345678", "deck k5 has no price for +99912345678"),
    ],
)
def test_an_unusable_number_is_a_sentence_and_1(k5: K5, b: str, reason: str) -> None:
    refused = k5("quote", "+79161234567", b, "--json")
    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert refused.stdout == ""


def test_a_missing_number_is_wrong_usage(k5: K5) -> None:
    assert k5("quote", "+79161234567").exit_code == 2
