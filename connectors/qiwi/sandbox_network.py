"""The simulated network: its terminal checks an account, pays, cancels, and writes the register of the day."""

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from defusedxml.ElementTree import ParseError, fromstring

from connectors.qiwi import wire
from connectors.qiwi.osmp import signed_text
from connectors.qiwi.sandbox_courier import deliver, send
from k5web.domain.money import Money
from k5web.domain.payments.sandbox import SandboxOptions

UNANSWERED = -1
NOT_FINAL = {UNANSWERED, 1, 90}
MEANINGS = {  # what the terminal shows
    UNANSWERED: "нет ответа: платёж будет повторён",
    0: "принято",
    1: "временная ошибка: платёж будет повторён",
    4: "неверный формат номера счёта",
    5: "счёт не найден",
    7: "приём платежа запрещён",
    79: "счёт не активен",
    90: "проведение платежа не окончено",
    241: "сумма слишком мала",
    242: "сумма слишком велика",
    251: "отмена невозможна",
    300: "ошибка провайдера",
}


@dataclass
class Payment:
    """One payment at the terminal."""

    txn_id: str
    account: str
    amount: str
    at: datetime  # by the network's clock
    result: int = UNANSWERED
    number: str = ""  # K5's
    comment: str = ""
    is_cancelled: bool = False

    @property
    def meaning(self) -> str:
        """Return what the terminal shows."""
        return "отменён" if self.is_cancelled else MEANINGS.get(self.result, f"отказ {self.result}")


class Network:
    """One partner that speaks the provider protocol to K5."""

    def __init__(self, table: Mapping[str, Any], options: SandboxOptions) -> None:
        self.code: str = table["code"]
        self.title: str = table.get("title", self.code)
        self.currency: str = table.get("currency", "RUB")
        self.can_cancel = table.get("cancel") == "txn_id"
        self.payments: list[Payment] = []
        self._table = table
        self._options = options
        self._zone = ZoneInfo(table.get("zone", "Europe/Moscow"))
        self._numbers = itertools.count(int(options.clock().timestamp() * 1000) * 1000)  # new ones after each start
        self._lock = threading.Lock()

    def check(self, account: str, amount: str) -> tuple[int, str]:
        """Ask whether the account may be paid; return the code and K5's comment."""
        request = {"command": "check", "txn_id": str(next(self._numbers)), "account": account, "sum": amount}
        answer = self._ask(request)
        return int(answer.get("result", UNANSWERED)), answer.get("comment", "")

    def pay(self, account: str, amount: str, delay_s: float = 0, copies: int = 1) -> Payment:
        """Pay: a lost answer and code 1 are repeated until K5 says something final, copies come beside them."""
        at = self._options.clock().astimezone(self._zone)
        payment = Payment(str(next(self._numbers)), account, amount, at)
        self.payments.append(payment)
        deliver(lambda: self._deliver(payment), delay_s, copies)
        return payment

    def cancel(self, txn_id: str) -> int:
        """Take a payment back; return the code."""
        request = {"command": "cancel", "txn_id": str(next(self._numbers)), "cancel_txn_id": txn_id}
        result = int(self._ask(request).get("result", UNANSWERED))
        for payment in self.payments:
            if payment.txn_id == txn_id and result == 0:
                payment.is_cancelled = True
        return result

    def register(self, day: str) -> Path | None:
        """Return the register of a day (YYYYMMDD), None where nothing was paid."""
        path = self._register_path(day)
        return path if day.isascii() and day.isdigit() and path.exists() else None

    def _deliver(self, payment: Payment) -> bool:
        """Send the payment once; return whether the answer is final."""
        answer = self._ask(
            {
                "command": "pay",
                "txn_id": payment.txn_id,
                "txn_date": f"{payment.at:%Y%m%d%H%M%S}",
                "account": payment.account,
                "sum": payment.amount,
            }
        )
        result = int(answer.get("result", UNANSWERED))
        with self._lock:
            is_first = result == 0 and payment.result != 0
            payment.result, payment.number = result, answer.get("prv_txn", "")
            payment.comment = answer.get("comment", "")
            if is_first:
                self._write(payment)
        return result not in NOT_FINAL

    def _ask(self, request: dict[str, str]) -> Mapping[str, str]:
        """Return the elements of K5's answer; none where there is no answer that can be read."""
        headers = {}
        secret = next(iter(self._table.get("secrets", [])), "")
        match self._table.get("authentication"):
            case "basic":
                headers["Authorization"] = wire.basic(self._table["login"], secret)
            case "md5":
                request = request | {"sign": wire.md5(signed_text(request) + secret)}
        url = f"{self._options.k5_url}/hooks/qiwi/{self.code}"
        answer = send("GET", url, params=request, headers=headers)
        if answer is None or answer.status != 200:
            return {}
        try:
            return {child.tag: child.text or "" for child in fromstring(answer.body, forbid_dtd=True)}
        except ParseError:
            return {}

    def _write(self, payment: Payment) -> None:
        """Add a line to the register of its day, with the total anew."""
        path = self._register_path(f"{payment.at:%Y%m%d}")
        lines = path.read_text("utf-8").splitlines()[:-1] if path.exists() else []
        columns = payment.txn_id, f"{payment.at:%d.%m.%Y}", f"{payment.at:%H:%M:%S}", payment.account, payment.amount
        lines.append("\t".join(columns))
        minor = sum(int(line.rpartition("\t")[2].replace(".", "")) for line in lines)
        lines.append(f"Total:\t{len(lines)}\t{Money(minor, 'RUB')}")
        new = path.with_suffix(".new")
        new.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
        new.replace(path)

    def _register_path(self, day: str) -> Path:
        return Path(self._options.folder) / f"QIWI_{self.code}_{day}1.csv"
