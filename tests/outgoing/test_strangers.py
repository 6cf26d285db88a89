"""Subscribers' own programs are told things on the Internet only, and whatever they do takes seconds at most. S15."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_socket import socket_allow_hosts

from k5web.errors import WrongHook
from k5web.outgoing import strangers
from k5web.outgoing.strangers import StrangersDoor, is_own
from tests.processes import free_port
from tests.telephony.test_asterisk import reply, wire

pytestmark = pytest.mark.server

HOST = "crm.example.ru"
URL = f"https://{HOST}/k5?key=1"
PUBLIC = "77.88.8.8"
HEADERS = {"K5-Event-Id": "ended k5 1.1"}
CLOSED = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "64:ff9b::a00:1", "2002:a00:1::", "not an address",
]  # fmt: skip


def door(*addresses: str, is_own: Callable[[str], bool] = lambda address: False, **more: object) -> StrangersDoor:
    return StrangersDoor("k5.example.ru", resolve=lambda host, port: addresses, is_own=is_own, **more)  # type: ignore[arg-type]


@pytest.fixture
def open_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 127.0.0.1 and 127.0.0.2 be addresses of the Internet, so that a server of the test may stand there."""
    monkeypatch.setattr(strangers, "is_reachable_by_all", lambda address: address in {"127.0.0.1", "127.0.0.2"})


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Where connections go; none comes about."""
    found: list[object] = []

    def connect(connection: socket.socket, address: object) -> None:
        found.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return found


@pytest.mark.parametrize("address", CLOSED)
def test_nothing_is_sent_into_the_house(dialled: list[object], address: str) -> None:
    """One bad address of several is enough: whoever owns the name chose it."""
    for addresses in ([address], [PUBLIC, address]):
        assert door(*addresses).post(URL, b"{}", HEADERS).why == "closed"
    assert dialled == []


def test_nothing_is_sent_to_this_machine_by_its_public_address(dialled: list[object]) -> None:
    assert door(PUBLIC, is_own=lambda address: address == PUBLIC).post(URL, b"{}", HEADERS).why == "closed"
    assert dialled == []


def test_this_machine_knows_its_own_addresses() -> None:
    socket_allow_hosts(["127.0.0.1", "192.0.2.1"])  # a socket that names its peer sends nothing
    assert is_own("127.0.0.1")
    assert not is_own("192.0.2.1")


def test_the_house_is_not_told_by_its_own_name() -> None:
    with pytest.raises(WrongHook) as caught:
        door(PUBLIC).check("https://K5.example.ru/hooks/switch")
    assert caught.value.facts["reason"] == "own"
    assert door(PUBLIC).post("https://k5.example.ru/hooks/switch", b"", HEADERS).why == "own"


@pytest.mark.parametrize(
    "url", [f"http://{HOST}/", f"https://{HOST}:8443/", "https://10.0.0.1/", "https://localhost/", "gopher://x/"]
)
def test_an_address_that_got_in_by_another_way_is_told_nothing(dialled: list[object], url: str) -> None:
    assert door(PUBLIC).post(url, b"{}", HEADERS).status is None
    assert dialled == []


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(dialled: list[object]) -> None:
    """A name whose answer changes between the look and the connection is asked once only."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    rebinding = StrangersDoor("k5.example.ru", resolve=resolve, is_own=lambda address: False)
    assert rebinding.post(URL, b"{}", HEADERS).why == "no_connection"
    assert (asked, dialled) == ([HOST], [(PUBLIC, 443)])


def test_a_name_that_is_none_is_said_so(dialled: list[object]) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert StrangersDoor("", resolve=resolve, is_own=lambda address: False).post(URL, b"", HEADERS).why == "unknown"
    assert door().post(URL, b"", HEADERS).why == "unknown"


@contextmanager
def secure(folder: Path, name: str, answer: bytes) -> Iterator[tuple[int, str, list[bytes]]]:
    """Serve one answer over TLS as that name; yield the port, the file of who signed it, and what came in."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                bare, _address = listener.accept()
                with bare, context.wrap_socket(bare, server_side=True) as connection:
                    while not b"".join(got).endswith(b"}"):
                        got.append(connection.recv(65536))
                        if not got[-1]:
                            return
                    connection.sendall(answer)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], str(certificate), got
        finally:
            with socket.socket() as last:
                last.connect_ex(listener.getsockname())
            thread.join()


def test_the_name_is_proved_by_its_certificate_though_its_address_is_dialled(
    open_loopback: None, tmp_path: Path
) -> None:
    with secure(tmp_path, HOST, reply(204, "")) as (port, ca_file, got):
        answer = door("127.0.0.1", ca_file=ca_file, port=port).post(URL, b'{"id":"x"}', HEADERS)
    assert answer.status == 204
    request = b"".join(got)
    assert request.startswith(b"POST /k5?key=1 HTTP/1.1\r\n")
    assert b"\r\nHost: crm.example.ru\r\n" in request
    assert request.endswith(b'\r\n\r\n{"id":"x"}')


@pytest.mark.parametrize(("name", "is_known"), [("other.example.ru", True), (HOST, False)])
def test_a_certificate_of_another_name_or_of_nobody_known_is_refused(
    open_loopback: None, tmp_path: Path, name: str, is_known: bool
) -> None:
    with secure(tmp_path, name, reply(200)) as (port, ca_file, got):
        answer = door("127.0.0.1", port=port, ca_file=ca_file if is_known else "").post(URL, b"{}", HEADERS)
    assert (answer.status, answer.why) == (None, "certificate")
    assert b"".join(got) == b""


def tried(url: str = "", whole_s: float = 8.0) -> StrangersDoor:
    return StrangersDoor("127.0.0.1", is_tryout=True, whole_s=whole_s)


def test_where_k5_is_tried_a_program_of_this_machine_is_told() -> None:
    with wire(reply(200)) as program:
        assert tried().post(program.url, b"{}", HEADERS).is_success
    assert b"K5-Event-Id: ended k5 1.1\r\n" in program.requests[0]


def test_no_redirection_is_followed() -> None:
    with wire(reply(302, headers="Location: http://127.0.0.1:1/\r\n")) as program:
        assert tried().post(program.url, b"{}", HEADERS).status == 302
    assert len(program.requests) == 1


@pytest.mark.parametrize(
    "answer", [None, b"HTTP/1.1 2", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500]
)
def test_an_answer_that_is_none_is_said_so(answer: bytes | None) -> None:
    with wire(answer) as program:
        told = tried().post(program.url, b"{}", HEADERS)
    assert (told.status, told.why) == (None, "broken")


def test_no_connection_is_said_so() -> None:
    assert tried().post(f"http://127.0.0.1:{free_port()}/", b"{}", HEADERS).why == "no_connection"


def test_who_says_nothing_is_waited_for_so_long_and_no_longer() -> None:
    with wire(None, hang=True) as program:
        assert tried(whole_s=0.3).post(program.url, b"{}", HEADERS).why == "timeout"


def test_who_drips_is_cut_off() -> None:
    """Each byte comes in time; the whole does not."""
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _address = listener.accept()
            with connection:
                while not is_over.wait(0.02):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        is_over.set()

        thread = threading.Thread(target=drip)
        thread.start()
        answer = tried(whole_s=0.3).post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", HEADERS)
        assert is_over.wait(30)
        thread.join()
    assert (answer.status, answer.why) == (None, "timeout")


def test_a_long_answer_is_not_read() -> None:
    with wire(reply(200, "x" * 5_000_000)) as program:
        assert tried().post(program.url, b"{}", HEADERS).is_success
