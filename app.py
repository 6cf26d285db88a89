"""Composition root: the only module that knows every room."""

import os
from datetime import UTC, datetime

from flask import Flask

from k5web import web
from k5web.domain.call import Switches
from k5web.services.ports import Ports
from k5web.services.ratebook import RateBook
from k5web.settings import Settings
from k5web.storage.session import open_sessions
from k5web.switches import SwitchSettings
from k5web.telephony.asterisk import AsteriskSwitch
from k5web.telephony.simulator import server
from k5web.telephony.simulator.caller import miss_a_call as miss_a_call


def open_ports(settings: Settings) -> Ports:
    """Open every door once; nothing connects before it is used."""
    sessions = open_sessions(settings.database_url, settings.read_database_url)
    return Ports(
        sessions=sessions,
        switches=Switches(AsteriskSwitch(switch) for switch in settings.switches),
        rates=RateBook(sessions, _now),
        clock=_now,
        own_numbers=settings.own_numbers,
        access_numbers=settings.access_numbers,
    )


def create_app(settings: Settings | None = None, ports: Ports | None = None) -> Flask:
    """Return the web application; templates and static files stand beside this file."""
    settings = settings or Settings.from_env(os.environ)
    app = Flask(__name__, static_folder=None)  # web.assets serves them under hashed names
    web.register(app, ports or open_ports(settings), settings)
    return app


def simulate_switch(settings: SwitchSettings) -> None:
    """Be this simulated switch until told to end."""
    server.serve(settings)


def _now() -> datetime:
    return datetime.now(UTC)
