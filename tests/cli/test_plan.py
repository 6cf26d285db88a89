"""`k5 plan`: the plans listed, files checked, a month priced."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web import plans
from k5web.cli import main
from tests.plan_samples import SMALL_GROUPS, SMALL_PLAN

K5 = Callable[..., Result]
HEADING = "at,kind,to,zone,quantity,option"


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> K5:
    """Run a command of `k5` in a house with two small price lists."""

    def run(*words: str) -> Result:
        environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path / "var")}
        return CliRunner().invoke(main, words, env=environ)

    (tmp_path / "list.csv").write_text("79,Россия мобильный,1.75\n7495,Москва городской,0.45\n")
    for deck in ("k5", "clovertel"):
        done = run("deck", "import", str(tmp_path / "list.csv"), "--deck", deck, "--effective", "2020-01-01")
        assert done.exit_code == 0, done.output
    return run


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """A file of one call and one row that nobody can read."""
    file = tmp_path / "month.csv"
    file.write_text(f"{HEADING}\n2026-11-20T10:00:00+03:00,call,+79161234567,home,61,\nyesterday,call,1,,1,\n")
    return file


def test_every_plan_is_listed_with_its_fee_and_its_options(k5: K5) -> None:
    listed = k5("plan", "list")
    assert listed.exit_code == 0
    lines = listed.stdout.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "economny", "go", "go-100", "go-1000", "k5", "profi", "prosto", "standard-8800", "start", "vip"
    ]  # fmt: skip
    assert any(line.startswith("go-100 ") and "600.00 a month" in line for line in lines)
    assert any(line.startswith("  vklyuchaysya ") and "5.00 a day" in line for line in lines)


def test_all_files_of_k5_are_fine() -> None:
    files = [str(path) for folder in (plans.HERE, plans.GROUPS) for path in sorted(folder.glob("*.toml"))]
    done = CliRunner().invoke(main, ["plan", "check", *files])
    assert done.exit_code == 0, done.output
    assert [line.split(": ")[1].split(" is ")[1] for line in done.stdout.splitlines()] == ["fine"] * len(files)


def test_each_mistake_of_each_file_is_told_and_the_answer_is_1(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text(SMALL_GROUPS)
    good, bad, broken = (tmp_path / f"{name}.toml" for name in ("good", "bad", "broken"))
    good.write_text(SMALL_PLAN)
    bad.write_text(SMALL_PLAN.replace('to = ["far"]', 'to = ["fra"]').replace('option = "bonus"', 'option = "bonos"'))
    broken.write_text("code = ")
    done = CliRunner().invoke(main, ["plan", "check", "--groups", str(tmp_path), str(bad), str(good), str(broken)])
    assert done.exit_code == 1
    assert done.stdout == f"{good}: small is fine: 3 rates, 1 options\n"
    assert done.stderr.splitlines() == [
        f"{bad}: line 22: there is no option 'bonos': did you mean 'bonus'?",
        f"{bad}: line 39: there is no direction group 'fra': did you mean 'far'?",
        "broken.toml: this is not TOML: Invalid value (at end of document)",
    ]


def test_a_mistake_in_the_groups_of_a_plan_is_told_with_their_file(tmp_path: Path) -> None:
    plan, groups = tmp_path / "small.toml", tmp_path / "two.toml"
    plan.write_text(SMALL_PLAN)
    groups.write_text(SMALL_GROUPS.replace("rest = true", 'prefixes = ["7"]'))
    for checked in (plan, groups):
        done = CliRunner().invoke(main, ["plan", "check", "--groups", str(tmp_path), str(checked)])
        assert done.exit_code == 1
        assert done.stderr.startswith(f"{groups}: line 12: prefix 7 is in group near already\n")


def test_a_month_is_priced_and_a_row_that_cannot_be_keeps_its_place(k5: K5, month: Path) -> None:
    done = k5("plan", "simulate", "go-100", "--events", str(month), "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    good, wrong = answer["lines"]
    assert (good["at"], good["kind"], good["charge"]) == ("2026-11-20T10:00:00+03:00", "call", "0.00")
    assert good["why"].endswith("counted 120 s; 120 s from gift-minutes")
    assert wrong["charge"] == ""
    assert wrong["error"] == wrong["why"] == "at 'yesterday' is not a moment like 2026-12-01T09:30:00+03:00"
    assert answer["fees"] == [{"at": "2026-11-01T00:00:00+03:00", "what": "go-100", "charge": "600.00"}]
    assert (answer["total"], answer["currency"]) == ("600.00", "RUB")
    assert done.stderr == "1 of 2 lines could not be priced\n"


def test_for_people_the_same_is_a_table(k5: K5, month: Path) -> None:
    done = k5("plan", "simulate", "go-100", "--events", str(month))
    call, wrong, fee, total = done.stdout.splitlines()
    assert call.split()[:3] == ["2026-11-20T10:00:00+03:00", "call", "0.00"]
    assert wrong.split()[0] == "yesterday"
    assert fee.split() == ["2026-11-01T00:00:00+03:00", "fee", "600.00", "go-100"]
    assert total.split() == ["total", "600.00", "RUB"]


def test_the_first_plan_asks_for_the_own_number(k5: K5, month: Path) -> None:
    charges = [
        json.loads(k5("plan", "simulate", "k5", "--events", str(month), "--json", *own).stdout)["lines"][0]["charge"]
        for own in (["--from", "+74951234567"], ["--from", "8 495 123-45-67"], [])
    ]
    assert charges == ["4.40", "4.40", ""]


def test_a_plan_may_be_a_file_of_ones_own(k5: K5, month: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = (plans.HERE / "go-100.toml").read_text()
    own.write_text(text.replace("600.00 RUB", "1.00 RUB"))
    assert json.loads(k5("plan", "simulate", str(own), "--events", str(month), "--json").stdout)["total"] == "1.00"
    own.write_text(text.replace("600.00 RUB", "1 RUB"))
    refused = k5("plan", "simulate", str(own), "--events", str(month))
    assert refused.exit_code == 1
    assert "own.toml: line 30: '1 RUB' is not a sum like 600.00 RUB; mistakes in all: 1" in refused.stderr


@pytest.mark.parametrize("code", ["none", "../k5", "groups/economny", "K5", ""])
def test_a_plan_that_is_not_there_is_a_sentence_and_1(k5: K5, month: Path, code: str) -> None:
    refused = k5("plan", "simulate", code, "--events", str(month))
    assert refused.exit_code == 1
    assert f"there is no plan '{code}': k5 plan list names those there are" in refused.stderr


def test_a_wrong_own_number_and_a_missing_file_are_sentences_and_1(k5: K5, month: Path, tmp_path: Path) -> None:
    for words in (["--events", str(month), "--from", "abc"], ["--events", str(tmp_path / "none.csv")]):
        refused = k5("plan", "simulate", "k5", *words)
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., str]:
    """Write GO with some texts changed, and return the file's path."""

    def write(**changes: str) -> str:
        text = (plans.HERE / "go.toml").read_text()
        for was, now in changes.items():
            text = text.replace(was, now)
        file = tmp_path / "go.toml"
        file.write_text(text)
        return str(file)

    return write


def in_days(days: int) -> str:
    """A day after the one on which the commands run."""
    return (date(2026, 12, 1) + timedelta(days=days)).isoformat()


def test_a_cheaper_plan_is_published_for_today_and_listed(k5: K5, own: Callable[..., str]) -> None:
    file, day = own(**{"470.00 RUB": "450.00 RUB"}), in_days(0)
    tried = k5("plan", "publish", file, "--effective", day, "--dry-run")
    changes = ["dearer: 0", "other changes: 1", "  fee of a month: 470.00 → 450.00"]
    assert tried.stdout.splitlines() == [*changes, "go: dry run, nothing was published"]
    done = k5("plan", "publish", file, "--effective", day)
    assert (done.exit_code, done.stdout.splitlines()[:3]) == (0, changes)
    assert f"is in force from {day}; 0 subscribers get a notice" in done.stdout
    again = k5("plan", "publish", file, "--effective", day)
    assert f"go: this very plan is published already for {day}; nothing was written" in again.stdout
    listed = k5("plan", "list").stdout.splitlines()
    assert any(line.startswith("go ") and "450.00 a month" in line for line in listed)
    assert any(line.startswith("  * version 1 from ") for line in listed)


def test_a_dearer_plan_too_soon_is_refused_with_its_rows(k5: K5, own: Callable[..., str]) -> None:
    file = own(**{"470.00 RUB": "471.00 RUB", "50 min": "49 min"})
    refused = k5("plan", "publish", file, "--effective", in_days(9))
    assert refused.exit_code == 1
    assert refused.stdout.splitlines() == [
        "dearer: 2",
        "  fee of a month: 470.00 → 471.00",
        "  allowance gift-minutes, amount: 3000 SEC → 2940 SEC",
    ]
    assert f"choose {in_days(10)} or later" in refused.stderr
    assert k5("plan", "publish", file, "--effective", in_days(10)).exit_code == 0
    other = own(**{"470.00 RUB": "472.00 RUB"})
    taken = k5("plan", "publish", other, "--effective", in_days(10))
    assert (taken.exit_code, "has a version for this day already" in taken.stderr) == (1, True)


@pytest.mark.parametrize(("day", "code"), [("2026-13-01", 2), ("2020-01-01", 1)])
def test_a_wrong_day_publishes_nothing(k5: K5, own: Callable[..., str], day: str, code: int) -> None:
    refused = k5("plan", "publish", own(), "--effective", day)
    assert refused.exit_code == code
    assert "is not a day like" in refused.output or "is over: choose today" in refused.output


def test_a_wrong_file_is_told_as_by_the_check(k5: K5, own: Callable[..., str]) -> None:
    file = own(**{"470.00 RUB": "470 RUB", "calls_at_once": "calls_at_one"})
    refused = k5("plan", "publish", file, "--effective", in_days(0))
    assert (refused.exit_code, refused.stderr) == (1, k5("plan", "check", file).stderr)
    assert "did you mean 'calls_at_once'?" in refused.stderr


def test_a_plan_that_a_file_names_is_looked_for_among_all_there_are(
    k5: K5, own: Callable[..., str], tmp_path: Path
) -> None:
    """Those K5 comes with, those of the files, those that are published, also for a later day."""
    fallback = tmp_path / "spare.toml"
    fallback.write_text((plans.HERE / "start.toml").read_text().replace('code = "start"', 'code = "spare"'))
    file = own(**{"[calling]": '[idle]\ndays = 90\nbecomes = "spare"\n\n[calling]'})
    wrong = k5("plan", "check", file)
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "line 27: there is no plan 'spare': did you mean 'start'?" in wrong.stderr
    assert k5("plan", "check", file, str(fallback)).exit_code == 0
    refused = k5("plan", "publish", file, "--effective", in_days(20))
    assert (refused.exit_code, refused.stderr) == (1, wrong.stderr)
    assert k5("plan", "publish", str(fallback), "--effective", in_days(15)).exit_code == 0
    assert k5("plan", "check", file).exit_code == 0
    early = k5("plan", "publish", file, "--effective", in_days(14))
    assert (early.exit_code, "there is no plan 'spare'" in early.stderr) == (1, True)
    assert k5("plan", "publish", file, "--effective", in_days(20)).exit_code == 0


def test_a_least_margin_of_no_plan_is_found_before_anything_is_published(
    k5: K5, own: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K5_LEAST_MARGIN", "k5=5%,go1000=5%")
    for words in (["check", own()], ["publish", own(), "--effective", in_days(0)]):
        refused = k5("plan", *words)
        assert refused.exit_code == 1
        assert "K5_LEAST_MARGIN: there is no plan 'go1000': did you mean 'go-1000'?" in refused.stderr
    assert "version" not in k5("plan", "list").stdout


def test_a_least_margin_of_the_very_plan_that_is_published_is_fine(
    k5: K5, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K5_LEAST_MARGIN", "small=5%")
    (tmp_path / "two.toml").write_text(SMALL_GROUPS)
    file = tmp_path / "small.toml"
    file.write_text(SMALL_PLAN)
    for words in (["check", str(file)], ["publish", str(file), "--effective", in_days(0)]):
        done = k5("plan", *words, "--groups", str(tmp_path))
        assert done.exit_code == 0, done.output
