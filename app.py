"""Composition root: the only module that knows every room."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from flask import Flask

import connectors
from connectors.bank import sandbox as bank_sandbox
from connectors.incoming import sandbox as incoming_sandbox
from connectors.sms import sandbox as sms_sandbox
from connectors.ussd import sandbox as ussd_sandbox
from k5web import plans
from k5web.config import partners
from k5web.config.settings import Settings
from k5web.config.switches import SwitchSettings
from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.calls.call import Switches
from k5web.domain.messaging.message import Attachment, Mailer, Messenger
from k5web.domain.payments.connector import Opener, Opening
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.domain.prices.plan import Plan
from k5web.errors import K5Error, LargePayment
from k5web.messaging import simulator
from k5web.messaging.kannel import KannelMessenger
from k5web.messaging.smtp import MailFolder, SmtpMailer
from k5web.outgoing.strangers import StrangersDoor
from k5web.services import demo
from k5web.services.accounts import number_stock
from k5web.services.bank import statement_import
from k5web.services.desk import staff
from k5web.services.in_force.plan_folder import PlanFolder, parse
from k5web.services.in_force.plans import PlanBook
from k5web.services.in_force.rates import RateBook
from k5web.services.payments import payers
from k5web.services.pbx import greetings
from k5web.services.ports import CardTries, Connectors, Ports, Report
from k5web.services.prices import ussd
from k5web.storage import restored
from k5web.storage.session import open_sessions
from k5web.telephony import greeting_sound
from k5web.telephony.asterisk import AsteriskSwitch
from k5web.telephony.simulator import server
from k5web.telephony.simulator.caller import Caller as Caller
from k5web.telephony.switch_files import SwitchFiles
from k5web.telephony.trunk_files import TrunkFiles as TrunkFiles
from k5web.web.messaging import speech
from k5web.web.request_figures import RequestFigures as RequestFigures

SIMULATED = partners.SIMULATED  # begins the partners' file of the simulated providers
NEWCOMER = "+79160001122"  # a phone of nobody yet: for whoever tries to join
CARD_TRIES_OF_DEMO = CardTries(cards=200, declines=200)  # for whoever tries each test card, and each again


def open_ports(settings: Settings, openers: Mapping[str, Opener] = connectors.OPENERS) -> Ports:
    """Open every door once; nothing connects before it is used."""
    bases = settings.databases
    sessions = open_sessions(bases.url, bases.read_url, bases.pool_size, bases.standby_lag.total_seconds())
    rates = RateBook(sessions, _now)
    return Ports(
        sessions=sessions,
        switches=Switches(AsteriskSwitch(switch) for switch in settings.switches),
        rates=rates,
        plans=PlanBook(sessions, _now, PlanFolder(plans.HERE), rates),
        clock=_now,
        connectors=Connectors(partners.open_connectors(settings.partners, openers, Opening(settings.public_url, _now))),
        cipher_keys=tuple(staff.cipher_key(secret) for secret in settings.secret_keys),
        lookup_keys=tuple(payers.lookup_key(secret) for secret in settings.secret_keys),
        bank_asks_above=settings.bank_asks_above,
        payee=settings.payee,
        own_numbers=settings.own_numbers,
        alarm_terms=settings.alarm_terms,
        public_url=settings.public_url,
        hook_door=StrangersDoor(urlsplit(settings.public_url).hostname or "", is_tryout=bool(settings.tryout_url)),
        switch_tables={one.name: SwitchFiles(one, _now) for one in settings.switches if one.directory},
        access_numbers=settings.access_numbers,
        shared_number=settings.shared_number,
        card_day=settings.card_day,
        card_tries=CARD_TRIES_OF_DEMO if settings.tryout_url else CardTries(),
        press_1=settings.press_1,
        least_margins=settings.least_margins,
        bonus=settings.bonus,
        promise=settings.promise,
        transfer_day=settings.transfer_day,
        two_persons_above=settings.two_persons_above,
        most_open=settings.most_open,
        most_phones=settings.most_phones,
        raise_wait=settings.raise_wait,
        ledger_years=settings.ledger_years,
        messenger=open_messenger(settings),
        mailer=open_mailer(settings),
        say=speech.say,
        attach=_attach,
        write_report=_write_report,
        convert=greeting_sound.convert,
        sms=settings.messages.terms,
        sms_numbers=settings.messages.numbers,
        quiet=settings.messages.quiet,
        seal_to=settings.messages.seal_to,
    )


def open_messenger(settings: Settings) -> Messenger:
    """Return the SMS centre."""
    found = settings.messages
    if found.kannel is None:
        return simulator.SimulatedMessenger(settings.var / "sms", _now)
    return KannelMessenger(found.kannel, found.secret, found.numbers.short)


def open_mailer(settings: Settings) -> Mailer:
    """Return the mail server, or the folder in place of one."""
    found = settings.messages
    if found.mail is None:
        return MailFolder(settings.var / "mail", found.mail_from)
    return SmtpMailer(found.mail, found.mail_from)


# What draws papers and workbooks is loaded by the first of them: a tenth of the start of most commands
def _attach(ports: Ports, owner_id: int, kind: str, facts: Mapping[str, Any]) -> tuple[Attachment, ...]:
    from k5web.web.messaging import attachments

    return attachments.attach(ports, owner_id, kind, facts)


def _write_report(report: Report, out: BinaryIO) -> None:
    from k5web.web.books import report_files

    report_files.write(report, out)


def guarded(ports: Ports) -> Ports:
    """Return the ports of a process that stays: it writes nothing into a restored database until opened."""
    restored.guard(ports.sessions)
    return ports


def load_pages() -> ModuleType:
    """Return the web, imported now: most commands begin without it, and processes that part afterwards share it."""
    from k5web.web import application

    return application


def create_app(
    settings: Settings | None = None, ports: Ports | None = None, requests: RequestFigures | None = None
) -> Flask:
    """Return the web application; templates and static files stand beside this file."""
    settings = settings or Settings.from_env(os.environ)
    app = Flask(__name__, static_folder=None)  # web.assets serves them under hashed names
    load_pages().register(app, ports or guarded(open_ports(settings)), settings, requests or RequestFigures())
    return app


def simulate_switch(settings: SwitchSettings, k5_url: str) -> None:
    """Be this simulated switch until told to end; K5, whom it asks before whatever costs, is at `k5_url`."""
    server.serve(settings, k5_url)


def simulated_providers() -> list[str]:
    """Return the names of the connectors whose providers can be simulated."""
    return sorted(connectors.SANDBOXES)


def demo_partners(url: str, secret: Callable[[], str]) -> Mapping[str, list[Mapping[str, object]]]:
    """Return the tables of partners for trying, by connector; the simulated providers will be at `url`."""
    return {code: connectors.SANDBOXES[code].demo_tables(f"{url}/{code}", secret) for code in simulated_providers()}


def simulate_providers(settings: Settings, url: str, k5_url: str) -> Mapping[str, WSGIApplication]:
    """Return the simulated providers of the partners' file; people find each at `url` below its name."""
    found: dict[str, WSGIApplication] = {}
    for code in simulated_providers():
        tables = [table.values for table in settings.partners if table.connector == code]
        folder = settings.var / "sandbox" / code
        folder.mkdir(parents=True, exist_ok=True)
        if tables:
            options = SandboxOptions(f"{url}/{code}", k5_url, str(folder), _now, settings.public_url)
            found[code] = connectors.SANDBOXES[code].create(tables, options)
    if settings.payee and settings.tryout_url:  # it credits by the statements it writes: only while K5 is tried
        folder = settings.var / "sandbox" / bank_sandbox.CODE
        folder.mkdir(parents=True, exist_ok=True)
        options = SandboxOptions(f"{url}/{bank_sandbox.CODE}", k5_url, str(folder), _now, settings.public_url)
        found[bank_sandbox.CODE] = bank_sandbox.create(settings.payee, options, take_in(open_ports(settings)))
    if settings.ussd_secret and settings.tryout_url:  # it may say any number: only while K5 is tried
        options = SandboxOptions(f"{url}/{ussd_sandbox.CODE}", k5_url, "", _now, settings.public_url)
        phones = (str(demo.PHONE), str(demo.SOM_PHONE))
        found[ussd_sandbox.CODE] = ussd_sandbox.create(settings.ussd_secret, phones, ussd.codes(_own_plans()), options)
    if settings.messages.secret and settings.messages.kannel is None and settings.tryout_url:
        options = SandboxOptions(f"{url}/{sms_sandbox.CODE}", k5_url, "", _now, settings.public_url)
        found[sms_sandbox.CODE] = _phones(settings, options)
    if settings.tryout_url and settings.switches[0].kind == "simulator":
        options = SandboxOptions(f"{url}/{incoming_sandbox.CODE}", k5_url, "", _now, settings.public_url)
        found[incoming_sandbox.CODE] = _caller(settings, options)
    return found


def _caller(settings: Settings, options: SandboxOptions) -> WSGIApplication:
    """Return the simulated phone that rings rented numbers at the simulated switch."""
    caller, ports = Caller(settings.switches[0]), open_ports(settings)
    line = incoming_sandbox.Line(caller.ring, caller.story, caller.hang_up)

    def rented() -> list[str]:
        return [str(one.msisdn) for one in number_stock.listed(ports, state=NumberState.RENTED)]

    return incoming_sandbox.create(line, rented, lambda path: greetings.titled(ports, path) or path, options)


def _phones(settings: Settings, options: SandboxOptions) -> WSGIApplication:
    """Return the simulated phones: what K5 sends them lies where the simulated SMS centre puts it."""
    folder = settings.var / "sms"
    inbox = sms_sandbox.Phones(
        lambda phone: simulator.shown(folder, phone),
        lambda phone, text: simulator.deliver(folder, phone, text, _now()),
    )
    examples = (str(demo.PHONE), str(demo.SOM_PHONE), NEWCOMER)
    return sms_sandbox.create(settings.messages.secret, settings.messages.numbers, examples, inbox, options)


def _own_plans() -> list[Plan]:
    """Return the plans that K5 comes with."""
    folder = PlanFolder(plans.HERE)
    return [parse(folder.text(code)) for code in folder.codes]


def take_in(ports: Ports) -> Callable[[Path], str]:
    """Return the import of statements as the simulated bank uses it: the file in, what became of it in words."""

    def imported(path: Path) -> str:
        try:
            done = statement_import.import_statement(ports, path, ())
        except LargePayment as error:
            return (
                f"K5 не принял выписку: платёж {error.facts['amount']} ₽ больше {error.facts['most']} ₽ "
                f"(K5_BANK_ASKS_ABOVE). Загрузите её сами: k5 bank import {path} --yes"
            )
        except K5Error as error:
            return f"K5 не принял выписку: {error}"
        return (
            f"Зачислено {done.credited.amount} ₽, к выяснению {done.suspended.amount} ₽, "
            f"известно раньше: {done.known}, под вопросом: {done.doubtful.count}."
        )

    return imported


def _now() -> datetime:
    return datetime.now(UTC)
