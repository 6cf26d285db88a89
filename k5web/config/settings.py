"""One frozen Settings object, read from the environment once; a wrong value stops the start and is named."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from k5web.config import bonuses, databases, fraud, messages, partners, payees, phones, promises, switches, toml
from k5web.config.databases import DatabaseSettings
from k5web.config.messages import MessageSettings
from k5web.config.partners import PartnerEntry
from k5web.config.phones import SipServer
from k5web.config.switches import SwitchSettings, variables_of
from k5web.config.values import (
    MAKE_ONE,
    Network,
    is_on,
    name_of_person,
    networks,
    numbers,
    path_secret,
    sum_of_money,
    web_address,
    whole,
)
from k5web.domain.accounts.bonus import FIVE_PER_CENT, BonusPlan
from k5web.domain.address import is_local, is_own_machine
from k5web.domain.bank.payee import Payee
from k5web.domain.bank.payment import ASKS_ABOVE
from k5web.domain.books.archive import KEPT_YEARS
from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.books.transfer import TRANSFER_DAY
from k5web.domain.calls.fraud import STANDARD_TERMS, AlarmTerms
from k5web.domain.desk.proposal import TWO_PERSONS_ABOVE
from k5web.domain.money import Money
from k5web.domain.secret import is_example, weakness
from k5web.errors import WrongSetting

LogForm = Literal["lines", "json"]

LEAST_OWN, LONGEST_OWN = 5, 15  # digits: a shorter prefix would close somebody else's town
_MARGIN = re.compile(r"([a-z0-9][a-z0-9_-]*)=([0-9]|[1-9][0-9])%", re.ASCII)
SHORTEST_SECRET = 32  # characters; a shorter key is refused at start (docs/ledger.md)

_KNOWN = {
    "K5_CONFIG",
    "K5_STAFF",
    "K5_SECRET_KEY",
    "K5_PUBLIC_URL",
    "K5_SWITCH",
    "K5_SWITCH_SPEED",
    "K5_SWITCHES",
    "K5_CALLS_AT_ONCE",
    "K5_ARI_URL",
    "K5_ARI_USER",
    "K5_ARI_PASSWORD",
    "K5_TRUNK",
    "K5_CEL_FILE",
    "K5_SWITCH_DIR",
    "K5_AMI_ADDRESS",
    "K5_EMERGENCY",
    "K5_SWITCH_ALLOWED",
    "K5_CALLER_ID",
    "K5_OWN_NUMBERS",
    "K5_ACCESS_NUMBERS",
    "K5_SHARED_NUMBER",
    "K5_PRESS_1",
    "K5_LEAST_MARGIN",
    "K5_FRAUD_ALARMS",
    "K5_OPEN_PAYMENTS",
    "K5_NOTICE_TIME",
    "K5_PHONES",
    "K5_RAISE_HOURS",
    "K5_LEDGER_YEARS",
    "K5_TRUSTED_PROXIES",
    "K5_CARD_DAY",
    "K5_VAR",
    "K5_LOG",
    "K5_INSIDE",
    "K5_CONNECTORS",
    "K5_HELP_PHONE",
    "K5_USSD_SECRET",
    "K5_PAYEE",
    "K5_BANK_ASKS_ABOVE",
    "K5_TRANSFER_DAY",
    "K5_TWO_PERSONS_ABOVE",
    "K5_BONUS",
    "K5_PROMISE",
    "K5_TEST_DATABASE_URL",
    "K5_TEST_CITUS_URL",
    "K5_TEST_SEED",
    "K5_TEST_SIZE",
    "K5_TEST_MINUTES",
} | {*databases.NAMES, *messages.NAMES, *phones.NAMES}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. Secrets are kept out of `repr`."""

    databases: DatabaseSettings
    secret_keys: tuple[str, ...] = field(repr=False)  # newest first
    public_url: str
    switches: tuple[SwitchSettings, ...]  # one or more
    trusted_proxies: int  # how many proxies in front may be believed about the client's address
    access_numbers: tuple[str, ...]  # E.164 digits
    shared_number: str  # E.164 digits; organisations are called by it, with their id
    notice_time: timedelta  # for a provider's notice, from when it came until it is done or put off
    most_open: int  # payments of one account that are begun and not paid
    most_phones: int  # of one subscriber
    ledger_years: int  # how long a year's postings stay after its end before they may leave for the archive
    raise_wait: timedelta  # before a higher limit counts that a subscriber sets
    var: Path  # what this machine keeps: the SQLite file, the simulator's spool
    messages: MessageSettings  # SMS and mail
    sip_server: SipServer  # where subscribers' phones register
    partners: tuple[PartnerEntry, ...] = ()  # who may bring money
    payee: Payee | None = None  # who is paid at a bank; None: no receipts
    card_day: Money | None = None  # what saved cards give a day without a password, in the account's currency
    help_phone: str = ""  # E.164 digits, on every page; "": none
    ussd_secret: str = field(default="", repr=False)  # the last part of the USSD gateway's address; "": none is open
    least_margins: Mapping[str, Fraction] = field(default_factory=dict)  # of a minute's price, by the code of the plan
    alarm_terms: AlarmTerms = STANDARD_TERMS  # from how much on staff are told of fraud
    log: LogForm = "lines"  # or "json": how events are written
    press_1: bool = False  # everybody presses 1 before the other phone is called
    bank_asks_above: Money = ASKS_ABOVE  # a payment of a statement above this is asked about
    staff: str = ""  # who runs commands, in histories; "": the login of this machine
    bonus: BonusPlan = FIVE_PER_CENT  # what sponsors earn
    promise: PromiseTerms | None = None  # what payments subscribers may promise; None: none
    transfer_day: Money = TRANSFER_DAY  # what an account may send to others in a day, in its own currency
    two_persons_above: Money = TWO_PERSONS_ABOVE  # money that staff move by hand in a day, in the account's currency
    inside: tuple[Network, ...] = networks({}, "")  # whose machines may ask for health and figures
    switch_allowed: tuple[Network, ...] = networks({}, "")  # where switches ask from before whatever costs
    is_database_said: bool = True  # False: it is the SQLite file that nobody chose
    own_numbers: tuple[str, ...] = ()  # prefixes of the operator's own lines, E.164 digits: no call goes there

    @property
    def is_https(self) -> bool:
        """True where browsers reach K5 by https: Secure cookies and HSTS depend on it."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """The name in the public address, an address of IPv6 in its brackets."""
        name = urlsplit(self.public_url).hostname or ""
        return f"[{name}]" if ":" in name else name

    @property
    def is_own_machine(self) -> bool:
        """True where only this machine finds the public address: K5 is tried, nobody else comes."""
        return is_own_machine(self.public_url)

    @property
    def is_tried(self) -> bool:
        """True where nobody but this machine, and the room it stands in by plain http, finds K5."""
        room = urlsplit(self.public_url)
        return self.is_own_machine or (room.scheme == "http" and is_local(room.hostname))

    @property
    def database_url(self) -> str:
        """Return where the ledger lives."""
        return self.databases.url

    @property
    def tryout_url(self) -> str:
        """Where people find the simulated providers: beside K5, at the host by which they find K5.

        Empty where the providers are real, or where K5 is found by anybody but this machine and the room it stands in.
        """
        url = self.partners[0].simulated_at if self.partners else ""
        if not url or not self.is_tried:
            return ""
        host = urlsplit(self.public_url).netloc.rpartition("]")[0]  # of IPv6, in its brackets
        host = f"{host}]" if host else urlsplit(self.public_url).hostname or ""
        return url if self.is_own_machine else f"http://{host}:{urlsplit(url).port}"

    def switch(self, name: str) -> SwitchSettings:
        """Return the switch of this name. Raises: WrongSetting."""
        found = next((switch for switch in self.switches if switch.name == name), None)
        if found is None:
            known = ", ".join(switch.name for switch in self.switches)
            raise WrongSetting(name="K5_SWITCHES", reason=f"there is no switch '{name}', only {known}")
        return found

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings of this environment, `K5_CONFIG` (a TOML file of the same names) below it.

        Raises: WrongSetting naming the setting and the mend.
        """
        values = dict(_from_file(environ.get("K5_CONFIG", ""))) | {
            name: value for name, value in environ.items() if name.startswith("K5_")
        }
        tables, secret_names = partners.read(values.get("K5_CONNECTORS", ""), values | dict(environ))
        named = variables_of(values["K5_SWITCHES"]) if values.get("K5_SWITCHES") else set()
        _refuse_unknown(set(values) - named - secret_names)
        var = Path(values.get("K5_VAR", "var"))
        found_switches = switches.read(values, environ, var)
        found = cls(
            databases=databases.read(values, f"sqlite:///{var / 'k5.db'}"),
            secret_keys=_secret_keys(values["K5_SECRET_KEY"] if "K5_SECRET_KEY" in values else _kept_secret(var)),
            public_url=web_address(values, "K5_PUBLIC_URL", "http://127.0.0.1:8000"),
            switches=found_switches,
            trusted_proxies=whole(values, "K5_TRUSTED_PROXIES", 0, 0, 9),
            access_numbers=numbers(values, "K5_ACCESS_NUMBERS"),
            shared_number="".join(numbers(values, "K5_SHARED_NUMBER", most=1)),
            notice_time=timedelta(seconds=whole(values, "K5_NOTICE_TIME", 5, 1, 60)),
            most_open=whole(values, "K5_OPEN_PAYMENTS", 3, 1, 99),
            most_phones=whole(values, "K5_PHONES", 5, 1, 20),
            ledger_years=whole(values, "K5_LEDGER_YEARS", KEPT_YEARS, 1, 100),
            raise_wait=timedelta(hours=whole(values, "K5_RAISE_HOURS", 24, 0, 720)),
            var=var,
            is_database_said=bool(values.get("K5_DATABASE_URL")),
            messages=(told := messages.read(values)),
            sip_server=phones.read(values, values.get("K5_PUBLIC_URL", "http://127.0.0.1:8000")),
            partners=tables,
            card_day=sum_of_money(values, "K5_CARD_DAY", Money(0)) if values.get("K5_CARD_DAY") else None,
            payee=payees.read(values.get("K5_PAYEE", "")),
            log=_log_form(values.get("K5_LOG", "")),
            press_1=is_on(values, "K5_PRESS_1"),
            alarm_terms=fraud.read(values.get(fraud.NAME, "")),
            bank_asks_above=sum_of_money(values, "K5_BANK_ASKS_ABOVE", ASKS_ABOVE),
            staff=name_of_person(values, "K5_STAFF"),
            bonus=bonuses.read(values.get("K5_BONUS", "")),
            promise=promises.read(values.get("K5_PROMISE", "")),
            transfer_day=sum_of_money(values, "K5_TRANSFER_DAY", TRANSFER_DAY),
            two_persons_above=sum_of_money(values, "K5_TWO_PERSONS_ABOVE", TWO_PERSONS_ABOVE),
            least_margins=_least_margins(values.get("K5_LEAST_MARGIN", "")),
            help_phone=_help_phone(values),
            inside=networks(values, "K5_INSIDE"),
            switch_allowed=networks(values, "K5_SWITCH_ALLOWED"),
            ussd_secret=path_secret(values, "K5_USSD_SECRET"),
            own_numbers=(*_own_numbers(values, found_switches), told.numbers.long),
        )
        _refuse_weak_secrets(found)
        return found


def _refuse_unknown(names: Set[str]) -> None:
    unknown = sorted(names - _KNOWN)
    if unknown:
        raise WrongSetting(name=unknown[0], reason="K5 knows no such setting; see docs/settings.md")


def _from_file(path: str) -> Mapping[str, str]:
    if not path:
        return {}
    found = toml.read("K5_CONFIG", path).values
    wrong = [name for name, value in found.items() if not isinstance(value, str)]
    if wrong:
        raise WrongSetting(name=wrong[0], reason=f"in {path}: must be text in quotes")
    return found


def _kept_secret(var: Path) -> str:
    """Return the key that ./run made for this machine; empty where it made none."""
    path = var / "secret"
    try:
        return path.read_text("utf-8").strip() if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(name="K5_SECRET_KEY", reason=f"is not set, and {path} cannot be read: {error}") from error


def _log_form(text: str) -> LogForm:
    match text:
        case "" | "lines":
            return "lines"
        case "json":
            return "json"
    raise WrongSetting(name="K5_LOG", reason=f"must be lines or json, not '{text}'")


def _secret_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key for key in (part.strip() for part in text.split(",")) if key)
    if not keys:
        raise WrongSetting(
            name="K5_SECRET_KEY",
            reason=f"must be set: one or more random keys, comma separated, newest first; {MAKE_ONE}",
        )
    if any(len(key) < SHORTEST_SECRET for key in keys):
        raise WrongSetting(name="K5_SECRET_KEY", reason=f"each key needs {SHORTEST_SECRET} characters or more")
    return keys


def _refuse_weak_secrets(found: Settings) -> None:
    """Stop the start of a house that others can reach where its secrets are the first that anybody tries (S24).

    Raises: WrongSetting.
    """
    if found.is_own_machine:
        return
    for key in found.secret_keys:
        if wrong := weakness(key, SHORTEST_SECRET):
            raise WrongSetting(name="K5_SECRET_KEY", reason=f"a key {wrong}; {MAKE_ONE}")
    for switch in found.switches:
        if switch.kind == "asterisk" and (wrong := weakness(switch.ari_password)):
            name = "K5_ARI_PASSWORD" if switch.name == "asterisk" else f"K5_SWITCHES, [[switch]] {switch.name}"
            reason = f"the password {wrong}; {MAKE_ONE}, and give it to the switch as ASTERISK_PASSWORD"
            raise WrongSetting(name=name, reason=reason)
    for name, password in found.messages.secrets:
        if wrong := weakness(password):
            raise WrongSetting(name=name, reason=f"the password {wrong}; {MAKE_ONE}")
    for name, url in (("K5_DATABASE_URL", found.databases.url), ("K5_READ_DATABASE_URL", found.databases.read_url)):
        if is_example(unquote(url.partition("://")[2].rpartition("@")[0].partition(":")[2])):
            raise WrongSetting(name=name, reason="its password is the word of an example: set the database's own")


def _least_margins(text: str) -> Mapping[str, Fraction]:
    """Return the share of a minute's price that carriers must leave, by plan: `k5=10%`."""
    found = {}
    for part in (part.strip() for part in text.split(",") if part.strip()):
        match = _MARGIN.fullmatch(part)
        if match is None:
            raise WrongSetting(name="K5_LEAST_MARGIN", reason=f"'{part}' is not like k5=10%")
        found[match[1]] = Fraction(int(match[2]), 100)
    return found


def _own_numbers(values: Mapping[str, str], switches: tuple[SwitchSettings, ...]) -> tuple[str, ...]:
    """Return the prefixes no call may go to; so are the caller ids, and the numbers by which K5 itself is called."""
    found = tuple(
        part.strip().removeprefix("+") for part in values.get("K5_OWN_NUMBERS", "").split(",") if part.strip()
    )
    for number in found:
        if not (number.isascii() and number.isdigit() and LEAST_OWN <= len(number) <= LONGEST_OWN):
            reason = f"'{number}' is not a number or prefix of {LEAST_OWN} to {LONGEST_OWN} digits"
            raise WrongSetting(name="K5_OWN_NUMBERS", reason=reason)
    shown = [trunk.caller_id for switch in switches for trunk in switch.trunks if trunk.caller_id]
    callers = dict.fromkeys([*(switch.caller_id for switch in switches), *shown])
    called = (*numbers(values, "K5_ACCESS_NUMBERS"), *numbers(values, "K5_SHARED_NUMBER", most=1))
    return (*found, *(caller for caller in callers if len(caller) >= LEAST_OWN), *called)


def _help_phone(values: Mapping[str, str]) -> str:
    """Return the number where subscribers find help, as its digits."""
    text = values.get("K5_HELP_PHONE", "")
    digits = re.sub(r"[ ()-]", "", text).removeprefix("+")
    if text and not re.fullmatch(r"[1-9][0-9]{6,14}", digits, re.ASCII):
        raise WrongSetting(name="K5_HELP_PHONE", reason=f"'{text}' is not one number like +74951110001")
    return digits
