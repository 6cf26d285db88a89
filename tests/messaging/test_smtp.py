"""Letters: to a mail server that the test plays, or into a folder."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

import pytest

from k5web.config.messages import MailServer
from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.message import Attachment, Fate, Letter
from k5web.messaging.smtp import MailFolder, SmtpMailer

SENDER = EmailAddress("k5@example.ru")
LETTER = Letter("ref1", EmailAddress("anna@mail.ru"), "Код K5", "K5: код 123456.\n.\nКонец")


@contextmanager
def mail_server(answers: Mapping[str, str | None], most: int = 1) -> Iterator[tuple[MailServer, list[bytes]]]:
    """Speak SMTP with one client after another; `answers` says otherwise for a verb, None breaks off."""
    took: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        said: dict[str, str | None] = {"EHLO": "250 mail", "MAIL": "250 ok", "RCPT": "250 ok"}
        said |= {"DATA": "354 go on", ".": "250 taken", "QUIT": "221 bye"}
        said |= answers
        file = connection.makefile("rb")
        connection.sendall(b"220 mail\r\n")
        for line in file:
            verb = line.split()[0].decode().upper()
            if said.get(verb) is None:
                return
            connection.sendall(f"{said[verb]}\r\n".encode())
            if str(said[verb]).startswith("354"):
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += file.readline()
                took.append(text)
                if said["."] is None:
                    return
                connection.sendall(f"{said['.']}\r\n".encode())

    def serve() -> None:
        for _ in range(most):
            connection, _address = listener.accept()
            with connection:
                talk(connection)
                connection.shutdown(socket.SHUT_RDWR)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield MailServer("127.0.0.1", listener.getsockname()[1], is_tls=False), took
        thread.join(5)
    finally:
        listener.close()


@pytest.mark.server
@pytest.mark.parametrize(
    ("answers", "fate"),
    [
        ({}, "accepted"),
        ({"QUIT": None}, "accepted"),
        ({"RCPT": "550 nobody"}, "refused"),
        ({"RCPT": "450 later"}, "not_sent"),
        ({"MAIL": None}, "not_sent"),
        ({"DATA": "554 no"}, "refused"),
        ({"DATA": "451 later"}, "not_sent"),
        ({".": "554 spam"}, "refused"),
        ({".": "451 later"}, "not_sent"),
        ({".": None}, "unknown"),
    ],
)
def test_what_broke_before_the_text_was_never_sent_and_afterwards_is_unknown(
    answers: dict[str, str | None], fate: Fate
) -> None:
    with mail_server(answers) as (server, _):
        assert SmtpMailer(server, SENDER).send(LETTER) == fate


@pytest.mark.server
def test_a_letter_arrives_as_it_was_written() -> None:
    with mail_server({}) as (server, took):
        SmtpMailer(server, SENDER).send(LETTER)
    letter = message_from_bytes(took[0], policy=policy.default)
    assert (letter["To"], letter["From"], letter["Subject"]) == ("anna@mail.ru", "k5@example.ru", "Код K5")
    assert letter["Message-ID"] == "<ref1@example.ru>"


@pytest.mark.server
def test_a_file_arrives_with_its_name_beside_the_words() -> None:
    content = bytes(range(256)) * 9
    attached = replace(LETTER, attachments=(Attachment("akt-2026-11.pdf", "application/pdf", content),))
    with mail_server({}) as (server, took):
        assert SmtpMailer(server, SENDER).send(attached) == "accepted"
    _holds_both(message_from_bytes(took[0], policy=policy.default), content)


def test_a_folder_keeps_the_file_in_the_letter_and_a_repeat_under_its_message_id(tmp_path: Path) -> None:
    content = b"%PDF-1.4 x"
    attached = replace(LETTER, attachments=(Attachment("akt-2026-11.pdf", "application/pdf", content),))
    folder = MailFolder(tmp_path / "mail", SENDER)
    assert folder.send(attached) == folder.send(attached) == "accepted"
    (path,) = (tmp_path / "mail").iterdir()
    _holds_both(message_from_bytes(path.read_bytes(), policy=policy.default), content)


def _holds_both(letter: EmailMessage, content: bytes) -> None:
    assert letter["Message-ID"] == "<ref1@example.ru>"
    body = letter.get_body(("plain",))
    assert body is not None
    assert "K5: код 123456." in body.get_content()
    (file,) = letter.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "akt-2026-11.pdf",
        "application/pdf",
        content,
    )


@pytest.mark.server
def test_a_dead_server_has_seen_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert SmtpMailer(MailServer("127.0.0.1", port, is_tls=False), SENDER).send(LETTER) == "not_sent"


def test_a_folder_keeps_each_letter_once(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "mail", SENDER)
    assert folder.send(LETTER) == folder.send(LETTER) == "accepted"
    (path,) = (tmp_path / "mail").iterdir()
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert letter.get_content() == "K5: код 123456.\n.\nКонец\n"
    assert letter["Auto-Submitted"] == "auto-generated"
