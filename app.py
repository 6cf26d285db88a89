"""Composition root: the only module that knows every room."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Flask

import connectors
from k5web import partners, web
from k5web.domain.topup import Opener, Opening
from k5web.services import payers
from k5web.services.ports import Connectors, Ports
from k5web.services.ratebook import RateBook
from k5web.settings import Settings
from k5web.storage.session import open_sessions
from k5web.telephony.asterisk import AsteriskSwitch
from k5web.telephony.simulator import server


def open_ports(settings: Settings, openers: Mapping[str, Opener] = connectors.OPENERS) -> Ports:
    """Open every door once; nothing connects before it is used."""
    sessions = open_sessions(settings.database_url, settings.read_database_url)
    return Ports(
        sessions=sessions,
        switch=AsteriskSwitch(settings.switch),
        rates=RateBook(sessions, _now),
        clock=_now,
        connectors=Connectors(partners.open_connectors(settings.partners, openers, Opening(settings.public_url, _now))),
        lookup_keys=tuple(payers.lookup_key(secret) for secret in settings.secret_keys),
    )


def create_app(settings: Settings | None = None, ports: Ports | None = None) -> Flask:
    """Return the web application; templates and static files stand beside this file."""
    settings = settings or Settings.from_env(os.environ)
    app = Flask(__name__, static_folder=None)  # web.assets serves them under hashed names
    web.register(app, ports or open_ports(settings), settings)
    return app


def simulate_switch(settings: Settings) -> None:
    """Be the simulated switch until told to end."""
    server.serve(settings.switch)


def _now() -> datetime:
    return datetime.now(UTC)
