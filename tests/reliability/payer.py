"""An application process of the payment kills: credits each payment a line of stdin names, then acknowledges it."""

import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import app
from k5web.config.settings import Settings
from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.errors import Unavailable
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports

ORIGIN = "test:net"
CONNECTIONS = 16  # of each process
PATIENCE_S = 0.1  # what a provider waits before it repeats


def take(ports: Ports, acknowledged: int, line: str) -> None:
    """Credit one payment, repeating it as often as the answer is "later"; any other refusal ends the process."""
    key, owner_id, minor = line.split()
    name, amount = EventName(ORIGIN, key), Money(int(minor))
    while True:
        try:
            credit(ports, int(owner_id), name, amount, "cash.test", "connector:test", ports.clock())
            break
        except Unavailable:
            time.sleep(PATIENCE_S)
        except BaseException:  # noqa: BLE001 — a bug must not hide in a future
            traceback.print_exc()
            os._exit(1)
    os.write(acknowledged, f"{key}\n".encode())
    os.fsync(acknowledged)


def main(path: str) -> None:
    """Take every payment until the end of stdin; acknowledgements are appended to a file."""
    ports = app.open_ports(Settings.from_env(os.environ))
    acknowledged = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with ThreadPoolExecutor(CONNECTIONS) as crowd:
        for _ in crowd.map(partial(take, ports, acknowledged), sys.stdin):
            pass


if __name__ == "__main__":
    main(sys.argv[1])
