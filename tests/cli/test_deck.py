"""`k5 deck`: import shows what it does, refuses whole, lists, exports, compares."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main
from tests.services.house import House

LIST = "prefix;destination;per_minute\n7495;Москва;0,45\n79;Россия мобильный;1,75\n7;Россия;1,69\n"
NEXT = "7495;Москва;0,50\n79;Россия мобильный;1,70\n7343;Урал;0,52\n7;Россия;1,69\n"

K5 = Callable[..., Result]


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> K5:
    """Run a command of `k5` against this test's database."""

    def run(*words: str) -> Result:
        environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path / "var")}
        return CliRunner().invoke(main, words, env=environ)

    return run


@pytest.fixture
def listed(tmp_path: Path) -> str:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="cp1251")
    return str(path)


@pytest.fixture
def following(tmp_path: Path) -> str:
    path = tmp_path / "next.csv"
    path.write_text(NEXT)
    return str(path)


def test_an_import_shows_its_progress_and_the_difference(k5: K5, listed: str, following: str) -> None:
    first = k5("deck", "import", listed, "--deck", "k5", "--effective", "2026-11-01")
    assert first.exit_code == 0, first.output
    assert "reading: 100 %" in first.stderr
    assert "writing: 100 %" in first.stderr
    assert "new: 3\n" in first.stdout
    assert "k5: version 1 with 3 prices is in force from 2026-11-01" in first.stdout

    second = k5("deck", "import", following, "--deck", "k5", "--effective", "2026-11-02", "--replace")
    assert second.stdout.splitlines() == [
        "new: 1",
        "  7343  Урал 0.52 RUB (7343), until now Россия 1.69 RUB (7)",
        "gone: 0",
        "dearer: 1",
        "  7495  Москва 0.45 RUB (7495) → Москва 0.50 RUB (7495)",
        "cheaper: 1",
        "  79  Россия мобильный 1.75 RUB (79) → Россия мобильный 1.70 RUB (79)",
        "other terms: 0",
        "overlaps: 1",
        "  7343  Урал 0.52 RUB (7343), inside Россия 1.69 RUB (7)",
        "same: 1",
        "k5: version 2 with 4 prices is in force from 2026-11-02",
    ]


def test_a_dry_run_shows_the_difference_and_imports_nothing(k5: K5, listed: str) -> None:
    shown = k5("deck", "import", listed, "--deck", "k5", "--effective", "2026-11-01", "--dry-run")
    assert shown.exit_code == 0
    assert "new: 3\n" in shown.stdout
    assert "dry run, nothing was imported" in shown.stdout
    assert "no price list yet" in k5("deck", "list").stdout


def test_rejected_rows_are_listed_with_their_lines_and_nothing_is_imported(k5: K5, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("7495;Москва;0,45\n79;Россия;-1\nx;Урал;1\n" + "y;Урал;1\n" * 100)
    refused = k5("deck", "import", str(wrong), "--deck", "k5", "--effective", "2026-11-01")
    assert refused.exit_code == 1
    lines = refused.stderr.splitlines()
    assert "line 2: per_minute '-1' is negative" in lines
    assert "line 3: prefix 'x' is not digits like 7495, 7495;7499 or 78632-78635" in lines
    assert "and 52 more" in lines
    assert lines[-1] == "k5: wrong.csv: 102 rows are wrong; nothing was imported"
    assert "Traceback" not in refused.output
    assert "no price list yet" in k5("deck", "list").stdout


def test_the_same_file_again_is_said_to_be_there(k5: K5, listed: str) -> None:
    words = ("deck", "import", listed, "--deck", "k5", "--effective", "2026-11-01")
    k5(*words)
    again = k5(*words)
    assert again.exit_code == 0
    assert "imported already for 2026-11-01; nothing was written" in again.stdout


def test_later_prices_are_announced(k5: K5, listed: str, tmp_path: Path) -> None:
    k5("deck", "import", listed, "--deck", "k5", "--effective", "2026-11-01")
    ahead = tmp_path / "ahead.csv"
    ahead.write_text("prefix,destination,per_minute,effective_from\n7495,Москва,0.60,2027-01-01\n79,Россия,1.80,\n")
    shown = k5("deck", "import", str(ahead), "--deck", "k5", "--effective", "2026-12-01", "--replace")
    assert "1 prices take force later; 1 keep the old price until then" in shown.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--deck", "k5"), "Missing option '--effective'"),
        (("--effective", "2026-11-01"), "Missing option '--deck'"),
        (("--deck", "k5", "--effective", "01.11.2026"), "is not a day like 2026-12-01"),
        (("--deck", "k5", "--effective", "2026-02-30"), "is not a day like"),
        (("--deck", "12", "--effective", "2026-11-01"), "is not a name like k5"),
    ],
)
def test_wrong_usage_ends_with_2(k5: K5, listed: str, words: tuple[str, ...], reason: str) -> None:
    refused = k5("deck", "import", listed, *words)
    assert refused.exit_code == 2
    assert reason in refused.stderr


def test_a_missing_file_is_a_sentence_and_1(k5: K5) -> None:
    refused = k5("deck", "import", "none.csv", "--deck", "k5", "--effective", "2026-11-01")
    assert (refused.exit_code, refused.stderr) == (1, "k5: none.csv: no such file or directory\n")


def test_versions_are_listed_and_those_in_force_marked(k5: K5, listed: str) -> None:
    k5("deck", "import", listed, "--deck", "k5", "--effective", "2020-01-01")
    k5("deck", "import", listed, "--deck", "k5", "--effective", "2027-06-01")
    lines = k5("deck", "list").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["*", "1", "k5", "from", "2020-01-01", "3", "prices", "list.csv"],
        ["2", "k5", "from", "2027-06-01", "3", "prices", "list.csv"],
    ]


def test_a_list_is_exported_to_the_screen_or_a_file(k5: K5, listed: str, tmp_path: Path) -> None:
    k5("deck", "import", listed, "--deck", "k5", "--effective", "2020-01-01")
    shown = k5("deck", "export", "k5")
    assert shown.stdout.splitlines()[:2] == [
        "prefix,destination,per_minute,currency,increment_s,minimum_s,free_below_s,connect_fee,effective_from",
        "7,Россия,1.69,RUB,60,60,3,0.00,2020-01-01",
    ]
    out = tmp_path / "out.csv"
    assert k5("deck", "export", "1", "--out", str(out)).exit_code == 0
    assert out.read_text("utf-8") == shown.stdout
    unknown = k5("deck", "export", "none", "--out", str(tmp_path / "none.csv"))
    assert (unknown.exit_code, (tmp_path / "none.csv").exists()) == (1, False)


def test_two_lists_are_compared(k5: K5, listed: str, following: str) -> None:
    k5("deck", "import", listed, "--deck", "k5", "--effective", "2020-01-01")
    k5("deck", "import", following, "--deck", "clovertel", "--effective", "2020-01-01")
    shown = k5("deck", "diff", "k5", "clovertel")
    assert shown.exit_code == 0
    assert "dearer: 1\n" in shown.stdout
    assert "new: 1\n" in k5("deck", "diff", "1", "2").stdout
    assert k5("deck", "diff", "k5", "unknown").exit_code == 1


@pytest.mark.parametrize(
    "words", [("deck",), ("deck", "import"), ("deck", "list"), ("deck", "export"), ("deck", "diff")]
)
def test_each_command_explains_itself(k5: K5, words: tuple[str, ...]) -> None:
    shown = k5(*words, "--help")
    assert (shown.exit_code, shown.stdout[:6]) == (0, "Usage:")


@pytest.mark.parametrize("number", ["99999999999999999999", "7"])
def test_a_version_that_is_not_there_is_said_so(k5: K5, number: str) -> None:
    refused = k5("deck", "export", number)
    assert (refused.exit_code, refused.stderr) == (1, f"k5: there is no version {number} of a price list\n")


def test_a_list_for_a_day_before_the_one_in_force_is_said_to_change_nothing(
    k5: K5, listed: str, following: str
) -> None:
    """Of several versions the latest to take force holds, whenever it was imported."""
    k5("deck", "import", listed, "--deck", "k5", "--effective", "2026-01-02")
    for dry_run in (["--dry-run"], []):
        late = k5("deck", "import", following, "--deck", "k5", "--effective", "2026-01-01", *dry_run)
        assert late.exit_code == 0
        assert "version 1, in force from 2026-01-02, overrules this list: its prices are not used now" in late.stderr
        assert "is in force from" not in late.stdout
    assert "k5: version 2 with 4 prices is written for 2026-01-01" in late.stdout
    again = k5("deck", "import", following, "--deck", "k5", "--effective", "2026-01-03", "--replace")
    assert "overrules" not in again.stderr
    assert "is in force from 2026-01-03" in again.stdout


def test_what_is_sold_and_led_nowhere_is_named(house: House, line: CliRunner) -> None:
    told = line.invoke(main, ["deck", "gaps"])
    assert told.exit_code == 1, told.output
    assert "София городской: 3592" in told.stdout
    assert "Москва" not in told.stdout
    unknown = line.invoke(main, ["deck", "gaps", "no-such", "--json"])
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "no price list 'no-such' is in force" in unknown.stderr


def test_a_version_to_come_is_proposed_to_be_taken_back(k5: K5, listed: str, following: str) -> None:
    """A second person approves it, as at the desk."""
    k5("deck", "import", listed, "--deck", "k5", "--effective", "2020-01-01")
    k5("deck", "import", following, "--deck", "k5", "--effective", "2027-06-01", "--replace")
    words = ("deck", "withdraw", "2", "--reason", "ошибка в файле")
    asked = k5(*words)
    assert (asked.exit_code, "would not take force" in asked.stderr) == (2, True), asked.output
    assert "waits for a second person" in k5(*words, "--yes").stdout
    assert k5("deck", "withdraw", "999", "--reason", "x", "--yes").exit_code == 1
