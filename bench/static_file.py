"""nginx with one file: what a page would cost that nobody computes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import answers, foreign_environ, free_port, wait_for

END_S = 60  # only for a server that does not end


@contextmanager
def served(content: bytes) -> Iterator[str | None]:
    """Serve these bytes by one process of nginx; the address, or None where nginx is not installed."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="k5-bench-") as folder:
        port = free_port()
        (Path(folder) / "page.html").write_bytes(content)
        (Path(folder) / "nginx.conf").write_text(_settings(Path(folder), port), "utf-8")
        command = [program, "-c", f"{folder}/nginx.conf", "-p", folder, "-e", f"{folder}/error.log"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=foreign_environ())
        try:
            address = f"http://127.0.0.1:{port}/page.html"
            wait_for(lambda: answers(address), "nginx answers")
            yield address
        finally:
            process.terminate()
            process.wait(END_S)


def _settings(folder: Path, port: int) -> str:
    """As a server in earnest: a log of requests, the file by sendfile, connections kept."""
    user = "user root;" if os.getuid() == 0 else ""
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log {folder}/access.log; {places} sendfile on; keepalive_requests 1000000000;\n"
        f"  server {{ listen 127.0.0.1:{port}; root {folder}; }}\n}}\n"
    )
