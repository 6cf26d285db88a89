"""A file is there whole or not at all."""

import os
from pathlib import Path
from threading import Thread

import pytest

from k5web.whole_file import appearing


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    with appearing(out) as target:
        target.write("after\r\n")
        assert out.read_text() == "before"
    assert out.read_bytes() == b"after\r\n"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_what_fails_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    with pytest.raises(UnicodeEncodeError), appearing(out, "ascii") as target:
        target.write("сумма")
    assert (out.read_text(), os.listdir(tmp_path)) == ("before", ["out.csv"])


def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with appearing(pipe, "cp1251") as target:
        target.write("сумма")
    reader.join(60)
    assert (read, pipe.is_fifo()) == (["сумма".encode("cp1251")], True)


def test_a_pipe_is_written_to_by_its_name_in_dev(tmp_path: Path) -> None:
    read, write = os.pipe()
    with appearing(Path(f"/dev/fd/{write}")) as target:
        target.write("сумма")
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        assert pipe.read() == "сумма"
