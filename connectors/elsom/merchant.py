"""K5 as a merchant of the wallet: it asks for a one-time code or a page, and looks whether it was paid.

The wallet's notice carries neither a signature nor a sum, so nothing is credited by it: the state query decides.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from connectors.elsom import elqr, ways, wire
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, Seen, Started
from k5web.domain.payments.notice import Look, Notice, NoticeOutcome, Refusal, Refused, WireRequest, WireResponse
from k5web.domain.payments.payment_way import Payer, Way
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import MalformedNotice, NumberUsed, ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Remote

NUMBER_USED: Final = "10"  # "duplicate" in the wallet's other protocol
UNKNOWN_PAYMENT, INTERNAL_FAILURE = "11003", "8000"
PAUSES_S: Final = (15, 60, 300, 900, 3600)  # seconds

KEYS: Final = frozenset(
    {
        "base_url", "init_url", "flow", "partner_code", "msisdn", "password", "cashier", "amount_format",
        "paid", "open", "code_life_s", "ca_file", *elqr.KEYS,
    }
)  # fmt: skip


class Merchant:
    """A wallet that is asked for a payment."""

    code = "elsom"

    def __init__(self, table: PartnerTable, opening: Opening) -> None:
        """Raises: WrongKey."""
        self.partner = table.partner({"merchant"})
        self.origin = f"{self.code}:{self.partner.code}"
        self.address = f"{self.code}-merchant"
        self._base_url = table.address("base_url")
        self._flow = table.choice("flow", {"otp", "redirect"}, "otp")
        self._init_url = table.address("init_url") if self._flow == "redirect" else ""
        self._partner_code = table.text("partner_code")
        self._msisdn = table.text("msisdn")
        self._password = table.text("password")
        self.partner = replace(self.partner, secrets=(*self.partner.secrets, self._password))  # never kept in a notice
        self._cashier = table.text("cashier", "K5")
        self._is_whole = table.choice("amount_format", {"decimal2", "integer"}, "decimal2") == "integer"
        self._paid = table.texts("paid", ("A",))
        self._open = table.texts("open", ("1",))
        self._code_life = timedelta(seconds=table.whole("code_life_s", 900))
        self._remote = Remote(self.origin, opening.timeout_s, table.text("ca_file", ""))
        self._qr = elqr.service(table)

    def read(self, request: WireRequest) -> Notice:
        """Return which payment to look at; the wallet's word about it is not believed. Raises: MalformedNotice."""
        root, members = wire.one_root(request.body)  # the content type is not asked: wrong ones were seen
        number = members.get("PartnerTrnID")
        if root != "PartnerPaymentResult" or not isinstance(number, str) or not 0 < len(number) <= 36:
            raise MalformedNotice(reason="PartnerPaymentResult with a PartnerTrnID is expected")
        receipt = members.get("PSPTrnID")  # what the payer reads in the SMS
        return Look(number, receipt=receipt if isinstance(receipt, str) else "")

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the wallet's envelope, always HTTP 200; only our own trouble asks for a repeat."""
        match outcome:
            case Refused(why=Refusal.LATER):
                body = wire.envelope(INTERNAL_FAILURE, "try again")
            case Refused():
                body = wire.envelope(UNKNOWN_PAYMENT, "unknown payment")
            case _:
                body = wire.envelope("0", "Success")
        return WireResponse(body, "application/json; charset=utf-8")

    def start(self, top_up: TopUp) -> Started:
        """Ask for a code, or for the wallet's page. Raises: NumberUsed, ProviderRefused, ProviderUnknown."""
        number = top_up.number
        order = {
            "PartnerTrnID": number,
            "CultureInfo": "ru-RU",
            "PartnerCode": self._partner_code,
            "ChequeNo": "",
            "Amount": self._amount(top_up.amount),
            "CashierNo": self._cashier,
            "UDF": top_up.reference,
            "Password": self._password,
        }
        qr = self._qr.link(account=number, amount=top_up.amount, transaction=number) if self._qr else ""
        expires_at = top_up.created_at + self._code_life
        if self._flow == "redirect":
            if not top_up.payer_phone:
                raise ProviderRefused(reason="the wallet's number is needed")
            order |= {"MSISDN": national(top_up.payer_phone), "PmSISDN": self._msisdn}
            page = self._ask(self._init_url, "IA_Init", order, "URL")
            if not page.startswith("https://"):
                raise ProviderRefused(reason="the answer's page is no https address")
            return Started(provider_id=number, pay_url=page, qr=qr, expires_at=expires_at)
        code = self._ask(self._base_url, "PartnerGenerateOTP", order | {"MSISDN": self._msisdn}, "OTP")
        return Started(provider_id=number, code=code, qr=qr, expires_at=expires_at)

    def look(self, top_up: TopUp) -> Seen:
        """Ask what became of a payment. Raises: ProviderUnknown."""
        number = top_up.provider_id or top_up.number
        question = {
            "CultureInfo": "ru-RU",
            "MSISDN": self._msisdn,
            "PartnerTrnID": number,
            "Password": self._password,
        }
        try:
            status = self._ask(self._base_url, "PartnerGetPaymentStatus", question, "PaymentStatus")
        except ProviderRefused as error:
            raise ProviderUnknown(reason=str(error)) from error
        if not top_up.provider_id and not top_up.mark:  # others make such a number too, and no date is told
            return Seen(TopUpState.UNCLEAR, provider_id=number, is_foreign=True)
        if status in self._paid:
            return Seen(TopUpState.PAID, amount=top_up.amount, provider_id=number)
        return Seen(TopUpState.WAITING if status in self._open else TopUpState.UNCLEAR, provider_id=number)

    def pauses_s(self) -> tuple[int, ...]:
        """Return the pauses before each look."""
        return PAUSES_S

    def explain(self, payer: Payer | None) -> Way:
        """Return how a person pays a sum that was asked for here."""
        return ways.by_code(self.partner.title)

    def _amount(self, amount: Money) -> str:
        if not self._is_whole:
            return str(amount)
        whole, _, rest = str(amount).partition(".")
        if rest != "00":
            raise ProviderRefused(reason="this wallet takes whole soms only")
        return whole

    def _ask(self, url: str, operation: str, members: Mapping[str, str], wanted: str) -> str:
        """Return the wanted member of the answer. Raises: ProviderRefused, ProviderUnknown."""
        reference, content = members["PartnerTrnID"], {operation: dict(members)}
        answer = self._remote.request("POST", url, reference=reference, json=content)
        if answer.status != HTTPStatus.OK:
            raise ProviderUnknown(reason=f"status {answer.status}")
        response = _response(answer.body)
        code = _plain(response.get("ErrorCode", "0"))
        if code == NUMBER_USED:
            raise NumberUsed(reason=f"error {code}")
        if code != "0":
            raise ProviderRefused(reason=f"error {code[:20]}")
        result = response.get("Result")
        found = _plain(result.get(wanted)) if isinstance(result, dict) else ""
        if not found:
            raise ProviderUnknown(reason=f"no {wanted} in the answer")
        return found


def national(phone: str) -> str:
    """Return a Kyrgyz number as the wallet writes it: ten digits with a leading zero. Raises: ProviderRefused."""
    if not (phone.startswith("996") and len(phone) == 12):
        raise ProviderRefused(reason="the wallet needs a Kyrgyz number")
    return f"0{phone[3:]}"


def _plain(value: object) -> str:
    """Return a member as text, whether it came as a text or as a number."""
    if isinstance(value, wire.Number):
        return value.text
    return value if isinstance(value, str) else ""


def _response(body: bytes) -> Mapping[str, Any]:
    try:
        root, members = wire.one_root(body)
    except MalformedNotice as error:
        raise ProviderUnknown(reason="an answer that is no JSON of the wallet's") from error
    if root != "Response":
        raise ProviderUnknown(reason="an answer without Response")
    return members
