"""The biller profile K5 offers to the wallet: one JSON root key per operation, a signature over the raw body."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

from connectors.elsom import wire
from connectors.elsom.biller import Biller
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    Notice,
    NoticeOutcome,
    Paid,
    Possible,
    Query,
    Refusal,
    Refused,
    Standing,
    Undone,
    WireRequest,
    WireResponse,
)
from k5web.errors import ForgedNotice, MalformedNotice, WrongKey

KEYS: Final = frozenset({"names", "codes", "signed", "authentication"})

CLOCK_WINDOW_S: Final = 300

OPERATIONS: Final = {"check": "BillerCheck", "pay": "BillerPay", "status": "BillerStatus", "cancel": "BillerCancel"}

NAMES: Final = {  # our name of a member: the wire's, which a partner may set otherwise
    **OPERATIONS,
    "txn_id": "TrnID",
    "account": "Account",
    "account_type": "AccountType",
    "amount": "Amount",
    "currency": "Currency",
    "date": "TrnDate",
    "code": "PaymentCode",
    "cancel_txn_id": "CancelTrnID",
}

CODES: Final = {
    Refusal.LATER: "1",
    Refusal.ACCOUNT_FORMAT: "4",
    Refusal.ACCOUNT_UNKNOWN: "5",
    Refusal.UNKNOWN_PAYMENT: "5",
    Refusal.CLOSED: "7",
    Refusal.ACCOUNT_INACTIVE: "79",
    Refusal.SUM_TOO_SMALL: "241",
    Refusal.SUM_TOO_LARGE: "242",
    Refusal.CANNOT_CANCEL: "251",
    Refusal.CANCELLED_BEFORE: "300",
    Refusal.WRONG_CURRENCY: "300",
    Refusal.CONFLICT: "300",
    Refusal.MALFORMED: "300",
    Refusal.FORGED: "300",  # never sent: a forged request gets HTTP 403 and no body
}

ACCOUNT_TYPES: Final = {"": "", "k5": "id", "phone": "phone", "inn": "inn"}

_KEY = re.compile(r"[A-Za-z0-9._-]{1,32}", re.ASCII)
_JSON: Final = "application/json; charset=utf-8"


class JsonBiller(Biller):
    """A wallet that pays to our accounts in our own profile."""

    def __init__(self, table: PartnerTable) -> None:
        """Raises: WrongKey."""
        super().__init__(table, "k5json")
        self._names = table.names("names", NAMES)
        self._codes = table.names("codes", {code: code for code in CODES.values()} | {"0": "0"})
        is_by_address = table.choice("authentication", {"signature", "address"}, "signature") == "address"
        self._is_signed = table.truth("signed", not is_by_address)
        if self._is_signed and is_by_address:
            raise WrongKey(key="authentication", reason="address goes with signed = false")
        if self._is_signed:
            self._needs_secret("the key of the signature")

    def read(self, request: WireRequest) -> Notice:
        """Return what the wallet says. Raises: ForgedNotice, MalformedNotice."""
        if self._is_signed:
            self._check_signature(request)
        if request.method != "POST":
            raise MalformedNotice(reason="only POST is expected")
        root, members = wire.one_root(request.body)
        operation = next((ours for ours in OPERATIONS if self._names[ours] == root), None)
        match operation:
            case "check":
                return self._check(members)
            case "pay":
                return self._pay(members)
            case "status":
                return Query(self._key(members, "txn_id"))
            case "cancel":
                return Cancelled(self._key(members, "txn_id"), cancel_key=self._key(members, "cancel_txn_id"))
        raise MalformedNotice(reason=f"{root[:40]} is not an operation")

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the envelope; HTTP 200 for everything but a forged request."""
        match outcome:
            case Refused(why=Refusal.FORGED):
                return WireResponse(status=403)
            case Refused(why=Refusal.MALFORMED) if self._is_check(request):  # it moves nothing and may be mended
                return self._envelope(CODES[Refusal.LATER], "cannot be read")
            case Refused(why=why, text=text):
                return self._envelope(CODES[why], text or why.value.replace("_", " "))
            case Possible(name=name, minimum=minimum, maximum=maximum):
                return self._success(AccountName=name, MinAmount=str(minimum), MaxAmount=str(maximum))
            case Credited(number=number, amount=amount, at=at):
                return self._success(PartnerTrnID=str(number), Amount=str(amount), TrnDate=wire.stamp(at))
            case Undone():
                return self._success(State="cancelled")
            case Standing(state=state, number=number, amount=amount):
                facts = {"PartnerTrnID": str(number), "Amount": str(amount)} if number is not None else {}
                return self._success(State=state, **facts)
        return self._success()

    def _is_check(self, request: WireRequest) -> bool:
        try:
            root, _ = wire.one_root(request.body)
        except MalformedNotice:
            return False
        return root == self._names["check"]

    def _check(self, members: Mapping[str, Any]) -> Check:
        return Check(
            account=self._member(members, "account"),
            amount=self._amount(members) if self._member(members, "amount", "") else None,
            account_type=self._account_type(members),
        )

    def _pay(self, members: Mapping[str, Any]) -> Paid:
        return Paid(
            key=self._key(members, "txn_id"),
            account=self._member(members, "account"),
            amount=self._amount(members),
            occurred_at=wire.moment(self._member(members, "date", "")),
            account_type=self._account_type(members),
            payment_code=self._member(members, "code", ""),
        )

    def _amount(self, members: Mapping[str, Any]) -> Money:
        return wire.sum_of(self._member(members, "amount"), self._member(members, "currency"))

    def _account_type(self, members: Mapping[str, Any]) -> str:
        found = self._member(members, "account_type", "")
        if found not in ACCOUNT_TYPES:
            raise MalformedNotice(reason="an unknown account type")
        return ACCOUNT_TYPES[found]

    def _key(self, members: Mapping[str, Any], name: str) -> str:
        found = self._member(members, name)
        if not _KEY.fullmatch(found):
            raise MalformedNotice(reason=f"{self._names[name]} must be 1 to 32 letters or digits")
        return found

    def _member(self, members: Mapping[str, Any], name: str, default: str | None = None) -> str:
        found = members.get(self._names[name], default)
        if not isinstance(found, str):
            raise MalformedNotice(reason=f"{self._names[name]} is missing or no text")
        return found

    def _check_signature(self, request: WireRequest) -> None:
        """Check the signature over method, path, time and the raw body; the time may be five minutes off."""
        timestamp = request.headers.get("x-k5-timestamp", "")
        given = request.headers.get("x-k5-signature", "")
        if not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
            raise ForgedNotice(reason="no time")
        if abs(int(timestamp) - int(request.at.timestamp())) > CLOCK_WINDOW_S:
            raise ForgedNotice(reason="the time is too far off")
        if not any(
            hmac.compare_digest(signature(secret, request.path, timestamp, request.body), given.encode())
            for secret in self.partner.secrets
        ):
            raise ForgedNotice(reason="the signature does not fit")

    def _success(self, **result: str) -> WireResponse:
        return self._envelope("0", "OK", result)

    def _envelope(self, code: str, text: str, result: Mapping[str, str] | None = None) -> WireResponse:
        return WireResponse(wire.envelope(self._codes[code], text, result), _JSON)


def signature(secret: str, path: str, timestamp: str, body: bytes) -> bytes:
    """Return the signature of a request, as lower-case hex."""
    text = f"POST\n{path}\n{timestamp}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().encode()
