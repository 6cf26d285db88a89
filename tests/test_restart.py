"""A restart of the pages loses no request: real gunicorn in a socket that is held for it, behind the real nginx."""

import os
import shutil
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import PATIENCE_S, Processes, do_without, free_port, running, wait_for
from tests.test_nginx import NGINX, PUBLIC, Front, certificate, nginx

pytestmark = [pytest.mark.nginx, pytest.mark.xdist_group("nginx")]

VISITORS = 4


@contextmanager
def held_socket(port: int) -> Iterator[socket.socket]:
    """A socket as k5-web.socket holds it: it listens whether K5 runs or not."""
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        yield listener


def test_a_restart_behind_nginx_is_seen_by_no_visitor(sqlite_template: Path, tmp_path: Path) -> None:
    """Without the held socket each restart was seconds of 502. Here visitors ask all the while."""
    if NGINX is None:
        do_without("no nginx here: apt-get install nginx")
    tmp_path.chmod(0o755)
    shutil.copyfile(sqlite_template, tmp_path / "k5.db")
    behind = {"K5_PUBLIC_URL": f"https://{PUBLIC}", "K5_TRUSTED_PROXIES": "1"}
    k5 = Processes(f"sqlite:///{tmp_path / 'k5.db'}", tmp_path, 1, **behind)
    serve = f"serve --port {free_port()} --processes 1"  # a port that the socket makes nothing of
    with held_socket(k5.web_port) as listener, running(k5):
        k5.start_in_socket(listener, serve)
        front = Front(k5, k5, free_port(), free_port(), certificate(tmp_path))
        with (
            nginx(NGINX, front, tmp_path),
            visitors(front) as said,
            socket.create_connection(("127.0.0.1", k5.web_port), PATIENCE_S) as half,
        ):
            wait_for(lambda: said[200] > 5 * VISITORS, "visitors are served")
            half.sendall(b"GET /login HTTP/1.1\r\nHost: t.k5.ex")
            before = said[200]
            wait_for(lambda: said[200] > before + VISITORS, "K5 has taken what is half said")
            k5.ask_to_end("serve")
            wait_for(lambda: not has(k5.pid("serve"), listener), "K5 takes no new caller")
            half.sendall(b"ample\r\nX-Forwarded-Proto: https\r\n\r\n")
            assert half.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n", "who was taken is answered"
            k5.wait_for_end("serve")
            stood = said[200]
            k5.start_in_socket(listener, serve)
            wait_for(lambda: said[200] > stood + 5 * VISITORS, "visitors are served again")
    assert set(said) == {200}


@contextmanager
def visitors(front: Front) -> Iterator[Counter[int | str]]:
    """Some who ask for pages all the time; what they got, by status or error."""
    said: Counter[int | str] = Counter()
    is_enough, lock = threading.Event(), threading.Lock()

    def ask() -> None:
        browser = front.browser()
        while not is_enough.is_set():
            try:
                answer: int | str = browser.get(f"https://{PUBLIC}:{front.port}/login", timeout=PATIENCE_S).status_code
            except OSError as error:
                answer = repr(error)
            with lock:
                said[answer] += 1

    threads = [threading.Thread(target=ask) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    try:
        yield said
    finally:
        is_enough.set()
        for thread in threads:
            thread.join()


def has(pid: int, listener: socket.socket) -> bool:
    """Whether a process has the socket open."""
    name = f"socket:[{os.fstat(listener.fileno()).st_ino}]"
    try:
        files = list(Path(f"/proc/{pid}/fd").iterdir())
        return any(os.readlink(file) == name for file in files)
    except FileNotFoundError:
        return False
