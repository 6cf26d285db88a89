"""The Mailer port: a mail server by SMTP, or a folder of letters to look at."""

import logging
import smtplib
import ssl
from contextlib import closing, suppress
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from time import monotonic
from typing import Final

from k5web.config.messages import MailServer
from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.address import is_local
from k5web.domain.messaging.message import Fate, Letter

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 10.0
TAKEN: Final = frozenset({250, 251})  # SMTP's answers
FOR_EVER: Final = 500


class SmtpMailer:
    """A mail server that takes letters over from us."""

    def __init__(self, server: MailServer, sender: EmailAddress) -> None:
        self._server = server
        self._sender = sender

    def send(self, letter: Letter) -> Fate:
        """Hand one letter over."""
        began = monotonic()
        fate, reason = self._send(letter)
        facts = {"provider": "mail", "method": "SMTP", "reference": letter.ref, "status": reason}
        level = logging.INFO if fate == "accepted" else logging.WARNING
        logger.log(level, "request", extra=facts | {"duration_s": round(monotonic() - began, 3)})
        return fate

    def _send(self, letter: Letter) -> tuple[Fate, str]:
        """Return what became of it, and the server's word."""
        written = compose(letter, self._sender).as_bytes(policy=policy.SMTP)
        try:
            smtp = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return "not_sent", type(error).__name__
        with closing(smtp):
            return self._address(smtp, letter) or _hand_over(smtp, written)

    def _address(self, smtp: smtplib.SMTP, letter: Letter) -> tuple[Fate, str] | None:
        """Say whom the letter is from and for; what breaks here, nobody has seen. None where it may go on."""
        try:
            for code, _said in (smtp.mail(self._sender.text), smtp.rcpt(letter.to.text)):
                if code not in TAKEN:
                    return _told(code), str(code)
        except (OSError, smtplib.SMTPException) as error:
            return "not_sent", type(error).__name__
        return None

    def _connect(self) -> smtplib.SMTP:
        """Return a connection on which letters may be handed over. Raises: OSError, SMTPException."""
        server, trust = self._server, ssl.create_default_context()
        if server.is_tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=trust)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        try:
            self._greet(smtp, trust)
        except (OSError, smtplib.SMTPException):
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP, trust: ssl.SSLContext) -> None:
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        is_safe = server.is_tls or server.host == "localhost" or is_local(server.host)
        if not server.is_tls and smtp.has_extn("starttls"):
            smtp.starttls(context=trust)
            is_safe = True
        if server.user:
            if not is_safe:
                raise smtplib.SMTPNotSupportedError("no password goes over an open line")
            smtp.login(server.user, server.password)


def _hand_over(smtp: smtplib.SMTP, written: bytes) -> tuple[Fate, str]:
    """Send the letter's text; what breaks now may have been read."""
    try:
        code, _said = smtp.data(written)
    except smtplib.SMTPDataError as error:  # the text was not wished for
        return _told(error.smtp_code), str(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        return "unknown", type(error).__name__
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    return _told(code), str(code)


def _told(code: int) -> Fate:
    """Return what an answer means: 4xx is trouble of today, 5xx is about this letter."""
    if code in TAKEN:
        return "accepted"
    return "refused" if code >= FOR_EVER else "not_sent"


class MailFolder:
    """Letters as files, for whoever tries K5 and has no mail server."""

    def __init__(self, folder: Path, sender: EmailAddress) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, letter: Letter) -> Fate:
        """Write one letter; a repeat takes the place of the first."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._folder / f"{letter.ref}.eml").write_bytes(bytes(compose(letter, self._sender)))
        except OSError as error:
            logger.warning("a letter cannot be written", extra={"reason": str(error)})
            return "not_sent"
        return "accepted"


def compose(letter: Letter, sender: EmailAddress) -> EmailMessage:
    """Return the letter as mail servers carry it."""
    found = EmailMessage()
    found["From"], found["To"] = sender.text, letter.to.text
    found["Subject"] = letter.subject
    found["Date"] = format_datetime(datetime.now(UTC))
    found["Message-ID"] = f"<{letter.ref}@{sender.text.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(letter.text)
    for each in letter.attachments:
        main, _, sub = each.media_type.partition("/")
        found.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    return found
