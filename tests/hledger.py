"""The real hledger, asked about a journal."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

from tests.processes import do_without, foreign_environ

PATIENCE_S = 300  # only ends a test that hangs


def run(journal: Path, *words: str) -> str:
    """Return what hledger says about a journal. Raises: AssertionError where it complains."""
    if shutil.which("hledger") is None:
        do_without("no hledger here: apt-get install hledger")
    command, environ = ["hledger", "-f", str(journal), *words], foreign_environ() | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=environ)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def balances(journal: Path) -> dict[tuple[str, str], str]:
    """Return what each account has at the end of a journal, by account and currency; nothing where it has nothing."""
    table = csv.DictReader(
        io.StringIO(run(journal, "balance", "--flat", "--no-total", "--layout", "bare", "-O", "csv"))
    )
    return {(row["account"], row["commodity"]): row["balance"] for row in table}
