"""Opening the house for one command: settings from the environment, ports from the composition root."""

from __future__ import annotations

import logging
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import app as app  # imported here alone: a second import would load it
from k5web import VERSION, logs
from k5web.cli import auditing, late
from k5web.config import settings as environment
from k5web.errors import DatabaseTrouble, K5Error, OutdatedDatabase, Unavailable, WrongSetting
from k5web.storage import schema, session

if TYPE_CHECKING:
    from k5web.config.settings import Settings
    from k5web.services.ports import Ports
    from k5web.storage.session import Sessions

logger = logging.getLogger(__name__)


# A house that others find by https keeps money: its database is nothing to be guessed
NO_DATABASE_SAID = (
    "must be set, for K5_PUBLIC_URL is https: postgresql+psycopg://… as docs/settings.md has it; for a small house "
    "sqlite:////var/lib/k5/k5.db. Where it stands in k5.env a shell may have cut it at & or $: type /usr/local/bin/k5"
)


def settings() -> Settings:
    """Return this environment's settings. Raises: WrongSetting."""
    late.load_all()  # whoever needs them is no question for help any more
    return _settings()


def _settings() -> Settings:
    house = environment.Settings.from_env(os.environ)
    if house.is_https and not house.is_database_said:
        raise WrongSetting(name="K5_DATABASE_URL", reason=NO_DATABASE_SAID)
    return house


def actor() -> str:
    """Return who runs this command, as histories name them: K5_STAFF, else the person's login at this machine."""
    return f"staff:{settings().staff or person()}"


def person() -> str:
    """Return the login of who sits before the machine: who became root or k5 by sudo or su is still that person.

    Only root is believed where sudo would say so: anybody else may have written it there.
    """
    if os.getuid() == 0 and (by_sudo := os.environ.get("SUDO_USER", "")):
        return by_sudo
    try:
        return os.getlogin()
    except OSError:  # nobody logged in here: a timer, a container
        number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run by a number that has no name
        return f"uid-{number}"


def tell_start(part: str, house: Settings) -> None:
    """Write the first line of a process that stays: which program it is, over what."""
    facts = {
        "part": part,
        "version": VERSION,
        "database": house.database_url.partition(":")[0].partition("+")[0],
        "switches": ",".join(f"{switch.name}:{switch.kind}" for switch in house.switches),
    }
    logger.info("started", extra=facts)


@contextmanager
def open_house() -> Iterator[Ports]:
    """Open every port for one command and close them after it. Raises: NoDatabase; OutdatedDatabase."""
    house = settings()
    logs.use(house.log)
    session.look_for(house.database_url)
    ports = app.open_ports(house)
    try:
        with _explained(house.database_url), auditing.recorded(ports, actor()):
            yield ports
    finally:
        ports.sessions.dispose()


@contextmanager
def open_database() -> Iterator[Sessions]:
    """Open the database alone, for a command that looks up a few rows and begins no thread: what the pages, the
    connectors and the switches are made of is not loaded. Raises: NoDatabase; OutdatedDatabase."""
    house = _settings()
    logs.use(house.log)
    session.look_for(house.database_url)
    sessions = session.open_sessions(house.databases.url, house.databases.read_url)
    try:
        with _explained(house.database_url):
            yield sessions
    finally:
        sessions.dispose()


@contextmanager
def _explained(database_url: str) -> Iterator[None]:
    """Say so where the database, of another version or not whole, is why something failed."""
    try:
        yield
    except Exception as error:
        if isinstance(error, K5Error) and type(error) is not Unavailable:
            raise  # it says why itself
        if not schema.is_current(database_url):
            raise OutdatedDatabase from error
        if schema.lacks_tables(error):
            raise DatabaseTrouble(what="the database is not whole", cure="k5 db check names what is missing") from error
        raise
