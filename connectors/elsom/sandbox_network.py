"""The simulated wallet's line to K5: it pays in the partner's dialect and writes the day's register."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring

from connectors.elsom import osmp4, wire
from connectors.elsom.k5json import OPERATIONS, signature
from k5web.domain.money import Money
from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Remote

K5: Final = Remote("k5", (3.0, 60.0))


@dataclass(frozen=True, slots=True)
class Answer:
    """What K5 said. `code` is the dialect's: "0" is success."""

    code: str
    text: str = ""
    name: str = ""  # whose account it is
    number: str = ""  # K5's number of the payment

    @property
    def is_success(self) -> bool:
        """True where the payment is possible, made, or taken back."""
        return self.code == "0"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the day's register."""

    number: str
    at: datetime
    account: str
    amount: str
    kind: str  # P, C


@dataclass
class Network:
    """One biller partner as the wallet knows it."""

    table: Mapping[str, Any]
    k5_url: str
    clock: Callable[[], datetime]
    entries: list[Entry] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Return the address where K5 takes this partner's requests."""
        return f"{self.k5_url}/hooks/elsom/{self.table['code']}"

    def new_number(self) -> str:
        """Return a payment number nobody had."""
        return f"ELS-{secrets.randbelow(10**12):012d}"

    def check(self, account: str, amount: str) -> Answer:
        """Ask whether the account may be paid, and whose it is."""
        return self._send("check", self.new_number(), account, amount)

    def pay(self, number: str, account: str, amount: str, times: int = 1) -> Answer:
        """Pay; `times` above one sends the same payment again, as a wallet does that lost the answer."""
        answers = [self._send("pay", number, account, amount) for _time in range(times)]
        if answers[-1].is_success:
            self.entries.append(Entry(number, self.clock(), account, amount, "P"))
        return answers[-1]

    def cancel(self, number: str) -> Answer:
        """Take a payment back."""
        answer = self._send("cancel", number, "", "")
        paid = next((entry for entry in self.entries if entry.number == number), None)
        if answer.is_success and paid and len([entry for entry in self.entries if entry.number == number]) == 1:
            self.entries.append(Entry(number, self.clock(), paid.account, f"-{paid.amount}", "C"))
        return answer

    def write_register(self, folder: str) -> Path:
        """Write today's register as the wallet sends it, and return where it is."""
        today = self.clock().astimezone(wire.BISHKEK)
        path = Path(folder) / f"ELSOM_{self.table.get('service', self.table['code'])}_{today:%Y%m%d}1.csv"
        rows, minor = [], 0
        for entry in self.entries:
            at = entry.at.astimezone(wire.BISHKEK)
            cells = (entry.number, f"{at:%d.%m.%Y}", f"{at:%H:%M:%S}", entry.account, entry.amount, entry.kind)
            rows.append("\t".join(cells))
            minor += int(entry.amount.replace(".", ""))
        total = Money(minor, wire.CURRENCY)
        path.write_text("".join(f"{row}\r\n" for row in [*rows, f"Total:\t{len(rows)}\t{total}"]), "utf-8")
        return path

    def _send(self, operation: str, number: str, account: str, amount: str) -> Answer:
        send = self._send_json if self.table["protocol"] == "k5json" else self._send_xml
        try:
            return send(operation, number, account, amount)
        except (ProviderRefused, ProviderUnknown) as error:
            return Answer("-1", str(error.facts["reason"]))

    def _send_json(self, operation: str, number: str, account: str, amount: str) -> Answer:
        members: dict[str, str] = {} if operation == "check" else {"TrnID": number}
        if operation == "cancel":
            members |= {"CancelTrnID": self.new_number(), "Reason": "возврат"}
        else:
            members |= {"Account": account, "Amount": amount, "Currency": wire.CURRENCY}
        if operation == "pay":
            members["TrnDate"] = wire.stamp(self.clock())
        body = json.dumps({OPERATIONS[operation]: members}, ensure_ascii=False).encode()
        timestamp = str(int(self.clock().timestamp()))
        sign = signature(self.table["secrets"][0], urlsplit(self.address).path, timestamp, body).decode()
        headers = {"X-K5-Timestamp": timestamp, "X-K5-Signature": sign, "Content-Type": "application/json"}
        answer = K5.request("POST", self.address, data=body, headers=headers)
        if answer.status != HTTPStatus.OK:
            return Answer("-1", f"HTTP {answer.status}")
        response = json.loads(answer.body)["Response"]
        result = response.get("Result", {})
        return Answer(
            response["ErrorCode"], response["ErrorMsg"], result.get("AccountName", ""), result.get("PartnerTrnID", "")
        )

    def _send_xml(self, operation: str, number: str, account: str, amount: str) -> Answer:
        root = Element("request")
        SubElement(root, "protocol-version").text = osmp4.VERSION
        kinds = {"check": osmp4.CHECK, "pay": osmp4.PAY, "cancel": osmp4.CANCEL}
        SubElement(root, "request-type").text = kinds[operation]
        SubElement(root, "terminal-id").text = "9001"
        credentials = {"login": self.table["login"], "password-md5": osmp4.password_md5(self.table["secrets"][0])}
        for name, value in credentials.items():
            SubElement(root, "extra", name=name).text = value.decode() if isinstance(value, bytes) else value
        SubElement(root, "transaction-number").text = number
        if operation != "cancel":
            to = SubElement(root, "to")
            SubElement(to, "service-id").text = self.table["service"]
            SubElement(to, "amount", {"currency-code": wire.CURRENCY_CODE}).text = amount
            SubElement(to, "account-number").text = account
        receipt = SubElement(root, "receipt")
        SubElement(receipt, "receipt-number").text = number
        SubElement(receipt, "datetime").text = wire.stamp(self.clock())
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        body = tostring(root, "utf-8", xml_declaration=True)
        answer = K5.request("POST", self.address, data=body, headers=headers)
        if answer.status != HTTPStatus.OK:
            return Answer("-1", f"HTTP {answer.status}")
        found = fromstring(answer.body)
        return Answer(found.findtext("result-code", ""), "", found.findtext("extra", ""), found.findtext("txn-id", ""))
