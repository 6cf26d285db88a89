"""`k5 cdr rate`: a file of calls in, the same with prices out."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main

K5 = Callable[..., Result]
HEADING = "id,started_at,a_number,b_number,a_seconds,b_seconds"
PRICED = "a_prefix,a_billed_s,a_charge,b_prefix,b_billed_s,b_charge,total,currency,error"


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> K5:
    """Run a command of `k5` in a house with a small price list."""
    (tmp_path / "list.csv").write_text("79,Россия мобильный,1.75\n7495,Москва городской,0.45\n")

    def run(*words: str) -> Result:
        environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path / "var")}
        return CliRunner().invoke(main, words, env=environ)

    done = run("deck", "import", str(tmp_path / "list.csv"), "--deck", "k5", "--effective", "2020-01-01")
    assert done.exit_code == 0, done.output
    return run


def test_calls_are_priced_line_by_line(k5: K5, tmp_path: Path) -> None:
    calls, out = tmp_path / "calls.csv", tmp_path / "rated.csv"
    calls.write_text(
        f"{HEADING}\n"
        "c1,2026-11-20T10:00:00+03:00,+79161234567,+74951234567,60,60.1\n"
        "c2,2026-11-20T10:00:00,+79161234567,+74951234567,60,60\n"
        "c3,2026-11-20T07:00:00Z,+7 916 123-45-67,74951234567,2.9,0\n"
    )
    done = k5("cdr", "rate", str(calls), "--out", str(out))
    assert done.exit_code == 0, done.output
    assert done.stdout == f"3 calls, 2 priced, 1 with an error: see {out}\n"
    assert "rating: 100 %" in done.stderr
    assert out.read_text().splitlines() == [
        f"{HEADING},{PRICED}",
        "c1,2026-11-20T10:00:00+03:00,+79161234567,+74951234567,60,60.1,79,60,1.75,7495,120,0.90,2.65,RUB,",
        "c2,2026-11-20T10:00:00,+79161234567,+74951234567,60,60,,,,,,,,,started_at has no zone: add Z or +03:00",
        "c3,2026-11-20T07:00:00Z,+7 916 123-45-67,74951234567,2.9,0,79,0,0.00,7495,0,0.00,0.00,RUB,",
    ]


def test_a_file_of_which_nothing_could_be_priced_is_no_success(k5: K5, tmp_path: Path) -> None:
    calls, out = tmp_path / "calls.csv", tmp_path / "rated.csv"
    calls.write_text(f"{HEADING}\nc1,2026-11-20T10:00:00,+79161234567,+74951234567,60,60\n")
    done = k5("cdr", "rate", str(calls), "--out", str(out))
    assert (done.exit_code, done.stdout) == (1, f"1 calls, 0 priced, 1 with an error: see {out}\n")
    calls.write_text(f"{HEADING}\n")
    assert k5("cdr", "rate", str(calls), "--out", str(out)).exit_code == 0


def test_each_line_explains_itself_where_it_is_asked_to(k5: K5, tmp_path: Path) -> None:
    """Group or destination, rule, version, rounding and price of each leg, beside the columns that are always there."""
    calls, out = tmp_path / "calls.csv", tmp_path / "rated.csv"
    calls.write_text(
        f"{HEADING}\n"
        "c1,2026-11-20T10:00:00+03:00,+79161234567,+74951234567,60,60.1\n"
        "c2,2026-11-20T10:00:00,+79161234567,+74951234567,60,60\n"
    )
    assert k5("cdr", "rate", str(calls), "--explain", "--out", str(out)).exit_code == 0
    with out.open() as source:
        priced, wrong = csv.DictReader(source)
    assert (priced["total"], priced["error"], wrong["b_why"]) == ("2.65", "", "")
    assert wrong["error"] == "started_at has no zone: add Z or +03:00"
    assert priced["b_why"].startswith("call (")
    assert priced["b_why"].endswith("), as shipped, rate 1: counted 120 s; 120 s at 0.45 a minute: 0.90")
    assert priced["a_why"].endswith("), as shipped, rate 1: counted 60 s; 60 s at 1.75 a minute: 1.75")


def test_the_plan_may_be_named_and_an_unknown_one_is_wrong_usage(k5: K5, tmp_path: Path) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text(HEADING)
    assert k5("cdr", "rate", str(calls), "--plan", "k5", "--out", str(tmp_path / "out.csv")).exit_code == 0
    assert k5("cdr", "rate", str(calls), "--plan", "none", "--out", str(tmp_path / "no.csv")).exit_code == 2
    assert k5("cdr", "rate", str(calls)).exit_code == 2


def test_a_file_that_cannot_be_rated_is_a_sentence_and_1(k5: K5, tmp_path: Path) -> None:
    refused = k5("cdr", "rate", str(tmp_path / "none.csv"), "--out", str(tmp_path / "out.csv"))
    assert refused.exit_code == 1
    assert refused.stderr.endswith("none.csv: no such file or directory\n")
    assert not (tmp_path / "out.csv").exists()
