"""The provider simulated: a terminal that pays to accounts, a page where bills are paid, and the three interfaces."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from connectors.qiwi.sandbox_bills import MOSCOW, Bill, Site, bill_json, payment_json, stamp
from connectors.qiwi.sandbox_network import MEANINGS, Network
from k5web.domain.money import Money
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import WrongMoney

LATE_S = {"0": 0, "5": 5, "30": 30, "300": 300}  # when the news reaches K5
COPIES = {"0": 0, "1": 1, "2": 2, "5": 5}  # how often


def demo_tables(url: str, secret: Callable[[], str]) -> list[Mapping[str, object]]:
    """Return the partners for trying: a terminal that pays to accounts, and a site that bills are made out at."""
    allowed = ["127.0.0.1/32", "::1/128"]
    return [
        {
            "code": "terminal",
            "title": "QIWI Терминал",
            "protocol": "osmp",
            "currency": "RUB",
            "allowed": allowed,
            "authentication": "basic",
            "login": "terminal",
            "secrets": [secret()],
            "cancel": "txn_id",
            "status": True,
            "merchant_id": "10001",
        },
        {
            "code": "bill",
            "title": "QIWI Кошелёк",
            "protocol": "bill",
            "currency": "RUB",
            "allowed": allowed,
            "base_url": url,
            "site": "k5-demo",
            "api_key": secret(),
            "secrets": [secret()],
        },
    ]


def create(tables: Iterable[Mapping[str, Any]], options: SandboxOptions) -> Flask:
    """Return the simulated provider of these partners."""
    tables = list(tables)
    networks = {table["code"]: Network(table, options) for table in tables if table["protocol"] == "osmp"}
    sites = {
        (table["protocol"], table["site"]): Site(table, options) for table in tables if table["protocol"] != "osmp"
    }
    app = Flask(__name__, static_folder=None)
    app.jinja_env.globals["k5_url"] = options.people_url
    app.register_blueprint(_terminal(networks, options))
    app.register_blueprint(_pages(sites, options))
    app.register_blueprint(_bill_interface(sites, options))
    app.register_blueprint(_payin_interface(sites, options))
    app.register_blueprint(_pull_interface(sites))
    return app


def _terminal(networks: Mapping[str, Network], options: SandboxOptions) -> Blueprint:
    """Return the terminal's pages."""
    bp = Blueprint("terminal", __name__)

    def network() -> Network:
        code = request.values.get("network", next(iter(networks), ""))
        return networks.get(code) or abort(404)

    def page(status: int = 200, **facts: object) -> ResponseReturnValue:
        day = f"{options.clock().astimezone(MOSCOW):%Y%m%d}"
        facts = {"networks": networks, "chosen": network(), "typed": request.values, "day": day} | facts
        facts["meanings"] = MEANINGS
        return render_template("terminal.html", **facts), status

    @bp.get("/")
    def show() -> ResponseReturnValue:
        return page()

    @bp.post("/check")
    def check() -> ResponseReturnValue:
        account, amount = request.form.get("account", ""), _typed_sum(request.form.get("sum", ""))
        if not account or amount is None:
            return page(400, trouble="Введите номер счёта и сумму, например 500.00")
        result, comment = network().check(account, amount)
        return page(result=result, comment=comment, amount=amount)

    @bp.post("/pay")
    def pay() -> ResponseReturnValue:
        account, amount = request.form.get("account", ""), _typed_sum(request.form.get("sum", ""))
        if not account or amount is None:
            return page(400, trouble="Введите номер счёта и сумму, например 500.00")
        payment = network().pay(account, amount, *_manner())
        return page(payment=payment)

    @bp.post("/cancel")
    def cancel() -> ResponseReturnValue:
        return page(result=network().cancel(request.form.get("txn_id", "")), comment="")

    @bp.get("/register/<code>/<day>.csv")
    def register(code: str, day: str) -> ResponseReturnValue:
        path = networks[code].register(day) if code in networks else None
        return abort(404) if path is None else send_file(path.absolute(), "text/csv", True)

    return bp


def _pages(sites: Mapping[tuple[str, str], Site], options: SandboxOptions) -> Blueprint:
    """Return the page where a person pays a bill."""
    bp = Blueprint("pages", __name__)

    def bill() -> Bill:
        asked = request.args
        for site in sites.values():
            for found in list(site.bills.values()):
                is_shops = (asked.get("shop"), asked.get("transaction")) == (site.site, found.id)
                if asked.get("invoice_uid") == found.uid or (site.protocol == "pull" and is_shops):
                    return site.find(found.id) or found
        abort(404)

    @bp.get("/try")
    def lead() -> ResponseReturnValue:
        asked = request.args
        for site in sites.values():
            found = site.bills.get(asked.get("order", ""))
            if found is not None:
                return redirect(url_for(".form", invoice_uid=found.uid, successUrl=options.back(asked.get("back", ""))))
        if "order" in asked:
            abort(404)
        account, amount = asked.get("account"), asked.get("sum")
        return redirect(url_for("terminal.show", network=asked.get("partner"), account=account, sum=amount))

    @bp.route("/form", methods=["GET", "POST"])
    def form() -> ResponseReturnValue:
        found, back = bill(), options.back(request.args.get("successUrl", ""))
        if request.method == "GET":
            return render_template("bill.html", bill=found, back=back)
        state = "PAID" if request.form.get("do") == "pay" else "REJECTED"
        if not found.site.decide(found, state, *_manner()):
            return render_template("bill.html", bill=found, back=back), 409
        return redirect(back, 303)

    return bp


def _bill_interface(sites: Mapping[tuple[str, str], Site], options: SandboxOptions) -> Blueprint:
    """Return Bill Payments v1."""
    bp = Blueprint("bill_v1", __name__, url_prefix="/partner/bill/v1/bills/<bill_id>")

    def site() -> Site:
        header = request.headers.get("Authorization", "")
        for found in sites.values():
            if found.protocol == "bill" and hmac.compare_digest(found.authorization.encode(), header.encode()):
                return found
        abort(_error(401, "auth.unauthorized"))

    def show(bill: Bill) -> ResponseReturnValue:
        return jsonify(bill_json(bill) | {"payUrl": f"{options.url}/form?invoice_uid={bill.uid}"})

    @bp.put("")
    def create_bill(bill_id: str) -> ResponseReturnValue:
        return show(_issue(site(), bill_id))

    @bp.get("")
    def read_bill(bill_id: str) -> ResponseReturnValue:
        return show(_found(site(), bill_id))

    @bp.post("/reject")
    def reject(bill_id: str) -> ResponseReturnValue:
        at, bill = site(), _found(site(), bill_id)
        return show(bill) if at.decide(bill, "REJECTED", copies=0) else _error(409, "api.invoice.final")

    @bp.route("/refunds/<refund_id>", methods=["GET", "PUT"])
    def refund(bill_id: str, refund_id: str) -> ResponseReturnValue:
        at, bill = site(), _found(site(), bill_id)
        if request.method == "PUT" and not at.refund(bill, refund_id, _amount()):
            return _error(400, "refund.incorrect.amount")
        if refund_id not in bill.refunds:
            return _error(404, "api.refund.not.found")
        amount = bill.refunds[refund_id]
        state = "FULL" if bill.given_back == bill.amount else "PARTIAL"
        shown = {"value": str(amount), "currency": amount.currency}
        return jsonify({"amount": shown, "datetime": stamp(bill), "refundId": refund_id, "status": state})

    return bp


def _payin_interface(sites: Mapping[tuple[str, str], Site], options: SandboxOptions) -> Blueprint:
    """Return Payin v1."""
    bp = Blueprint("payin_v1", __name__, url_prefix="/partner/payin/v1/sites/<site_id>")

    def site(site_id: str) -> Site:
        found, header = sites.get(("payin", site_id)), request.headers.get("Authorization", "")
        if found is None or not hmac.compare_digest(found.authorization.encode(), header.encode()):
            abort(_error(401, "auth.unauthorized"))
        return found

    def show(bill: Bill) -> dict[str, object]:
        states = {"WAITING": "CREATED"}
        status = {"value": states.get(bill.state, bill.state), "changedDateTime": stamp(bill)}
        page = f"{options.url}/form?invoice_uid={bill.uid}"
        return bill_json(bill) | {"invoiceUid": bill.uid, "status": status, "payUrl": page}

    @bp.put("/bills/<bill_id>")
    def create_bill(site_id: str, bill_id: str) -> ResponseReturnValue:
        return jsonify(show(_issue(site(site_id), bill_id)))

    @bp.get("/bills/<bill_id>/details")
    def details(site_id: str, bill_id: str) -> ResponseReturnValue:
        bill = _found(site(site_id), bill_id)
        return jsonify(show(bill) | {"payments": [payment_json(bill)] if bill.payment_id else []})

    @bp.route("/payments/<payment_id>/refunds/<refund_id>", methods=["GET", "PUT"])
    def refund(site_id: str, payment_id: str, refund_id: str) -> ResponseReturnValue:
        at = site(site_id)
        bill = next((bill for bill in at.bills.values() if bill.payment_id == payment_id), None)
        if bill is None:
            return _error(404, "payin.payment.not.found")
        if request.method == "PUT" and not at.refund(bill, refund_id, _amount()):
            return _error(400, "validation.error")
        if refund_id not in bill.refunds:
            return _error(404, "payin.refund.not.found")
        amount = {"value": str(bill.refunds[refund_id]), "currency": bill.amount.currency}
        status = {"value": "COMPLETED", "changedDateTime": stamp(bill)}
        return jsonify({"refundId": refund_id, "createdDateTime": stamp(bill), "amount": amount, "status": status})

    return bp


def _pull_interface(sites: Mapping[tuple[str, str], Site]) -> Blueprint:
    """Return Pull v2."""
    bp = Blueprint("pull_v2", __name__, url_prefix="/api/v2/prv/<shop>/bills/<bill_id>")

    def site(shop: str) -> Site:
        found, header = sites.get(("pull", shop)), request.headers.get("Authorization", "")
        if found is None or not hmac.compare_digest(found.authorization.encode(), header.encode()):
            abort(_code(150, 401))
        return found

    def show(bill: Bill) -> ResponseReturnValue:
        facts = {"bill_id": bill.id, "amount": str(bill.amount), "ccy": bill.amount.currency, "error": 0}
        facts |= {"status": bill.state.lower(), "user": bill.payer, "comment": bill.comment}
        return jsonify({"response": {"result_code": 0, "bill": facts}})

    @bp.route("", methods=["GET", "PUT", "PATCH"])
    def bill(shop: str, bill_id: str) -> ResponseReturnValue:
        at, form = site(shop), request.form
        if request.method == "PUT":
            until = datetime.fromisoformat(form["lifetime"]).replace(tzinfo=MOSCOW)
            amount = Money.parse(form["amount"], form["ccy"])
            found = at.issue(bill_id, amount, form["comment"], until, form["user"])
            return _code(215) if found is None else show(found)
        found = at.find(bill_id)
        if found is None:
            return _code(210)
        if request.method == "PATCH" and not at.decide(found, "REJECTED", copies=0):
            return _code(78 if found.state != "PAID" else 1419)
        return show(found)

    @bp.route("/refund/<refund_id>", methods=["GET", "PUT"])
    def refund(shop: str, bill_id: str, refund_id: str) -> ResponseReturnValue:
        at = site(shop)
        found = at.find(bill_id)
        if found is None:
            return _code(210)
        if request.method == "PUT" and not at.refund(
            found, refund_id, Money.parse(request.form["amount"], found.amount.currency)
        ):
            return _code(242)
        if refund_id not in found.refunds:
            return _code(210)
        facts = {"refund_id": refund_id, "amount": str(found.refunds[refund_id]), "status": "success", "error": 0}
        return jsonify({"response": {"result_code": 0, "refund": facts}})

    return bp


def _issue(site: Site, bill_id: str) -> Bill:
    """Return the bill a JSON request asks for, made now or there already."""
    asked = request.get_json()
    payer = asked.get("customer", {}).get("account", "")
    until = datetime.fromisoformat(asked["expirationDateTime"])
    bill = site.issue(bill_id, _amount(), asked.get("comment", ""), until, payer)
    if bill is None:
        abort(_error(409, "api.invoice.already.exists"))
    return bill


def _found(site: Site, bill_id: str) -> Bill:
    return site.find(bill_id) or abort(_error(404, "api.invoice.not.found"))


def _amount() -> Money:
    asked = request.get_json()["amount"]
    return Money.parse(str(asked["value"]), asked["currency"])


def _typed_sum(text: str) -> str | None:
    """Return what a person typed the way the network sends it."""
    text = text.strip().replace(",", ".")
    try:
        return str(Money.parse(text if "." in text else f"{text}.00"))
    except WrongMoney:
        return None


def _manner() -> tuple[int, int]:
    """Return after how many seconds and how often K5 hears of it, as the person chose."""
    return LATE_S.get(request.form.get("late", ""), 0), COPIES.get(request.form.get("copies", ""), 1)


def _error(status: int, code: str) -> Response:
    answer = jsonify({"serviceName": "invoicing", "errorCode": code, "description": code, "userMessage": ""})
    answer.status_code = status
    return answer


def _code(code: int, status: int = 200) -> Response:
    answer = jsonify({"response": {"result_code": code, "description": str(code)}})
    answer.status_code = status
    return answer
