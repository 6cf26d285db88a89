"""Plan files that are no plans: broken, odd, huge or deep text is refused in words and costs little."""

import re
from pathlib import Path

import pytest

from k5web.errors import WrongFile, WrongPlan
from k5web.services.in_force.planfiles import LARGEST, read_text
from tests.plan_samples import SMALL_PLAN, faults_of, read_small


def without(start: str, text: str = SMALL_PLAN) -> str:
    """Return the text without one table, which begins so."""
    tables = re.split(r"\n(?=\[)", text)
    assert any(table.startswith(start) for table in tables)
    return "\n".join(table for table in tables if not table.startswith(start))


def test_more_mistakes_than_a_person_reads_are_counted() -> None:
    with pytest.raises(WrongPlan, match=r"small\.toml: line 28: .*; mistakes in all: \d{3}") as caught:
        read_small(SMALL_PLAN.replace("price =", "prise =") + '\n[[service]]\ncode = "A"\n' * 98 + "\n[[rate]]\n")
    assert len(caught.value.facts["found"]) == 50  # type: ignore[arg-type]


def test_a_table_that_is_no_list_is_told_how_to_be_written() -> None:
    alone = without("[[rate]]").replace("[[service]]", "[service]")
    assert "line 24: service: write two brackets, [[ ]]" in faults_of(alone)


def test_tables_within_a_line_are_found_too() -> None:
    inline = without("[[service]]").replace(
        'groups = "two"', 'groups = "two"\nfee = [{ amount = "1 RUB", every = "day" }]'
    )
    assert faults_of(inline) == ["line 6: '1 RUB' is not a sum like 600.00 RUB"]


def test_an_empty_file_misses_every_key_that_it_needs() -> None:
    missing = [f"'{key}' is missing" for key in ("code", "title", "operator", "source", "calling")]
    assert faults_of("") == missing
    assert faults_of("[[rate]]") == ["line 1: 'kind' is missing", *missing]


@pytest.mark.parametrize(
    "text",
    [
        "code = small",
        "code,title\nsmall,Малый",
        "code = 'a'\ncode = 'b'",
        "\x00",
        "a = " + "[" * 100_000,
        "a = " + "{b=" * 50_000,
        "a = " + "9" * 5_000,
        'a = "\\ud800"',
        "[" * 1_000,
    ],
    ids=["bare", "csv", "twice", "nul", "lists", "tables", "digits", "surrogate", "brackets"],
)
def test_what_is_not_toml_is_refused_in_words(text: str) -> None:
    with pytest.raises(WrongFile, match=r"small\.toml.*not TOML"):
        read_small(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 20_000 + " = 1",
        "code = " + "{ a = " * 50 + "1" + " }" * 50,
        "[calling]\n" + "x" * 5_000 + " = 1",
        "code = 1979-05-27",
    ],
    ids=["dotted", "nested", "long", "date"],
)
def test_odd_toml_is_a_mistake_like_others(text: str) -> None:
    assert all(len(words) < 300 for words in faults_of(text))


def test_too_many_tables_and_cases_are_refused_before_they_are_worked_out() -> None:
    assert faults_of(SMALL_PLAN + '\n[[rate]]\nkind = "data"\nprice = "1.00 RUB/MB"\n' * 400) == [
        "line 24: rate: expected a list of length <= 300"
    ]
    options = "".join(
        f'\n[[option]]\ncode = "o{n}"\ntitle = "О"\nfee = "1.00 RUB"\nevery = "day"\n'
        f'\n[[rate]]\nkind = "data"\nwith = ["o{n}"]\nprice = "1.00 RUB/MB"\n'
        for n in range(20)
    )
    assert faults_of(SMALL_PLAN + options) == ["data has too many cases: 20 options in 1 groups"]


def test_a_file_is_utf_8_and_no_larger_than_a_plan(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    for content, reason in [(b"\xff\xfe", "not UTF-8"), (b"#" * (LARGEST + 1), "larger than 256 KB")]:
        file.write_bytes(content)
        with pytest.raises(WrongFile, match=reason):
            read_text(file)
    file.write_bytes(b"\xef\xbb\xbfcode = 1\r\n")
    assert read_text(file) == "code = 1\n"
    for missing in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(WrongFile):
            read_text(missing)
