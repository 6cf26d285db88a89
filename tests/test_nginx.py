"""K5 behind a real nginx with the example's configuration: what it passes on, what it keeps, what it hides."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import select

from app import open_ports
from k5web.storage.tables import LoginCountRow
from k5web.web import headers
from k5web.web.inline import Inline
from tests.processes import Processes, do_without, free_port, running, wait_for

pytestmark = [pytest.mark.nginx, pytest.mark.xdist_group("nginx")]

EXAMPLE = Path(__file__).parent.parent / "deploy" / "nginx" / "k5.conf"
PUBLIC = "t.k5.example"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass(frozen=True)
class Front:
    """K5 behind nginx, as the example sets it up; only ports and paths are this test's."""

    k5: Processes
    notices: Processes
    port: int
    plain_port: int
    certificate: Path
    switch_port: int = 8088

    def get(self, path: str, **headers: str) -> requests.Response:
        """Ask nginx as a browser does."""
        return self.browser().get(f"https://{PUBLIC}:{self.port}{path}", headers=headers, timeout=60)

    def browser(self) -> requests.Session:
        """One that finds the public name here."""
        browser = requests.Session()
        browser.verify = str(self.certificate)
        browser.trust_env = False
        browser.mount("https://", _Here())
        return browser


class _Here(HTTPAdapter):
    """Whatever the name, this machine; the name stays in the handshake and in `Host`."""

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        request.headers["Host"] = PUBLIC
        request.url = (request.url or "").replace(PUBLIC, "127.0.0.1", 1)
        answer = super().send(request, *args, **named)
        answer.url = answer.url.replace("127.0.0.1", PUBLIC, 1)
        return answer

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named, server_hostname=PUBLIC, assert_hostname=PUBLIC)


@pytest.fixture(scope="module")
def front(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Both real, on loopback."""
    if NGINX is None:
        do_without("no nginx here: apt-get install nginx")
    folder = tmp_path_factory.mktemp("front")
    folder.chmod(0o755)
    shutil.copyfile(sqlite_template, folder / "k5.db")
    url = f"sqlite:///{folder / 'k5.db'}"
    behind = {"K5_PUBLIC_URL": f"https://{PUBLIC}", "K5_TRUSTED_PROXIES": "1"}
    (folder / "notices").mkdir()
    with (
        running(Processes(url, folder, 1, **behind)) as k5,
        running(Processes(url, folder / "notices", 1, **behind)) as own,
    ):
        for part in (k5, own):
            part.start(f"serve --port {part.web_port} --processes 1")
        made = Front(k5, own, free_port(), free_port(), certificate(folder))
        for part in (k5, own):
            wait_for(lambda part=part: listens(part.web_port), "the web listens")  # type: ignore[misc]
        with nginx(NGINX, made, folder):
            yield made


@contextmanager
def nginx(program: str, front: Front, folder: Path) -> Iterator[None]:
    text = EXAMPLE.read_text("utf-8")
    for ours, theirs in {
        "443 ssl": f"{front.port} ssl",
        "listen 80": f"listen {front.plain_port}",
        "[::]:80": f"[::]:{front.plain_port}",
        "127.0.0.1:8000": f"127.0.0.1:{front.k5.web_port}",
        "127.0.0.1:8001": f"127.0.0.1:{front.notices.web_port}",
        "127.0.0.1:8088": f"127.0.0.1:{front.switch_port}",
        f'"https://{PUBLIC}"': f'"https://{PUBLIC}:{front.port}"',
        f"/etc/letsencrypt/live/{PUBLIC}": str(folder),
        "/var/cache/nginx/k5": str(folder / "cache"),
        "/var/log/nginx": str(folder),
    }.items():
        assert ours in text
        text = text.replace(ours, theirs)
    user = "user root;" if os.getuid() == 0 else ""
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log {folder}/access.log; {places}\n{text}\n}}\n",
        "utf-8",
    )
    command = [program, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    subprocess.run([*command, "-t"], check=True, capture_output=True, timeout=60)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: listens(front.port), "nginx listens")
            yield
        finally:
            process.terminate()


def certificate(folder: Path) -> Path:
    key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
    subject = ["-subj", f"/CN={PUBLIC}", "-addext", f"subjectAltName=DNS:{PUBLIC}"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key),
         "-out", str(certificate), *subject],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return certificate


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_nginx_serves_the_pages_over_http_2(front: Front) -> None:
    context = ssl.create_default_context(cafile=front.certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", front.port), 20) as plain,
        context.wrap_socket(plain, server_hostname=PUBLIC) as line,
    ):
        assert line.selected_alpn_protocol() == "h2"
    answer = front.get("/")
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_nginx_sends_plain_http_to_https(front: Front) -> None:
    answer = requests.get(
        f"http://127.0.0.1:{front.plain_port}/tariffs", headers={"Host": PUBLIC}, allow_redirects=False, timeout=60
    )
    assert (answer.status_code, answer.headers["Location"]) == (308, f"https://{PUBLIC}/tariffs")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "", "t.k5.example.evil.example", "localhost:80"])
@pytest.mark.parametrize("line", ["/login", "//evil.example/", "http://evil.example/login"])
def test_another_name_is_answered_by_silence(front: Front, host: str, line: str) -> None:
    """Nobody is led by our house to the house of a Host that he brought himself."""
    with socket.create_connection(("127.0.0.1", front.plain_port), 60) as connection:
        connection.sendall(f"GET {line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert b"evil" not in answer
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    with (
        socket.create_connection(("127.0.0.1", front.port), 60) as plain,
        ssl.create_default_context(cafile=front.certificate).wrap_socket(plain, server_hostname=PUBLIC) as connection,
    ):
        connection.sendall(f"GET /login HTTP/1.1\r\nHost: {host or 'x'}\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(1) == b""


def test_another_name_finds_no_certificate(front: Front) -> None:
    context = ssl.create_default_context(cafile=front.certificate)
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", front.port), 60) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="evil.example")


def test_a_name_of_ours_never_leads_to_another(front: Front) -> None:
    for path in ("//evil.example/", "/\\evil.example", "/%0d%0aLocation:%20x", "/?next=//evil.example"):
        with socket.create_connection(("127.0.0.1", front.plain_port), 60) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {PUBLIC}\r\nConnection: close\r\n\r\n".encode())
            head, _, _ = connection.makefile("rb").read().partition(b"\r\n\r\n")
        found = re.findall(rb"\r\nLocation: (\S+)", head)
        assert found == [f"https://{PUBLIC}{path}".encode()]


# What nginx says by itself


def nginxs_own(front: Front) -> dict[int, requests.Response]:
    """Have nginx answer by itself in each way that a visitor meets."""
    browser, site = front.browser(), f"https://{PUBLIC}:{front.port}"
    pages = front.k5._running["serve"].pid
    own = {
        413: browser.post(f"{site}/call", data=b"a" * 200_000, timeout=60),
        414: browser.get(f"{site}/{'a' * 9_000}", timeout=60),
        404: browser.get(f"{site}/metrics", timeout=60),
        400: browser.get(f"{site}/", headers={"Cookie": "a" * 40_000}, timeout=60),
    }
    os.killpg(pages, signal.SIGKILL)
    wait_for(lambda: not listens(front.k5.web_port), "the web is gone")
    try:
        own[502] = browser.get(f"{site}/79161112255?number=79161112266", timeout=60)
    finally:
        front.k5._running.pop("serve").wait()
        front.k5.start(f"serve --port {front.k5.web_port} --processes 1")
        wait_for(lambda: listens(front.k5.web_port), "the web listens")
    return own


def test_what_nginx_says_itself_has_our_words_and_headers(front: Front) -> None:
    wanted = headers.constant_headers(front.k5.settings, Inline({}, {}))
    wanted |= {"Content-Security-Policy": headers.NO_PAGE_POLICY, "Cache-Control": headers.NO_STORE}
    for status, answer in nginxs_own(front).items():
        assert answer.status_code == status
        assert {name: answer.headers.get(name) for name in wanted} == wanted, status
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert re.search(r"<h1>[А-ЯЁ][^<$]+\.</h1>", answer.content.decode()), status
        assert "nginx/" not in answer.text + answer.headers["Server"]
        assert answer.headers.get("Retry-After") == ("60" if status == 502 else None)


def test_a_greeting_may_be_larger_than_a_form_and_not_larger_than_that(front: Front) -> None:
    """K5 itself says no to whoever is not logged in; what no greeting can be stops at nginx."""
    browser, address = front.browser(), f"https://{PUBLIC}:{front.port}/me/pbx/greetings"
    said = {size: browser.post(address, data=b"a" * size, timeout=60) for size in (200_000, 14 << 20)}
    assert {answer.status_code for answer in said.values()} == {413}
    is_nginxs = {
        size: answer.headers["Content-Security-Policy"] == headers.NO_PAGE_POLICY for size, answer in said.items()
    }
    assert is_nginxs == {200_000: False, 14 << 20: True}


def test_no_log_has_a_number_beside_an_address(front: Front) -> None:
    """S28: what is dialled, searched, called and paid for stays out of both logs, also where K5 is away."""
    marks = ("79161112233", "79161112244", "79161112255", "79161112266", "100007-1", "5f4dcc3b")
    for path in (
        f"/{marks[0]}", f"/+{marks[0]}.vcf", f"/?number=%2B{marks[1]}", f"/c/{marks[4]}", f"/tariffs/{marks[0]}",
        f"/%37{marks[0][1:]}", f"//{marks[0]}", f"/tariffs?q={marks[1]}", f"/login?next=/{marks[0]}",
    ):  # fmt: skip
        front.get(path, Referer=f"https://{PUBLIC}/{marks[0]}", **{"User-Agent": f"phone {marks[0]}"})
        requests.get(
            f"http://127.0.0.1:{front.plain_port}{path}", headers={"Host": PUBLIC}, allow_redirects=False, timeout=60
        )
    nginxs_own(front)
    front.get("/pay?last")
    folder = front.certificate.parent
    wait_for(lambda: (folder / "k5.log").read_text("utf-8").count("/pay/ 200") >= 1, "the last is in the log")
    for log in ("k5.log", "access.log", "error.log"):
        text = (folder / log).read_text("utf-8")
        assert not [mark for mark in marks if mark in text], log
    lines = (folder / "k5.log").read_text("utf-8").splitlines()
    line_of_ours = re.compile(r"127\.0\.0\.1 \S+ [A-Z]+ /\S* [0-9]{3} [0-9]+ [0-9.]+s \S+ [0-9a-f]{32}")
    assert all(map(line_of_ours.fullmatch, lines))
    assert {"/", "/*", "/c/", "/tariffs/", "/login/", "/call/"} <= {line.split()[3] for line in lines}


# Slow visitors

HALF_A_HEAD = f"GET / HTTP/1.1\r\nHost: {PUBLIC}\r\nX-Slow: a"
HALF_A_BODY = (
    f"POST /login HTTP/1.1\r\nHost: {PUBLIC}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 5000\r\n\r\nlogin=1"
)


@pytest.mark.parametrize("sent", ["G", HALF_A_HEAD, HALF_A_BODY], ids=["a letter", "half a head", "half a body"])
def test_a_hundred_slow_visitors_keep_nobody_waiting(front: Front, sent: str) -> None:
    """D7: K5 has eight threads and hears nothing of any of them."""
    context = ssl.create_default_context(cafile=front.certificate)
    with ExitStack() as slow:
        for _ in range(100):
            plain = slow.enter_context(socket.create_connection(("127.0.0.1", front.port), 60))
            line = slow.enter_context(context.wrap_socket(plain, server_hostname=PUBLIC))
            line.sendall(sent.encode())
        for path in ("/", "/login", "/pay"):
            assert front.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "//metrics", "/metrics/", "/%6detrics"])
def test_machines_addresses_are_not_outside(front: Front, path: str) -> None:
    assert front.get(path).status_code in {308, 404}
    assert front.get(path, **{"Host": "127.0.0.1", "X-Forwarded-For": "127.0.0.1"}).status_code in {308, 404}


def test_a_guess_is_counted_by_the_address_it_came_from(front: Front) -> None:
    """What a visitor says of himself in a header is not believed."""
    browser = front.browser()
    site = f"https://{PUBLIC}:{front.port}"
    form = browser.get(f"{site}/login", timeout=60).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    for lie in ("203.0.113.9", "198.51.100.7"):
        headers = dict.fromkeys(("X-Forwarded-For", "X-Real-Ip", "Forwarded"), lie)
        fields = hidden | {"login": "+79161234567", "password": "a guess"}
        assert browser.post(f"{site}/login", fields, headers=headers, timeout=60).status_code < 500
    ports = open_ports(front.k5.settings)
    with ports.sessions.read() as db:
        counted = set(db.scalars(select(LoginCountRow.subject).where(LoginCountRow.scope == "address")))
    ports.sessions.dispose()
    assert len(counted) == 1, "each lie is counted as an address of its own"


def test_nginx_says_itself_when_it_took_a_request(front: Front) -> None:
    """What lay longer than anybody waits is not obeyed (503); who says so of himself is not believed."""
    address = f"https://{PUBLIC}:{front.port}/login"
    answer = front.browser().post(address, data={}, headers={"X-Request-Start": "1.000"}, timeout=60)
    assert answer.status_code == 400


def test_nginx_writes_down_no_providers_request(front: Front) -> None:
    """Its address names the payer's phone, a signature, a card gateway's secret path."""
    log = front.certificate.parent / "k5.log"
    assert front.get("/hooks/bank?account=996555010203&sign=5f4dcc3b").status_code == 404
    before = log.read_text("utf-8").count(" /pay/ ")
    assert front.get("/pay").ok
    wait_for(lambda: log.read_text("utf-8").count(" /pay/ ") > before, "the next request is in the log")
    assert "hooks" not in log.read_text("utf-8")


def test_nginx_keeps_what_never_changes(front: Front) -> None:
    found = re.search(r'"(/static/[^"]+\.css)"', front.get("/").text)
    assert found
    assert front.get(found[1]).ok
    kept = list((Path(front.certificate).parent / "cache").rglob("*"))
    assert any(path.is_file() and found[1].encode() in path.read_bytes()[:2000] for path in kept)


def test_nobody_presses_a_button_of_a_site_without_end(front: Front) -> None:
    """K5 is asked the first times, then nginx refuses; reading is free."""
    browser, address = front.browser(), f"https://{PUBLIC}:{front.port}/widget/{'a' * 16}"
    said: list[int] = []
    while len(said) < 100 and 429 not in said:
        said.append(browser.post(address, {"number": "12"}, timeout=60).status_code)
    assert set(said[:20]) == {404}
    assert said[-1] == 429
    assert browser.get(address, timeout=60).status_code == 404
    assert front.get("/").status_code == 200


def test_notices_are_answered_while_no_page_is(front: Front) -> None:
    """S23: pages that are full, here stopped altogether, keep no provider's payment waiting."""
    pages = front.k5._running["serve"].pid
    os.killpg(pages, signal.SIGSTOP)
    try:
        answer = front.get("/hooks/nobody?account=1")
    finally:
        os.killpg(pages, signal.SIGCONT)
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", f"https://{PUBLIC}.evil.example", f"http://{PUBLIC}", ""])
def test_the_browsers_phone_reaches_the_switch_from_our_pages_alone(front: Front, origin: str) -> None:
    """No switch listens here: who is let through is told that it is away, everybody else that they may not."""
    sent = {"Origin": origin} if origin else {}
    assert front.get("/phone", **sent).status_code == 403
    assert front.get("/phone", Origin=f"https://{PUBLIC}:{front.port}").status_code == 502
    for path in ("/phone/", "/phone/ari", "/ari", "/ari/asterisk/info", "/ws", "/phone%2f..%2fari"):
        assert front.get(path, Origin=f"https://{PUBLIC}:{front.port}").status_code == 404, path
