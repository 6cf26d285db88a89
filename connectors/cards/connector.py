"""Bank cards as a way to pay: an order is registered, the payer goes to the gateway's page, the order's state decides.

A call-back is a reason to ask, never a reason to credit: it may be lost, late, doubled or forged.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from connectors.cards import acquirer as acquirers
from connectors.cards import callback, receipt, register, sbp, states, ways, wire
from connectors.cards.acquirer import Acquirer
from connectors.cards.gateway import Gateway
from connectors.cards.wire import ErrorMeaning, Fields, Method
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, PaymentConnector, RegisterLine, Seen, Started
from k5web.domain.payments.notice import (
    Ignored,
    Look,
    Notice,
    NoticeOutcome,
    Refusal,
    Refused,
    WireRequest,
    WireResponse,
)
from k5web.domain.payments.payment_way import Payer, Way
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import ForgedNotice, MalformedNotice, NumberUsed, ProviderRefused, ProviderUnknown, SavedCardGone

logger = logging.getLogger(__name__)

CODE = "cards"

# What a call-back is about: True where the order's state may have changed
OPERATIONS: Mapping[str, bool] = {
    "approved": True,
    "deposited": True,
    "reversed": True,
    "refunded": True,
    "declinedByTimeout": True,
    "declinedCardPresent": True,
    "bindingCreated": False,
    "bindingActivityChanged": False,
    "bindingDeactivated": False,
    "created": False,
    "subscriptionCreated": False,
}

TRIED = frozenset({"approved", "deposited", "declinedCardPresent"})  # with status 0: the bank said no to a card

# The gateway tries three times and more only for an answer that is not 200; what cannot be mended by a repeat is 200
STATUS: Mapping[Refusal, int] = dict.fromkeys(Refusal, 200) | {
    Refusal.FORGED: 403,
    Refusal.MALFORMED: 400,
    Refusal.LATER: 500,
    Refusal.UNKNOWN_PAYMENT: 500,  # the call-back may have overtaken the answer to the registration
    Refusal.CLOSED: 500,
}

# Looks at 1, 3, 10, 20 and 25 minutes, then hourly: the gateway's tries may all be lost
PAUSES_S = (60, 120, 420, 600, 300, 3600)

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,36}", re.ASCII)
_BANKING_ZONE = ZoneInfo("Europe/Moscow")  # a day's payments are settled after its midnight
_LONGEST_PAGE = 2048
_LANGUAGES = {"ru", "en"}  # of the gateway's pages


class CardConnector:
    """One acquirer."""

    code = CODE
    tells_back = True

    def __init__(self, acquirer: Acquirer, opening: Opening) -> None:
        self.partner = acquirer.partner
        self.origin = f"{CODE}:{acquirer.partner.code}"
        self.address = f"{CODE}/{acquirer.path}"
        self._acquirer = acquirer
        self._clock: Callable[[], datetime] = opening.clock
        self._public_url = opening.public_url
        self._gateway = Gateway(acquirer, opening.timeout_s)

    def explain(self, payer: Payer | None) -> Way:
        """Return how a person pays by card."""
        return ways.by_card(self.partner.title)

    # What the gateway tells us

    def read(self, request: WireRequest) -> Notice:
        """Return which order to look at. Raises: ForgedNotice, MalformedNotice."""
        try:
            parameters = callback.read_parameters(request)
        except ValueError as error:
            if self._acquirer.seals:  # what cannot be read in one way only cannot have been signed
                raise ForgedNotice(reason=str(error)[:80]) from error
            raise MalformedNotice(reason=str(error)[:80]) from error
        if self._acquirer.seals and not callback.is_authentic(parameters, self._acquirer.seals):
            raise ForgedNotice(reason="checksum")
        operation = parameters.get("operation", "")
        if operation not in OPERATIONS:
            raise MalformedNotice(reason="unknown operation")
        if not OPERATIONS[operation]:
            return Ignored(why=operation)
        if parameters.get("status") not in {"0", "1"} or not _ID.fullmatch(parameters.get("mdOrder", "")):
            raise MalformedNotice(reason="status or mdOrder")
        number = parameters.get("orderNumber", "")
        if number and not _NUMBER.fullmatch(number):
            raise MalformedNotice(reason="orderNumber")
        has_failed = operation in TRIED and parameters["status"] == "0"
        return Look(number, parameters["mdOrder"], has_failed=has_failed)

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the status: 200 ends it, anything else makes the gateway try again."""
        return WireResponse(status=STATUS[outcome.why] if isinstance(outcome, Refused) else 200)

    # What we ask the gateway

    def start(self, top_up: TopUp) -> Started:
        """Register the order; with a saved card, charge it.

        Raises: NumberUsed, ProviderRefused, ProviderUnknown, SavedCardGone.
        """
        method = Method.REGISTER_HELD if self._acquirer.is_two_stage else Method.REGISTER
        expires_at = self._clock() + timedelta(seconds=self._acquirer.lifetime_s)
        fields, verdict = self._gateway.ask(method, self._order(top_up))
        if verdict is ErrorMeaning.NUMBER_USED:
            raise NumberUsed(reason=top_up.number)
        if verdict is ErrorMeaning.UNKNOWN:
            raise ProviderUnknown(reason="the order may be registered")
        if verdict is not None:
            raise ProviderRefused(reason="the order was not registered")
        order_id, page = wire.text(fields, "orderId"), wire.text(fields, "formUrl")
        if not (_ID.fullmatch(order_id) and self._is_page(page)):
            raise ProviderUnknown(reason="an order without an id or a page")
        if top_up.saved_card_id:
            return Started(order_id, self._charge(top_up, order_id, page), expires_at=expires_at)
        return Started(order_id, page, qr=self._sbp_link(fields, top_up.amount), expires_at=expires_at)

    def look(self, top_up: TopUp) -> Seen:
        """Ask for the order's state. Raises: ProviderUnknown."""
        try:
            fields, verdict = self._gateway.ask(Method.STATUS, _name(top_up))
        except ProviderRefused as error:
            raise ProviderUnknown(**error.facts) from error
        if verdict is ErrorMeaning.NOT_FOUND:
            return Seen(TopUpState.UNCLEAR)
        if verdict is not None:
            raise ProviderUnknown(reason="the order's state was refused")
        try:
            order = wire.read_order(fields)
        except ValueError as error:
            raise ProviderUnknown(reason=str(error)) from error
        return states.seen(order, top_up, self._clock())

    def pauses_s(self) -> tuple[int, ...]:
        """Return the pauses before each look, from the start on."""
        return PAUSES_S

    def refund(self, top_up: TopUp, amount: Money, refund_key: str) -> None:
        """Give money back: on the day itself all of it is reversed, otherwise and later it is a refund.

        Raises: ProviderRefused (nothing went back), ProviderUnknown (look before asking again).
        """
        bundle = self._bundle(receipt.of_refund, top_up, amount)
        may_be_reversed = amount == top_up.amount and self._is_today(top_up.created_at)
        if may_be_reversed:
            _, verdict = self._gateway.ask(Method.REVERSE, {"orderId": top_up.provider_id} | bundle)
            if verdict is None:
                return
            if verdict is not ErrorMeaning.OTHER_WAY:
                raise ProviderRefused(reason="the payment was not reversed")
        facts = {"orderId": top_up.provider_id, "amount": amount.minor}
        try:
            _, verdict = self._gateway.ask(Method.REFUND, facts | bundle)
        except ProviderRefused as error:
            if may_be_reversed:
                raise ProviderUnknown(**error.facts) from error
            raise
        if verdict is ErrorMeaning.UNKNOWN or (verdict is not None and may_be_reversed):
            raise ProviderUnknown(reason="the payment may have been refunded, or reversed")
        if verdict is not None:
            raise ProviderRefused(reason="the refund was not made")

    def cancel(self, top_up: TopUp) -> None:
        """Take back the order nobody has paid. Raises: ProviderRefused, ProviderUnknown."""
        login = {"merchantLogin": self._acquirer.merchant_login} if self._acquirer.merchant_login else {}
        _, verdict = self._gateway.ask(Method.DECLINE, _name(top_up) | login)
        if verdict is ErrorMeaning.UNKNOWN:
            raise ProviderUnknown(reason="the order may be taken back")
        if verdict is not None:
            raise ProviderRefused(reason="the order was not taken back")

    @property
    def offers_keeping(self) -> bool:
        """True where the acquirer lets the gateway keep cards."""
        return self._acquirer.saves_cards

    def forget_card(self, card_id: str) -> None:
        """Make the gateway forget a card; one it does not know any more is fine.

        Raises: ProviderRefused, ProviderUnknown.
        """
        method = Method.UNBIND_ECOM if self._acquirer.protocol == "rbs-ecom" else Method.UNBIND
        _, verdict = self._gateway.ask(method, {"bindingId": card_id})
        if verdict is ErrorMeaning.UNKNOWN:
            raise ProviderUnknown(reason="the card may be forgotten")
        if verdict is ErrorMeaning.REFUSED:
            raise ProviderRefused(reason="the card was not forgotten")

    def read_register(self, lines: Iterable[str]) -> Iterator[RegisterLine]:
        """Yield the orders of a daily list. Raises: WrongRegister naming the line."""
        return register.read(lines, self.partner.currency)

    def _order(self, top_up: TopUp) -> Fields:
        """Return the fields of a registration. Nothing in them tells who the payer is."""
        acquirer = self._acquirer
        back = top_up.return_url or self._public_url  # nobody comes back from an automatic one
        fields: dict[str, object] = {
            "orderNumber": top_up.number,
            "amount": top_up.amount.minor,
            "currency": wire.CURRENCIES[top_up.amount.currency],
            "returnUrl": back,
            "failUrl": back,
            "description": top_up.number,
            "language": top_up.language if top_up.language in _LANGUAGES else "ru",
            "sessionTimeoutSecs": acquirer.lifetime_s,
        }
        if acquirer.saves_cards and top_up.payer_key:
            fields["clientId"] = top_up.payer_key
        if top_up.is_automatic:
            fields["features"] = "AUTO_PAYMENT"
        if acquirer.asks_sbp and not top_up.saved_card_id:
            fields["jsonParams"] = {"qrType": "DYNAMIC_QR_SBP", "sbp.scenario": "C2B"}
        return fields | self._bundle(receipt.of_sale, top_up, top_up.amount)

    def _bundle(
        self, make: Callable[[receipt.ReceiptTerms, Money, str, str], Fields], top_up: TopUp, amount: Money
    ) -> dict[str, object]:
        terms = self._acquirer.receipt
        return {"orderBundle": make(terms, amount, top_up.number, top_up.payer_phone)} if terms else {}

    def _charge(self, top_up: TopUp, order_id: str, page: str) -> str:
        """Charge the saved card; return the page the payer must see, "" where none: the order's state decides.

        Raises: SavedCardGone, ProviderRefused (the order stays unpaid and its page unseen: nothing can move).
        """
        fields = {
            "mdOrder": order_id,
            "bindingId": top_up.saved_card_id,
            "ip": self._acquirer.server_ip,
            "language": top_up.language if top_up.language in _LANGUAGES else "ru",
        }
        try:
            found, verdict = self._gateway.ask(Method.PAY_BY_BINDING, fields)
        except ProviderUnknown:
            return ""
        if verdict is ErrorMeaning.CARD_GONE:
            raise SavedCardGone(reason="the gateway does not know the card any more")
        if verdict is ErrorMeaning.REFUSED:
            raise ProviderRefused(reason="the saved card was not charged")
        return "" if verdict or top_up.is_automatic else self._proof_page(found, order_id, page)

    def _proof_page(self, found: Fields, order_id: str, page: str) -> str:
        """Return where the payer proves to the issuer who pays (3-D Secure), "" where that is not wanted."""
        if self._is_page(wire.text(found, "formUrl")):
            return wire.text(found, "formUrl")
        if not any(wire.text(found, name) for name in ("acsUrl", "threeDSMethodURL")):
            return ""
        if self._acquirer.protocol == "rbs-ecom":
            return page
        # The gateway's short way: it sends the browser on to the issuer by itself
        root = self._acquirer.base_url + self._acquirer.rest_path.removesuffix("/rest")
        return f"{root}/acsRedirect.do?{urlencode({'orderId': order_id})}"

    def _sbp_link(self, fields: Fields, amount: Money) -> str:
        """Return the link for the payer's bank's app, "" where the gateway gave none that can be believed."""
        more = fields.get("externalParams")
        link = wire.text(more, "sbpPayload") if isinstance(more, dict) else ""
        if link and not sbp.is_sound(link, amount):
            logger.error("unsound payment link", extra={"connector": CODE, "partner": self.partner.code})
            return ""
        return link

    def _is_page(self, address: str) -> bool:
        """True for a web address; encrypted, unless the gateway itself is not (on this machine, simulated)."""
        is_plain = self._acquirer.base_url.startswith("http://")
        return address.startswith(("https://", "http://") if is_plain else "https://") and len(address) <= _LONGEST_PAGE

    def _is_today(self, at: datetime) -> bool:
        return at.astimezone(_BANKING_ZONE).date() == self._clock().astimezone(_BANKING_ZONE).date()


def _name(top_up: TopUp) -> dict[str, object]:
    """Return how the gateway is told which order is meant."""
    return {"orderId": top_up.provider_id} if top_up.provider_id else {"orderNumber": top_up.number}


def open_partners(tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
    """Return one connector for each acquirer. Raises: WrongKey naming the key."""
    opened = [acquirers.read(table) for table in tables]
    for acquirer in opened:
        terms = acquirer.receipt
        if terms and (doubt := receipt.doubt(terms, opening.clock().astimezone(_BANKING_ZONE).date())):
            facts = {"connector": CODE, "partner": acquirer.partner.code, "key": "receipt.tax", "reason": doubt}
            logger.warning("look at the VAT of the receipts", extra=facts)
    return [CardConnector(acquirer, opening) for acquirer in opened]
