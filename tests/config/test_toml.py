"""The operator's own TOML files: what is wrong is named with setting, file, line and key."""

from pathlib import Path

import pytest

from k5web.config import toml
from k5web.domain import strict_toml
from k5web.errors import WrongKey, WrongSetting

TEXT = """# a comment
name = "k5"

[[trunk]]
code = "one"
"prefixes" = ["7"]
limits.calls = 5

[[switch]]
code = "msk"

[[ trunk ]]
code = "two"
[trunk.prices]
deck = "carrier"
"""


def read(folder: Path, content: str | bytes) -> toml.File:
    path = folder / "file.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return toml.read("K5_FILE", str(path))


def test_tables_of_one_name_come_with_their_places(tmp_path: Path) -> None:
    found = [(values["code"], place.line) for values, place in read(tmp_path, TEXT).tables("trunk")]
    assert found == [("one", 4), ("two", 12)]
    assert list(read(tmp_path, TEXT).tables("nothing")) == []


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        (0, "code", 5),
        (0, "prefixes", 6),
        (0, "limits.calls", 7),
        (0, "absent", 4),  # what is missing stands nowhere: the heading is named
        (1, "code", 13),
        (1, "prices", 14),
        (1, "prices.deck", 15),
    ],
)
def test_a_key_that_is_wrong_is_named_by_its_line(tmp_path: Path, table: int, key: str, line: int) -> None:
    place = [place for _, place in read(tmp_path, TEXT).tables("trunk")][table]
    assert str(place.wrong(key, "must be set")) == f"K5_FILE: {tmp_path}/file.toml:{line}: {key}: must be set"


def test_a_key_of_the_file_itself_is_named_by_its_line(tmp_path: Path) -> None:
    assert "file.toml:2: name: " in str(read(tmp_path, TEXT).place.wrong("name", "must be set"))


def test_a_refusal_from_inside_is_given_its_place(tmp_path: Path) -> None:
    [_, place] = [place for _, place in read(tmp_path, TEXT).tables("trunk")]
    with pytest.raises(WrongSetting, match=r"file\.toml:13: code: is another's"), place.named():
        raise WrongKey(key="code", reason="is another's")


def test_one_bracket_too_few_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"file\.toml:1: trunk: write \[\[trunk\]\], with two brackets"):
        list(read(tmp_path, '[trunk]\ncode = "one"\n').tables("trunk"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = ", "Invalid value"),
        (b"name = \xff", "codec"),
        (b"a = 1\na = 2\n", "Cannot overwrite"),
        (b"# " + b"x" * strict_toml.LARGEST, "larger than 1 MB"),
        (b"a = " + b"[" * 100_000, "too deep"),
        (b"a = " + b"9" * 10_000, "limit"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_with_its_name(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(WrongSetting, match=rf"K5_FILE: .*file\.toml: .*{said}"):
        read(tmp_path, content)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="No such file"):
        toml.read("K5_FILE", str(tmp_path / "absent.toml"))


def test_lines_are_counted_alike_however_they_end(tmp_path: Path) -> None:
    windows = read(tmp_path, TEXT.replace("\n", "\r\n"))
    assert [place.line for _, place in windows.tables("trunk")] == [4, 12]


def test_what_a_file_says_is_not_shown(tmp_path: Path) -> None:
    """Secrets may be there."""
    file = read(tmp_path, TEXT)
    assert "carrier" not in f"{file!r} {[place for _, place in file.tables('trunk')]!r}"
