"""Pull REST v2, the oldest of the bills: forms in, JSON out; a notice is signed over all its parameters."""

import re
from collections.abc import Mapping
from enum import Enum
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from connectors.qiwi import wire
from connectors.qiwi.bills import COMMENT, Bills, believed, expiry, refund_id
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, Seen, Started
from k5web.domain.payments.notice import (
    Ignored,
    Notice,
    NoticeOutcome,
    OrderEnded,
    OrderPaid,
    Refusal,
    Refused,
    WireRequest,
    WireResponse,
)
from k5web.domain.payments.top_up import RefundState, TopUp, TopUpState
from k5web.errors import ForgedNotice, MalformedNotice, NumberUsed, ProviderRefused, ProviderUnknown

KEYS = frozenset({"base_url", "page_url", "site", "login", "password", "authentication", "seller"})

STATES = {
    "waiting": TopUpState.WAITING,
    "paid": TopUpState.PAID,
    "rejected": TopUpState.DECLINED,
    "unpaid": TopUpState.DECLINED,
    "expired": TopUpState.EXPIRED,
}
REFUND_STATES = {"processing": RefundState.UNDER_WAY, "success": RefundState.DONE, "fail": RefundState.FAILED}
# What our notices' answers say. Nothing is repeated after 0 alone
NOTICE_CODES = {
    Refusal.FORGED: 151,
    Refusal.MALFORMED: 5,
    Refusal.UNKNOWN_PAYMENT: 5,
    Refusal.LATER: 13,
}
WRONG_PASSWORD = 150


class CodeMeaning(Enum):
    """What a code of the interface means for what was asked."""

    DONE = "done"
    REFUSED = "refused"  # fatal: the same will fail again
    LATER = "later"  # not fatal
    ABSENT = "absent"
    THERE = "there"  # the number is known, with other facts


# Beware: 300 is final in the provider protocol and not here
CODES: Mapping[str, CodeMeaning] = {
    "0": CodeMeaning.DONE,
    **dict.fromkeys(("13", "152", "300", "316", "319", "1003"), CodeMeaning.LATER),
    **dict.fromkeys(
        (
            *("5", "78", "150", "155", "241", "242", "298", "303", "339", "341", "700", "774", "934", "1001", "1018"),
            *("1019", "1419"),
        ),
        CodeMeaning.REFUSED,
    ),
    "210": CodeMeaning.ABSENT,
    "215": CodeMeaning.THERE,
}

_BILL = re.compile(r"[A-Za-z0-9._-]{1,200}", re.ASCII)
_REFUND_LENGTH = 9


class Pull(Bills):
    """One shop of the Pull interface."""

    protocol = "pull"

    def __init__(self, table: PartnerTable, opening: Opening) -> None:
        """Raises: WrongKey."""
        super().__init__(table, opening)
        self._page_url = table.address("page_url") if table.text("page_url", "") else "https://oplata.qiwi.com"
        self._is_basic = table.choice("authentication", {"basic", "signature"}, "signature") == "basic"
        self._seller = table.text("seller", "K5")
        self._path = ("api", "v2", "prv", self.site, "bills")

    def _authorization(self, table: PartnerTable) -> str:
        return wire.basic(table.text("login"), table.text("password"))

    def read(self, request: WireRequest) -> Notice:
        """Return what became of the bill. Raises: ForgedNotice, MalformedNotice."""
        sent = self._authentic(request)
        reference, state = sent.get("bill_id", ""), STATES.get(sent.get("status", ""))
        if sent.get("command") != "bill" or not _BILL.fullmatch(reference) or state is None:
            raise MalformedNotice(reason="command, bill_id or status")
        amount = wire.sum_of(sent.get("amount", ""), sent.get("ccy", ""))
        if state is TopUpState.PAID:
            return OrderPaid(reference, amount, provider_id=reference)
        if state is TopUpState.WAITING:
            return Ignored("the bill waits")
        return OrderEnded(reference, "declined" if state is TopUpState.DECLINED else "expired")

    def _authentic(self, request: WireRequest) -> Mapping[str, str]:
        """Return a notice's parameters, its sender proved by the one means the partner has."""
        try:
            sent = {} if request.method != "POST" or request.query else wire.parameters(request)
        except MalformedNotice as error:  # what cannot be read cannot have been signed
            raise ForgedNotice(reason="signature") from error
        if self._is_basic:
            header = request.headers.get("authorization", "")
            if not wire.is_basic(header, self.site, self.partner.secrets):
                raise ForgedNotice(reason="password")
            return sent
        given = request.headers.get("x-api-signature", "")
        if not sent or not wire.is_signed(given, signed_text(sent), self.partner.secrets, "sha1", "base64"):
            raise ForgedNotice(reason="signature")
        return sent

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the result code; 0 also for what no repeat would mend."""
        code, status = 0, 200
        if isinstance(outcome, Refused):
            code = NOTICE_CODES.get(outcome.why, 0)
            if outcome.why is Refusal.FORGED:
                code, status = (WRONG_PASSWORD, 401) if self._is_basic else (code, 403)
        root = Element("result")
        wire.add(root, "result_code", str(code))
        return wire.xml_answer(root, status)

    def cancel(self, top_up: TopUp) -> None:
        """Reject the bill that nobody has paid yet. Raises: ProviderRefused, ProviderUnknown."""
        if self._ask("PATCH", top_up.number, data={"status": "rejected"}) is None:
            raise ProviderRefused(reason="there is no such bill")

    def start(self, top_up: TopUp) -> Started:
        """Make out the bill. Raises: NumberUsed, ProviderRefused, ProviderUnknown."""
        if not top_up.payer_phone:
            raise ProviderRefused(reason="a bill is made out to a phone, and there is none")
        expires_at = expiry(top_up, self._clock())
        content = {
            "user": f"tel:+{top_up.payer_phone}",
            "amount": str(top_up.amount),
            "ccy": top_up.amount.currency,
            "comment": COMMENT,
            "lifetime": f"{expires_at:%Y-%m-%dT%H:%M:%S}",
            "prv_name": self._seller,
        }
        answer = self._ask("PUT", top_up.number, data=content)
        if answer is None:
            raise ProviderRefused(reason="there is no such shop")
        state, amount = _bill(answer, top_up)
        if amount != top_up.amount or state is not TopUpState.WAITING or not _is_ours(answer, top_up):
            raise NumberUsed(reason=top_up.number)
        page = {"shop": self.site, "transaction": top_up.number}
        back = {"successUrl": top_up.return_url, "failUrl": top_up.return_url}
        return Started(top_up.number, f"{self._page_url}/form?{urlencode(page | back)}", expires_at=expires_at)

    def _find(self, top_up: TopUp) -> Seen | None:
        answer = self._ask("GET", top_up.number)
        if answer is None:
            return None
        state, amount = _bill(answer, top_up)
        if not _is_ours(answer, top_up):
            return Seen(TopUpState.UNCLEAR, provider_id=top_up.number, is_foreign=True)
        return Seen(state, amount if state is TopUpState.PAID else None, provider_id=top_up.number)

    def _refund_state(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        answer = self._ask("GET", top_up.number, "refund", refund_id(refund_key, _REFUND_LENGTH))
        return RefundState.ABSENT if answer is None else _given_back(answer, amount)

    def _refund(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        path = top_up.number, "refund", refund_id(refund_key, _REFUND_LENGTH)
        answer = self._ask("PUT", *path, data={"amount": str(amount)})
        if answer is None:
            raise ProviderRefused(reason="there is no such bill")
        return _given_back(answer, amount)

    def _ask(self, method: str, *path: str, **content: Mapping[str, str]) -> Mapping[str, object] | None:
        """Return the envelope's inside, None where the thing is not found. Raises: ProviderRefused, ProviderUnknown."""
        found = self._api.ask(method, *self._path, *path, **content)
        if found is None:
            return None
        inside = believed(lambda: wire.part(found, "response"))
        code = believed(lambda: wire.at(inside, "result_code"))
        match CODES.get(code):
            case CodeMeaning.DONE:
                return inside
            case CodeMeaning.ABSENT:
                return None
            case CodeMeaning.REFUSED:
                raise ProviderRefused(reason=f"code {code}")
            case CodeMeaning.THERE:
                raise NumberUsed(reason=f"code {code}")
        raise ProviderUnknown(reason=f"code {wire.plain(code)}")


def signed_text(sent: Mapping[str, str]) -> str:
    """Return what a notice's signature covers: all values in the order of their names."""
    return "|".join(sent[name] for name in sorted(sent))


def _bill(answer: Mapping[str, object], top_up: TopUp) -> tuple[TopUpState, Money]:
    """Return state and sum of the bill in an answer. Raises: ProviderUnknown."""
    bill = believed(lambda: wire.part(answer, "bill"))
    state = STATES.get(believed(lambda: wire.at(bill, "status")))
    if state is None or believed(lambda: wire.at(bill, "bill_id")) != top_up.number:
        raise ProviderUnknown(reason="the answer speaks of another bill, or in unknown words")
    return state, believed(lambda: wire.sum_of(wire.at(bill, "amount"), wire.at(bill, "ccy")))


def _is_ours(answer: Mapping[str, object], top_up: TopUp) -> bool:
    """Return whether the bill is made out to our payer: this interface tells no date to know it by."""
    payer = believed(lambda: wire.part(answer, "bill")).get("user")
    return payer == f"tel:+{top_up.payer_phone}" if isinstance(payer, str) else bool(top_up.mark)


def _given_back(answer: Mapping[str, object], amount: Money) -> RefundState:
    """Return where the refund stands. Raises: ProviderUnknown."""
    refund = believed(lambda: wire.part(answer, "refund"))
    state = REFUND_STATES.get(believed(lambda: wire.at(refund, "status")))
    if state is None:
        raise ProviderUnknown(reason="the refund is in an unknown state")
    if believed(lambda: wire.sum_of(wire.at(refund, "amount"), amount.currency)) != amount:
        raise ProviderUnknown(reason="the refund is another")
    return state
