"""Settings of SMS and mail: the gateway, what it may cost, the numbers people write to, the mail server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from urllib.parse import SplitResult, unquote, urlsplit

from k5web.config.values import Network, networks, numbers, path_secret, sum_of_money, web_address
from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.quiet_hours import QUIET, QuietHours
from k5web.domain.messaging.service_numbers import NUMBERS, ServiceNumbers
from k5web.domain.messaging.sms_limits import TERMS, SmsTerms, reserve_of
from k5web.errors import WrongEmail, WrongSetting

SmsKind = Literal["simulator", "kannel"]

NAMES: Final = {
    "K5_SMS",
    "K5_SMS_SECRET",
    "K5_SMS_ALLOWED",
    "K5_SMS_SHORT",
    "K5_SMS_SHORT_PRICE",
    "K5_SMS_LONG",
    "K5_SMS_PART",
    "K5_SMS_DAY",
    "K5_SMS_RESERVE",
    "K5_SMS_COUNTRIES",
    "K5_KANNEL_URL",
    "K5_KANNEL_USER",
    "K5_KANNEL_PASSWORD",
    "K5_KANNEL_REPORTS",
    "K5_MAIL",
    "K5_MAIL_FROM",
    "K5_QUIET_HOURS",
    "K5_SEAL_TO",
}
FILE: Final = "file"  # of K5_MAIL: letters are put into a folder
PORTS: Final = {"smtp": 587, "smtps": 465}
UNSET_FROM: Final = EmailAddress("k5@localhost.localdomain")  # of letters that stay in a folder


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over. `is_tls`: from the first byte; else STARTTLS where the server offers it."""

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KannelSettings:
    """How K5 speaks with Kannel's smsbox, and where that finds K5 for its delivery reports."""

    url: str
    user: str
    password: str = field(repr=False)
    reports: str


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """Everything the operator decides about messages."""

    kannel: KannelSettings | None = None  # None: the simulated SMS centre
    secret: str = field(default="", repr=False)  # the last part of /hooks/sms/<secret>; "": none is open
    allowed: tuple[Network, ...] = ()  # where the gateway asks from
    numbers: ServiceNumbers = NUMBERS
    terms: SmsTerms = TERMS
    quiet: QuietHours = QUIET
    mail: MailServer | None = None  # None: into a folder
    mail_from: EmailAddress = UNSET_FROM
    seal_to: tuple[EmailAddress, ...] = ()  # who keeps the seals of closed days

    @property
    def secrets(self) -> list[tuple[str, str]]:
        """Return the passwords that must not be those of an example, each with its setting."""
        found = [("K5_KANNEL_PASSWORD", self.kannel.password)] if self.kannel else []
        return found + ([("K5_MAIL", self.mail.password)] if self.mail and self.mail.user else [])


def read(values: Mapping[str, str]) -> MessageSettings:
    """Return the settings of messages. Raises: WrongSetting."""
    kind = values.get("K5_SMS", "simulator")
    if kind not in get_args(SmsKind):
        raise WrongSetting(name="K5_SMS", reason=f"'{kind}' is not one of {', '.join(get_args(SmsKind))}")
    secret = path_secret(values, "K5_SMS_SECRET")
    if kind == "kannel" and not secret:
        raise WrongSetting(name="K5_SMS_SECRET", reason="must be set with K5_SMS=kannel")
    mail = _mail(values.get("K5_MAIL", FILE))
    return MessageSettings(
        kannel=_kannel(values) if kind == "kannel" else None,
        secret=secret,
        allowed=networks(values, "K5_SMS_ALLOWED"),
        numbers=_numbers(values),
        terms=_terms(values),
        quiet=_quiet(values.get("K5_QUIET_HOURS", f"{QUIET.begin}-{QUIET.end}")),
        mail=mail,
        mail_from=_mail_from(values, is_needed=mail is not None),
        seal_to=_seal_to(values.get("K5_SEAL_TO", "")),
    )


def _seal_to(text: str) -> tuple[EmailAddress, ...]:
    try:
        return tuple(EmailAddress.parse(part.strip()) for part in text.split(",") if part.strip())
    except WrongEmail as error:
        raise WrongSetting(
            name="K5_SEAL_TO", reason=f"'{text}' is not e-mail addresses like a@example.ru,b@example.ru"
        ) from error


def _kannel(values: Mapping[str, str]) -> KannelSettings:
    for name in ("K5_KANNEL_URL", "K5_KANNEL_USER", "K5_KANNEL_PASSWORD"):
        if not values.get(name):
            raise WrongSetting(name=name, reason="must be set with K5_SMS=kannel")
    return KannelSettings(
        url=web_address(values, "K5_KANNEL_URL", ""),
        user=values["K5_KANNEL_USER"],
        password=values["K5_KANNEL_PASSWORD"],
        reports=web_address(values, "K5_KANNEL_REPORTS", "http://127.0.0.1:8000"),
    )


def _numbers(values: Mapping[str, str]) -> ServiceNumbers:
    short = values.get("K5_SMS_SHORT", NUMBERS.short)
    if not re.fullmatch(r"[0-9]{3,6}", short, re.ASCII):
        raise WrongSetting(name="K5_SMS_SHORT", reason=f"'{short}' is not a short number of 3 to 6 digits")
    price = values.get("K5_SMS_SHORT_PRICE", NUMBERS.short_price)
    if not re.fullmatch(r"[0-9]{1,4}(?:[.,][0-9]{1,2})?(?:[-–][0-9]{1,4}(?:[.,][0-9]{1,2})?)?", price, re.ASCII):
        raise WrongSetting(name="K5_SMS_SHORT_PRICE", reason=f"'{price}' is not roubles like 5–6 or 5.50")
    long = numbers({"K5_SMS_LONG": NUMBERS.long, **values}, "K5_SMS_LONG")
    if len(long) != 1:
        raise WrongSetting(name="K5_SMS_LONG", reason="must be one number like +79037976171")
    return ServiceNumbers(short, price.replace("-", "–"), long[0])


def _terms(values: Mapping[str, str]) -> SmsTerms:
    text = values.get("K5_SMS_COUNTRIES", ",".join(sorted(TERMS.countries)))
    countries = frozenset(part.strip() for part in text.split(",") if part.strip())
    wrong = [each for each in sorted(countries) if not re.fullmatch(r"[A-Z]{2}", each, re.ASCII)]
    if wrong or not countries:
        raise WrongSetting(name="K5_SMS_COUNTRIES", reason=f"'{text}' is not countries like RU,KG")
    part, day = sum_of_money(values, "K5_SMS_PART", TERMS.part), sum_of_money(values, "K5_SMS_DAY", TERMS.day)
    reserve = sum_of_money(values, "K5_SMS_RESERVE", reserve_of(day))
    if reserve > day:
        raise WrongSetting(name="K5_SMS_RESERVE", reason=f"must be a part of the day's {day}: K5_SMS_DAY")
    return SmsTerms(part, day, countries, reserve)


def _quiet(text: str) -> QuietHours:
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-3])", text, re.ASCII)
    if found is None:
        raise WrongSetting(name="K5_QUIET_HOURS", reason=f"'{text}' is not two full hours like 22-8")
    return QuietHours(int(found[1]), int(found[2]))


def _mail(text: str) -> MailServer | None:
    if text == FILE:
        return None
    try:
        parts = urlsplit(text)
        return _server(parts, parts.port or PORTS[parts.scheme])
    except (KeyError, ValueError) as error:  # what was written is not shown: it may hold a password
        raise WrongSetting(
            name="K5_MAIL", reason="must be file, smtp://user:password@host:port or smtps://user:password@host:port"
        ) from error


def _server(parts: SplitResult, port: int) -> MailServer:
    if not parts.hostname or parts.path.strip("/") or parts.query or bool(parts.username) != bool(parts.password):
        raise ValueError("not a mail server")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port, parts.scheme == "smtps", user, password)


def _mail_from(values: Mapping[str, str], *, is_needed: bool) -> EmailAddress:
    text = values.get("K5_MAIL_FROM", "")
    if not text and not is_needed:
        return UNSET_FROM
    try:
        return EmailAddress.parse(text)
    except WrongEmail as error:
        reason = "must be the address that letters come from, like k5@example.ru"
        raise WrongSetting(name="K5_MAIL_FROM", reason=reason) from error
