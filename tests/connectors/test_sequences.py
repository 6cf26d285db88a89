"""What networks ask one after the other, and the code each protocol answers: no answer comes from memory that is stale.

B6 and C5 of the field: what was taken back is not "paid" when it is asked again; a check judges the account, and a
sum where there is one; a final code stands only for what is final.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest
from defusedxml.ElementTree import fromstring

from k5web.domain.money import Money
from k5web.domain.payments.notice import WireRequest
from k5web.services.books.verify import verify
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.qiwi.wire_requests import JSON, OSMP
from tests.connectors.test_contract import ELSOM, OF_WALLET, QIWI, WALLET, osmp4, posted
from tests.connectors.trial import PHONES, Case, Told, Trial

ACCOUNT = PHONES["KGS"]


@dataclass(frozen=True)
class Network:
    """One protocol: how it asks, and how its answer's code reads."""

    case: Case
    ask: Callable[[str, str, str | None, str], WireRequest]  # what, number, sum, account
    code: Callable[[bytes], str]


def ask_osmp(what: str, number: str, amount: str | None, account: str) -> WireRequest:
    sent = {"command": what, "txn_id": number, "account": account}
    if what == "cancel":
        sent = {"command": what, "txn_id": "9" + number, "cancel_txn_id": number}
    if amount is not None:
        sent["sum"] = amount
    return replace(posted(b"", ""), method="GET", query=urlencode(sent), headers={})


def ask_osmp4(what: str, number: str, amount: str | None, account: str) -> WireRequest:
    told = Told(number, account, Money(25000, "KGS"), 0)
    body = osmp4(told, "k5-elsom-password").body.decode()
    kinds = {"check": "1", "pay": "2", "cancel": "3", "status": "2"}
    body = body.replace("<request-type>2<", f"<request-type>{kinds[what]}<")
    if what == "status":
        body = body.replace("<terminal-id>", "<status/><terminal-id>")
    whole = '<amount currency-code="417">250.00</amount>'
    return posted(body.replace(whole, "" if amount is None else whole.replace("250.00", amount)).encode(), "text/xml")


def ask_k5json(what: str, number: str, amount: str | None, account: str) -> WireRequest:
    members = {"TrnID": number, "Account": account, "Currency": "KGS", "Amount": amount}
    operation = {"check": "BillerCheck", "pay": "BillerPay", "cancel": "BillerCancel", "status": "BillerStatus"}[what]
    if what == "cancel":
        members = {"TrnID": number, "CancelTrnID": f"C{number}", "Reason": ""}
    body = {operation: {name: value for name, value in members.items() if value is not None}}
    return posted(json.dumps(body).encode(), JSON)


def code_of_osmp(body: bytes) -> str:
    return fromstring(body).findtext("result") or ""


def code_of_osmp4(body: bytes) -> str:
    answer = fromstring(body)
    return f"{answer.findtext('status-id')}/{answer.findtext('result-code')}"


def code_of_k5json(body: bytes) -> str:
    response = json.loads(body)["Response"]
    return "/".join(
        [response["ErrorCode"], *([response["Result"]["State"]] if "State" in response.get("Result", {}) else [])]
    )


NETWORKS = {
    "osmp": Network(
        Case("osmp", QIWI, OSMP | {"cancel": "txn_id", "status": True}, lambda *_: posted(b"", "")),
        ask_osmp, code_of_osmp,
    ),
    "osmp4": Network(
        Case("osmp4", ELSOM, WALLET | OF_WALLET | {"protocol": "osmp4"}, lambda *_: posted(b"", "")),
        ask_osmp4, code_of_osmp4,
    ),
    "k5json": Network(
        Case("k5json", ELSOM, WALLET | {"protocol": "k5json", "signed": False}, lambda *_: posted(b"", "")),
        ask_k5json, code_of_k5json,
    ),
}  # fmt: skip

# Said one after the other, and the code of each answer: osmp, osmp4, k5json
PAY, PAY_MORE, CANCEL, CHECK, STATUS = (
    ("pay", "250.00"),
    ("pay", "251.00"),
    ("cancel", None),
    ("check", "250.00"),
    ("status", None),
)
PAID = ("0", "60/0", "0")
GONE = ("7", "160/240", "300")
UNKNOWN = ("5", "160/203", "5")
CONFLICT = ("300", "160/202", "300")
UNDONE = ("0", "60/0", "0/cancelled")
Step = tuple[tuple[str, str | None], tuple[str, str, str]]
SEQUENCES: dict[str, list[Step]] = {
    "paid, and the answer was lost": [(PAY, PAID), (PAY, PAID), (STATUS, ("0", "60/0", "0/paid"))],
    "taken back, and asked again": [(PAY, PAID), (CANCEL, UNDONE), (PAY, GONE), (PAY, GONE)],
    "taken back twice": [(PAY, PAID), (CANCEL, UNDONE), (CANCEL, UNDONE), (PAY, GONE)],
    "taken back, and asked how it stands": [(PAY, PAID), (CANCEL, UNDONE), (STATUS, ("7", "160/240", "0/cancelled"))],
    "taken back, and asked with another sum": [(PAY, PAID), (CANCEL, UNDONE), (PAY_MORE, CONFLICT), (PAY, GONE)],
    "taken back before it came": [(CANCEL, UNKNOWN), (PAY, GONE), (CANCEL, UNKNOWN), (PAY, GONE)],
    "never heard of": [(STATUS, ("1", "160/203", "0/absent")), (PAY, PAID)],
    "another sum under a known number": [(PAY, PAID), (PAY_MORE, CONFLICT), (PAY, PAID)],
    "checked between": [(PAY, PAID), (CANCEL, UNDONE), (CHECK, ("0", "30/0", "0")), (PAY, GONE)],
}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Network:
    return NETWORKS[request.param]


@pytest.fixture
def trial(network: Network, sqlite_sessions: Sessions, clock: Clock) -> Trial:
    return Trial(sqlite_sessions, clock, network.case)


def say(
    trial: Trial, network: Network, what: str, amount: str | None, number: str = "7001", account: str = ACCOUNT
) -> str:
    """Ask, and return the answer's code."""
    return network.code(trial.deliver(network.ask(what, number, amount, account)).body)


@pytest.mark.parametrize("name", SEQUENCES)
def test_b6_each_answer_tells_how_it_stands_now(name: str, trial: Trial, network: Network) -> None:
    place = list(NETWORKS).index(network.case.name)
    for step, ((what, amount), codes) in enumerate(SEQUENCES[name]):
        assert say(trial, network, what, amount) == codes[place], f"{name}, step {step}"
    told = [what for (what, _), codes in SEQUENCES[name] if codes in (PAID, UNDONE)]
    assert trial.balance() == trial.money("0.00" if "cancel" in told else SUM_OF.get(name, "250.00"))
    assert verify(trial.ports) == []


SUM_OF = {"taken back before it came": "0.00"}


@pytest.mark.parametrize("amount", [None, "", "0", "0.0", "0.00"])
def test_c5_a_check_without_a_sum_judges_the_account_alone(amount: str | None, trial: Trial, network: Network) -> None:
    good = {"osmp": "0", "osmp4": "30/0", "k5json": "0"}[network.case.name]
    assert say(trial, network, "check", amount) == good
    unknown = {"osmp": "5", "osmp4": "160/5", "k5json": "5"}[network.case.name]
    assert say(trial, network, "check", amount, account="996555999999") == unknown
    assert say(trial, network, "pay", amount) != good


@pytest.mark.parametrize(("amount", "why"), [("9.99", "small"), ("15000.01", "large"), ("0.01", "small")])
def test_c5_a_check_with_a_sum_judges_the_sum(amount: str, why: str, trial: Trial, network: Network) -> None:
    codes = {"small": ("241", "160/241", "241"), "large": ("242", "160/275", "242")}[why]
    for what in ("check", "pay"):
        assert say(trial, network, what, amount) == codes[list(NETWORKS).index(network.case.name)]


@pytest.mark.parametrize("amount", ["500", "500.0", "500.5", "500.50", "500.05"])
def test_c5_a_sum_of_up_to_two_decimals_is_one_sum(amount: str, trial: Trial, network: Network) -> None:
    meant = {"500": "500.00", "500.0": "500.00", "500.5": "500.50"}.get(amount, amount)
    paid = say(trial, network, "pay", amount)
    assert trial.balance() == trial.money(meant)
    assert say(trial, network, "pay", meant) == paid, "the same payment, written otherwise"
    assert trial.balance() == trial.money(meant)


WRONG = [
    "500.",
    ".5",
    "0500",
    "0500.00",
    "00",
    "5e2",
    "５００",
    "500,00",
    "+500",
    "-500.00",
    "500.005",
    " 500",
    "5 00",
    "NaN",
    "x",
]


@pytest.mark.parametrize("amount", WRONG)
def test_c5_what_is_no_sum_is_refused_and_a_check_may_be_mended(amount: str, trial: Trial, network: Network) -> None:
    place = list(NETWORKS).index(network.case.name)
    if network.case.name != "osmp4" or amount == amount.strip():  # white space around an element's text is none of it
        assert say(trial, network, "pay", amount) == ("300", "160/202", "300")[place]
        assert say(trial, network, "check", amount) == ("1", "10/13", "1")[place]
        assert trial.balance() == trial.money("0.00")
