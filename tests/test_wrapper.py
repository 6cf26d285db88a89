"""`deploy/k5`: the settings of a server reach the program as they stand in the file, whoever typed the command."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

WRAPPER = Path(__file__).parent.parent / "deploy" / "k5"
SETTINGS = """# a comment with K5_NOT=this
K5_DATABASE_URL=postgresql+psycopg://k5:p$HOME@/k5?host=a,b&port=5432,5433&target_session_attrs=read-write
  K5_SECRET_KEY="with spaces and `ticks`"
K5_STAFF='a.ivanova'
K5_VAR=/var/lib/k5"""


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """A server's file of settings, and a program that shows what it was given."""
    with tempfile.TemporaryDirectory(prefix="k5-wrapper-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)  # another user goes in
        (folder / "k5.env").write_text(SETTINGS)
        program = folder / "program"
        program.write_text('#!/bin/sh\nenv | grep ^K5_ | sort\nfor word in "$@"; do echo "word $word"; done\nid -un\n')
        program.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
        yield kept | {"k5_file": str(folder / "k5.env"), "k5_program": str(program), "k5_user": "root"}


def said(environ: dict[str, str], *words: str) -> list[str]:
    done = subprocess.run([WRAPPER, *words], env=environ, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_value_stays_what_it_is(environ: dict[str, str]) -> None:
    url = "postgresql+psycopg://k5:p$HOME@/k5?host=a,b&port=5432,5433&target_session_attrs=read-write"
    *shown, _ = said(environ, "quote", "+7 916", "$x & y")
    assert shown == [
        f"K5_DATABASE_URL={url}",
        "K5_SECRET_KEY=with spaces and `ticks`",
        "K5_STAFF=a.ivanova",
        "K5_VAR=/var/lib/k5",
        "word quote",
        "word +7 916",
        "word $x & y",
    ]


def test_spaces_around_the_sign_are_read_as_systemd_reads_them(environ: dict[str, str]) -> None:
    """A line that was skipped would leave K5 a database of its own choice."""
    Path(environ["k5_file"]).write_text("\n; a comment\nK5_DATABASE_URL =  postgresql://h/k5 \n")
    assert said(environ)[0] == "K5_DATABASE_URL=postgresql://h/k5"


def test_of_two_lines_of_one_name_the_last_counts(environ: dict[str, str]) -> None:
    Path(environ["k5_file"]).write_text("K5_VAR=/first\nK5_VAR=/last\n")
    assert said(environ)[0] == "K5_VAR=/last"
    assert said(environ | {"K5_VAR": "/before"})[0] == "K5_VAR=/before"


def test_a_line_that_says_nothing_is_refused_by_its_number(environ: dict[str, str]) -> None:
    Path(environ["k5_file"]).write_text("K5_VAR=/x\nK5-SECRET_KEY=word\n")
    done = subprocess.run([WRAPPER, "quote"], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"k5: line 2 of {environ['k5_file']} is neither a comment nor NAME=value\n"


def test_what_stands_before_the_command_goes_first(environ: dict[str, str]) -> None:
    assert "K5_STAFF=m.petrov" in said(environ | {"K5_STAFF": "m.petrov"})


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
def test_root_becomes_the_programs_user(environ: dict[str, str]) -> None:
    assert said(environ | {"k5_user": "daemon"})[-1] == "daemon"


@pytest.mark.skipif(os.getuid() != 0, reason="only root is believed")
def test_whom_sudo_made_root_is_still_that_person(environ: dict[str, str]) -> None:
    """The user it becomes cannot prove it any more. A name that no setting takes is left out."""
    Path(environ["k5_file"]).write_text("K5_VAR=/var/lib/k5\n")
    for user in ("root", "daemon"):
        asked = environ | {"k5_user": user}
        assert "K5_STAFF=m.petrov" in said(asked | {"SUDO_USER": "m.petrov"})
        assert "K5_STAFF=" not in " ".join(said(asked | {"SUDO_USER": "HOUSE\\m.petrov"}))
        assert "K5_STAFF=a.ivanova" in said(asked | {"SUDO_USER": "m.petrov", "K5_STAFF": "a.ivanova"})


def test_a_file_that_cannot_be_read_is_one_sentence(environ: dict[str, str]) -> None:
    done = subprocess.run([WRAPPER, "quote"], env=environ | {"k5_file": "/no/such"}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "k5: /no/such cannot be read: run it as root, as k5 or by sudo\n")
