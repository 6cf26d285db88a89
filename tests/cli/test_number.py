"""`k5 number`: the stock added, listed, imported; what is wrong is told in words. Promise: D3."""

from pathlib import Path

from tests.cli.conftest import K5


def test_a_number_is_added_and_listed(k5: K5) -> None:
    assert k5("number", "add", "+74950000101", "--beautiful").stdout == "+74950000101 is free\n"
    assert k5("number", "add", "+78120000102").exit_code == 0
    found = k5("number", "list", "--code", "495", "--state", "free")
    assert (found.stdout, found.stderr) == ("+74950000101 free       beautiful\n", "numbers: 1\n")
    assert k5("number", "list", "--state", "rented").stdout == ""


def test_what_cannot_be_added_is_said_in_words(k5: K5) -> None:
    k5("number", "add", "+74950000101")
    for text, said in {
        "+74950000101": "k5: number +74950000101 is there already\n",
        "84950000101": "k5: '84950000101' is written as it is dialled at home: if +74950000101 is meant, write it so\n",
        "+7495000": "k5: '+7495000' is not a telephone number: write it like +74951234567\n",
        "+79161234567": "k5: +79161234567 is not of a code that is rented out: "
        "+7 and 495, 499, 812, 343, 831, 863, 843, 800, ten digits\n",
    }.items():
        refused = k5("number", "add", text)
        assert (refused.exit_code, refused.stderr) == (1, said)
    assert k5("number", "list", "--state", "sold").exit_code == 2


def test_a_file_is_imported_whole_and_again(k5: K5, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("number;beautiful\n+74950000101;\n+74950000102;yes\n", encoding="utf-8-sig")
    first = k5("number", "import", str(path))
    assert first.stdout == "stock.csv: 2 numbers were added, 0 were there already\n"
    assert "numbers: 100 %" in first.stderr
    assert k5("number", "import", str(path)).stdout == "stock.csv: 0 numbers were added, 2 were there already\n"


def test_a_column_of_numbers_alone_is_a_file_too(k5: K5, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("+74950000101\n+74950000102\n")
    assert k5("number", "import", str(path)).stdout == "stock.csv: 2 numbers were added, 0 were there already\n"


def test_a_file_with_wrong_rows_adds_nothing_and_names_each(k5: K5, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("+74950000101,yes\n+74950000102,perhaps\n+74950000101\n")
    refused = k5("number", "import", str(path))
    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [
        "line 2: 'perhaps' does not say whether it is beautiful: write yes or no, or nothing",
        "line 3: +74950000101 stands in line 1 already",
        "k5: stock.csv: 2 rows are wrong; nothing was added",
    ]
    assert k5("number", "list").stdout == ""
    assert "no such file" in k5("number", "import", str(tmp_path / "gone.csv")).stderr
