"""The program as a person starts it: on any terminal, pipe or disk no trace of Python is seen."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from k5web import VERSION
from k5web.cli import terminal

FULL = b"k5: nothing can be written: No space left on device; make room, then do the same again\n"
K5 = (sys.executable, "-m", "k5web")


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run((*K5, *words), capture_output=True, env={**os.environ, **environ}, check=False)


def test_it_says_its_version() -> None:
    assert run("--version").stdout == f"k5 {VERSION}\n".encode()


def test_no_command_begins_with_what_only_some_use() -> None:
    """Pages, workbooks and PDF are loaded by the first who needs them."""
    loaded = subprocess.run(
        (sys.executable, "-c", "import app, sys; print(*sys.modules)"), capture_output=True, text=True, check=True
    ).stdout.split()
    assert "app" in loaded
    assert not {"k5web.web.application", "openpyxl", "reportlab"} & set(loaded)


def test_a_terminal_without_a_letter_shows_its_number() -> None:
    shown = run("quote", "Привет", "+74951234567", PYTHONIOENCODING="latin-1", K5_SECRET_KEY="s" * 48)
    assert b"\\u041f" in shown.stderr
    assert b"Traceback" not in shown.stderr


def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run((*K5, "--help"), stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, FULL)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EDQUOT, "make room"),
        (errno.EIO, "is at fault"),
        (errno.EFBIG, "is at fault"),
    ],
)
def test_room_is_asked_for_only_where_there_is_none(number: int, says: str) -> None:
    fault = OSError(number, os.strerror(number))
    assert terminal.is_unwritten(fault)
    assert says in terminal.cure(fault)
    assert ("make room" in terminal.cure(fault)) == (says == "make room")


def test_a_reader_that_left_is_no_trouble() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run((*K5, "--help"), stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_stream_that_is_closed_is_no_trouble(closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {closed}', *K5, "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_place_of_a_closed_stream(closed: str) -> None:
    """A database opened as number 1 would be written over by what is printed."""
    told = (
        "import os, sys\n"
        "from k5web.cli import terminal\n"
        "terminal.prepare()\n"
        "terminal.echo_json({})\n"
        "sys.exit(0 if os.open(os.devnull, os.O_RDONLY) > 2 else 3)\n"
    )
    done = subprocess.run(["sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, told], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("moment", ["k5web.errors.general", "k5web.cli.subscriber", "k5web.services.ports"])
def test_ctrl_c_leaves_no_trace_at_any_moment(moment: str) -> None:
    """Pressed when `moment` is loaded: while the program starts, while the command is found, while it runs."""
    press = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Presses:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {moment!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Presses())\n"
        "sys.argv = ['k5', 'subscriber', 'show', '1']\n"
        "from k5web.start import k5\n"
        "k5()\n"
    )
    done = subprocess.run([sys.executable, "-c", press], capture_output=True, check=False)
    assert done.returncode in {1, -signal.SIGINT}
    assert b"Traceback" not in done.stderr
    assert b"KeyboardInterrupt" not in done.stderr
