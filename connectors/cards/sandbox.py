"""The card gateway simulated in both generations: its interface, its payment page, the bank's console."""

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connectors.cards import acquirer as acquirers
from connectors.cards import register, sbp
from connectors.cards.acquirer import REST_PATHS
from connectors.cards.sandbox_bank import CARDS, Bank, Behaviour, Refused, SandboxOrder, lifetime
from connectors.cards.sandbox_callback import Teller
from connectors.cards.wire import CURRENCIES
from k5web.domain.money import Money
from k5web.domain.payments.sandbox import SandboxOptions

Fields = Mapping[str, str]
Answer = Mapping[str, object]

TELLINGS: Final = {"once": "сразу", "twice": "дважды", "late": "с опозданием", "never": "не отправлять"}
_AMOUNT: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


def demo_tables(url: str, secret: Callable[[], str]) -> list[Mapping[str, object]]:
    """Return the acquirers for trying: one of each generation."""
    common: dict[str, object] = {"currency": "RUB", "allowed": ["127.0.0.1/32"], "base_url": url}
    classic = {"code": "demo", "title": "Карта (демо-банк)", "protocol": "rbs", "user": "k5-api", "password": secret()}
    ecom = {"code": "ecom", "title": "Карта (демо-банк, новый шлюз)", "protocol": "rbs-ecom"}
    return [
        common | classic | {"path": secret(), "callback_secrets": [secret()], "sbp": True},
        common | ecom | {"user": "k5-ecom", "password": secret(), "path": secret()},
    ]


def create(tables: Iterable[Mapping[str, object]], options: SandboxOptions) -> Flask:
    """Return the simulated gateway of these acquirers."""
    banks = []
    for acquirer in map(acquirers.read, tables):
        banks.append(Bank(acquirer, options.clock, Teller(acquirer, options.k5_url)))
    return serve(banks, options)


def serve(banks: list[Bank], options: SandboxOptions) -> Flask:
    """Return the gateway's web side over these banks."""
    app = Flask(__name__, static_folder=None)
    app.add_template_filter(lambda minor: f"{Money(minor)} ₽", "money")
    _add_interface(app, banks, options)
    _add_payment_page(app, banks)
    _add_console(app, banks, options)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        if request.path.endswith(".do") and request.method == "POST":
            return jsonify(errorCode=error.code, errorMessage=str(error))
        return render_template("said.html", said=str(error)), 409

    return app


def _add_interface(app: Flask, banks: list[Bank], options: SandboxOptions) -> None:
    methods: Mapping[str, Callable[[Bank, Fields], Answer]] = {
        "register": lambda bank, fields: _register(bank, fields, options.url, is_two_stage=False),
        "registerPreAuth": lambda bank, fields: _register(bank, fields, options.url, is_two_stage=True),
        "getOrderStatusExtended": _status,
        "deposit": lambda bank, fields: _done(bank.deposit, _order(bank, fields), _amount(fields)),
        "reverse": lambda bank, fields: _done(
            bank.reverse, _order(bank, fields), _amount(fields) if fields.get("amount") else None
        ),
        "refund": lambda bank, fields: _done(bank.refund, _order(bank, fields), _amount(fields)),
        "decline": lambda bank, fields: _done(bank.decline, _order(bank, fields)),
        "paymentOrderBinding": lambda bank, fields: _pay_by_binding(bank, fields, options.url),
        "unBindCard": lambda bank, fields: _done(bank.unbind, fields.get("bindingId", "")),
        "unbindCard": lambda bank, fields: _done(bank.unbind, fields.get("bindingId", "")),
        "getBindings": _bindings,
    }

    def ask(method: str) -> ResponseReturnValue:
        asked = methods.get(method)
        if asked is None:
            abort(404)
        fields = read_fields()
        return jsonify({"errorCode": "0", **asked(_bank(banks, fields), fields)})

    for path in REST_PATHS.values():
        app.add_url_rule(f"{path}/<method>.do", f"ask{path}", ask, methods=["POST"])


def read_fields() -> Fields:
    """Return the request's fields as texts, tables as JSON texts, in either generation's form."""
    if not request.is_json:
        return request.form.to_dict()
    found = request.get_json()
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}


def _bank(banks: list[Bank], fields: Fields) -> Bank:
    for bank in banks:
        login = bank.acquirer.login
        if all(hmac.compare_digest(fields.get(name, "").encode(), value.encode()) for name, value in login.items()):
            return bank
    raise Refused("5", "Доступ запрещён")


def _order(bank: Bank, fields: Fields) -> SandboxOrder:
    return bank.find(fields.get("orderId") or fields.get("mdOrder", ""), fields.get("orderNumber", ""))


def _amount(fields: Fields) -> int:
    amount = fields.get("amount", "")
    if not _AMOUNT.fullmatch(amount):
        raise Refused("5", "Неверная сумма")
    return int(amount)


def _done(act: Callable[..., None], *facts: object) -> Answer:
    act(*facts)
    return {"errorMessage": "Обработка запроса прошла без системных ошибок"}


def _register(bank: Bank, fields: Fields, url: str, *, is_two_stage: bool) -> Answer:
    if not (fields.get("orderNumber") and fields.get("returnUrl")):
        raise Refused("4", "Не указан номер заказа или адрес возврата")
    amount, basket = _amount(fields), json.loads(fields.get("orderBundle", "null"))
    if basket is not None and basket["total"] != amount:
        raise Refused("8", "Сумма корзины не равна сумме заказа")
    if fields.get("currency") != CURRENCIES[bank.acquirer.partner.currency]:
        raise Refused("3", "Неизвестная валюта")
    order = SandboxOrder(
        number=fields["orderNumber"],
        amount=amount,
        currency=fields["currency"],
        return_url=fields["returnUrl"],
        expires_at=lifetime(fields.get("sessionTimeoutSecs", ""), bank.clock(), 1200),
        is_two_stage=is_two_stage,
        registered_at=bank.clock(),
        description=fields.get("description", ""),
        client_id=fields.get("clientId", ""),
        is_automatic=fields.get("features") == "AUTO_PAYMENT",
        sbp_link=_sbp_link(amount) if "DYNAMIC_QR_SBP" in fields.get("jsonParams", "") else "",
    )
    bank.register(order)
    more = {"externalParams": {"sbpPayload": order.sbp_link}} if order.sbp_link else {}
    return {"orderId": order.id, "formUrl": f"{url}/payment/page?mdOrder={order.id}", **more}


def _sbp_link(amount: int) -> str:
    link = f"https://qr.nspk.ru/AD10000K5SANDBOX00000000000000{amount % 100:02d}?type=02&bank=100000000111"
    link += f"&sum={amount}&cur=RUB"
    return f"{link}&crc={sbp.crc(link.encode())}"


def _status(bank: Bank, fields: Fields) -> Answer:
    order = _order(bank, fields)
    card = {"maskedPan": f"{order.card[:6]}**{order.card[-4:]}", "expiration": order.card_expires}
    binding = {"clientId": order.client_id, "bindingId": order.binding_id}
    return {
        "orderNumber": order.number,
        "orderStatus": int(order.state.value),
        "actionCode": int(order.action),
        "amount": order.amount,
        "currency": order.currency,
        "date": int(order.registered_at.timestamp()) * 1000,
        "orderDescription": order.description,
        "operations": [{"actionCode": int(action)} for _card, action in order.failures],
        "attributes": [{"name": "mdOrder", "value": order.id}],
        "paymentAmountInfo": {
            "approvedAmount": order.approved,
            "depositedAmount": order.deposited,
            "refundedAmount": order.refunded,
        },
        **({"cardAuthInfo": card} if order.card else {}),
        **({"bindingInfo": binding} if order.binding_id else {}),
        **({"depositedDate": int(order.taken_at.timestamp()) * 1000} if order.taken_at else {}),
    }


def _pay_by_binding(bank: Bank, fields: Fields, url: str) -> Answer:
    if not fields.get("ip"):
        raise Refused("4", "Не указан адрес плательщика")
    order = _order(bank, fields)
    behaviour = bank.pay_by_binding(order, fields.get("bindingId", ""))
    if behaviour is Behaviour.ASKS_ISSUER:
        proof = {"acsUrl": f"{url}/payment/issuer", "paReq": "sandbox", "termUrl": order.return_url}
        is_elsewhere = url != bank.acquirer.base_url  # the short way begins with the interface's address: not a phone's
        return proof | ({"formUrl": f"{url}/payment/issuer?orderId={order.id}"} if is_elsewhere else {})
    return {"redirect": order.return_url}


def _bindings(bank: Bank, fields: Fields) -> Answer:
    kept = [b for b in bank.bindings.values() if b.client_id == fields.get("clientId") and b.is_active]
    return {"bindings": [{"bindingId": b.id, "maskedPan": f"{b.card[:6]}**{b.card[-4:]}"} for b in kept]}


def _find(banks: list[Bank], order_id: str) -> tuple[Bank, SandboxOrder]:
    for bank in banks:
        if order_id in bank.orders:
            return bank, bank.find(order_id)
    abort(404)


def _add_payment_page(app: Flask, banks: list[Bank]) -> None:
    @app.get("/try")
    def lead() -> ResponseReturnValue:
        orders = (order for bank in banks for order in list(bank.orders.values()))
        order = next((order for order in orders if order.number == request.args.get("order")), None) or abort(404)
        return redirect(url_for("page", mdOrder=order.id))

    @app.get("/payment/page")
    def page() -> ResponseReturnValue:
        bank, order = _find(banks, request.args.get("mdOrder", ""))
        return render_template(
            "page.html", order=order, bank=bank, cards=CARDS, tellings=TELLINGS, amount=Money(order.amount)
        )

    @app.post("/payment/page")
    def pay() -> ResponseReturnValue:
        bank, order = _find(banks, request.form.get("mdOrder", ""))
        if "cancel" in request.form:
            return _back(order)
        order.telling = request.form.get("telling", "once")
        if "link" in request.form:
            bank.pay_by_link(order)
            return _back(order)
        typed = request.form.getlist("card") or [""]
        card = re.sub(r"[^0-9]", "", typed[-1])  # a test card's own button comes after the field
        behaviour = bank.pay(order, card, "203012", "keep" in request.form)
        if behaviour is Behaviour.ASKS_ISSUER:
            return redirect(f"issuer?orderId={order.id}", 303)
        if behaviour is Behaviour.DECLINES and order.is_payable:
            return redirect(f"page?mdOrder={order.id}", 303)
        return _back(order)

    @app.get("/payment/acsRedirect.do")
    @app.get("/payment/issuer")
    def issuer() -> ResponseReturnValue:
        _, order = _find(banks, request.args.get("orderId", ""))
        return render_template("issuer.html", order=order, amount=Money(order.amount))

    @app.post("/payment/issuer")
    def prove() -> ResponseReturnValue:
        bank, order = _find(banks, request.form.get("orderId", ""))
        if bank.prove(order, request.form.get("code", "")) or not order.is_payable:
            return _back(order)
        return redirect(f"page?mdOrder={order.id}", 303)


def _back(order: SandboxOrder) -> ResponseReturnValue:
    sign = "&" if "?" in order.return_url else "?"
    return redirect(f"{order.return_url}{sign}orderId={order.id}&lang=ru", 303)


def _add_console(app: Flask, banks: list[Bank], options: SandboxOptions) -> None:
    @app.get("/")
    def console() -> ResponseReturnValue:
        return render_template("console.html", banks=banks)

    @app.post("/console/<order_id>/<act>")
    def change(order_id: str, act: str) -> ResponseReturnValue:
        bank, order = _find(banks, order_id)
        left = order.deposited - order.refunded
        acts: Mapping[str, Callable[[], Any]] = {
            "repeat": lambda: bank.tell_again(order),
            "deposit": lambda: bank.deposit(order, order.approved),
            "reverse": lambda: bank.reverse(order, None),
            "refund": lambda: bank.refund(order, left),
            "refund-part": lambda: bank.refund(order, left // 2),
        }
        if act not in acts:
            abort(404)
        acts[act]()
        return redirect("../../", 303)

    @app.get("/register/<code>.csv")
    def daily_list(code: str) -> ResponseReturnValue:
        bank = next((bank for bank in banks if bank.acquirer.partner.code == code), None)
        if bank is None:
            abort(404)
        text = write_register(bank)
        (Path(options.folder) / f"cards-{code}.csv").write_text(text, "utf-8")
        return Response(text, content_type="text/csv; charset=utf-8")


def write_register(bank: Bank) -> str:
    """Return the list of everything that moved money, with its total."""
    moves = [(at, name, order, minor) for order in bank.orders.values() for at, name, minor in order.moves]
    lines, total = [";".join(register.COLUMNS)], 0
    for at, name, order, minor in sorted(moves, key=lambda move: move[0]):
        lines.append(f"{at:%Y-%m-%dT%H:%M:%S%z};{name};{order.id};{order.number};{minor};{order.currency}")
        total += register.SIGNS[name] * minor
    return "\n".join([*lines, f"{register.TOTAL};{len(moves)};{total}", ""])
