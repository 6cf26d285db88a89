"""A long statement of a bank imported by its command: payments a second, and memory against a short one's."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench import Measure
from bench.bulk import open_house
from bench.house import house
from bench.ledger import bare_inserts
from k5web.domain.bank.exchange_text import SIGNATURE
from k5web.services.accounts.accounts import find_subscriber

FULL, SHORT = 50_000, 1_000  # payments
BARE_S = 2.0


def measure(account: str, size: int = FULL) -> list[Measure]:
    """Return payments a second against bare inserts of one commit each, and the peak of memory."""
    with house() as environ:
        ports = open_house(environ)
        owner_id = find_subscriber(ports, environ["BENCH_PHONE"]).id
        ports.sessions.dispose()
        folder = Path(environ["K5_VAR"])
        short, long = folder / "short.txt", folder / "long.txt"
        _write(short, account, owner_id, 0, SHORT)
        _write(long, account, owner_id, SHORT, size)
        _, short_mb = _import(environ, short, account)
        seconds, long_mb = _import(environ, long, account)
        bare = bare_inserts(folder / "bare.db", BARE_S)
    rival = "bare inserts, one a commit"
    return [
        Measure(f"statement of {size} payments, one purse", size / seconds, rival, bare, "/s"),
        Measure(f"peak memory at {SHORT} payments", short_mb, f"at {size}", long_mb, "MB", 0.7),
    ]


def _import(environ: Mapping[str, str], path: Path, account: str) -> tuple[float, float]:
    """Return the seconds and the megabytes that one import takes at most."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "k5web", "bank", "import", str(path), "--account", account]
    with subprocess.Popen(command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, path
    return time.perf_counter() - began, _megabytes(used)


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024


def _write(path: Path, account: str, owner_id: int, first: int, size: int) -> None:
    head = [SIGNATURE, "ВерсияФормата=1.03", "Кодировка=Windows", f"РасчСчет={account}"]
    with path.open("w", encoding="cp1251", newline="\r\n") as file:
        file.write("\n".join(head) + "\n")
        file.write(
            f"СекцияРасчСчет\nРасчСчет={account}\nНачальныйОстаток=0.00\nВсегоПоступило={size * 100}.00\n"
            f"ВсегоСписано=0.00\nКонечныйОстаток={size * 100}.00\nКонецРасчСчет\n"
        )
        for number in range(first, first + size):
            file.write(
                f"СекцияДокумент=Платежное поручение\nНомер={number}\nДата=20.11.2020\nСумма=100.00\n"
                f"ПлательщикСчет=40702810500000000001\nПлательщик1=ООО Ромашка\nПлательщикИНН=5433118499\n"
                f"ПлательщикБИК=044525593\nПолучательСчет={account}\nДатаПоступило=20.11.2020\n"
                f"НазначениеПлатежа=Пополнение лицевого счета {owner_id}. Услуги связи. Без НДС\nКонецДокумента\n"
            )
        file.write("КонецФайла\n")
