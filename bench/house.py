"""A house of its own for a benchmark: a database in a temporary folder, real server processes, gone afterwards."""

import html
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

ROOT = Path(__file__).parent.parent
PATIENCE_S = 180  # a busy machine starts a server in a minute
CALL_PAGE = "/+74951234567"


@contextmanager
def house() -> Iterator[Mapping[str, str]]:
    """Make a SQLite database with both price lists and the demo subscriber; yield the environment that leads to it."""
    with tempfile.TemporaryDirectory(prefix="k5-bench-") as folder:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
        environ = clean | {"K5_VAR": folder, "K5_SECRET_KEY": "bench" * 10, "PYTHONPATH": str(ROOT)}
        said = subprocess.run(
            [sys.executable, "-m", "k5web", "demo"], env=environ, check=True, capture_output=True, text=True
        ).stdout
        for name in ("Phone", "Password"):
            found = re.search(rf"{name}: +(\S+)", said)
            assert found, said
            environ[f"BENCH_{name.upper()}"] = found[1]
        yield environ


@contextmanager
def serving(environ: Mapping[str, str], *command: str) -> Iterator[tuple[str, int]]:
    """Run a web server (`{port}` in the command becomes its port); yield its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            [sys.executable, "-m", *(part.format(port=port) for part in command)],
            env={**environ, "K5_PUBLIC_URL": address},
            stdout=subprocess.DEVNULL,
            stderr=log,
        ) as server,
    ):
        try:
            _wait_until_answering(address, server, log)
            yield address, server.pid
        finally:
            server.terminate()


def _wait_until_answering(address: str, server: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if server.poll() is not None:
            log.seek(0)
            raise AssertionError(f"the server ended: {log.read().decode(errors='replace')}")
        try:
            requests.get(address, timeout=max(until - time.monotonic(), 1))  # it may be asked before it can answer
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no answer from {address}")


def log_in(address: str, phone: str, password: str) -> requests.Session:
    """Open the call page, log in as a browser without scripts does, and return the browser, remembered."""
    browser = requests.Session()
    fields = form_fields(browser.get(address + CALL_PAGE, timeout=20).text)
    fields |= {"login": phone, "password": password, "remember": "1"}
    answer = browser.post(f"{address}/login", data=fields, timeout=20)
    answer.raise_for_status()
    assert answer.url == address + CALL_PAGE, answer.text
    return browser


def form_fields(page: str) -> dict[str, str]:
    """Return what the forms of a page would send by themselves: their hidden fields."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in hidden}
