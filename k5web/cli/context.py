"""Opening the house for one command: settings from the environment, ports from the composition root."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

from app import open_ports
from k5web import logs
from k5web.cli import auditing
from k5web.config.settings import Settings
from k5web.errors import K5Error, OutdatedDatabase, Unavailable
from k5web.services.ports import Ports
from k5web.storage import schema


def settings() -> Settings:
    """Return this environment's settings. Raises: WrongSetting."""
    return Settings.from_env(os.environ)


def actor() -> str:
    """Return who runs this command, as histories name them: K5_STAFF, else the login of this machine."""
    return f"staff:{settings().staff or getpass.getuser()}"


@contextmanager
def open_house() -> Iterator[Ports]:
    """Open every port for one command and close them after it. Raises: NoDatabase; OutdatedDatabase."""
    house = settings()
    logs.use(house.log)
    schema.look_for(house.database_url)
    ports = open_ports(house)
    try:
        with auditing.recorded(ports, actor()):
            yield ports
    except Exception as error:
        is_explained = isinstance(error, K5Error) and not isinstance(error, Unavailable)
        if not is_explained and not schema.is_current(house.database_url):
            raise OutdatedDatabase from error
        raise
    finally:
        ports.sessions.dispose()
