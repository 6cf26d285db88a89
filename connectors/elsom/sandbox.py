"""The wallet simulated: the menu of *900#, its site and app form, codes to pay by, and the merchant's interface.

It is for trying K5 on one machine: one person's wallet, kept in memory, with pages in that person's language.
"""

import hmac
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connectors.elsom.sandbox_menu import in_soms, screen
from connectors.elsom.sandbox_network import K5, Network
from connectors.elsom.sandbox_pin import PinDoor
from connectors.elsom.wire import CURRENCY
from k5web.domain.money import Money
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import ProviderRefused, ProviderUnknown

FIRST_MONEY: Final = 5_000_000  # tyiyn


@dataclass
class SandboxOrder:
    """A payment that a merchant asked for."""

    number: str
    amount: str
    code: str
    key: str  # of its page
    status: str = "1"  # open
    paid_by: str = ""


@dataclass
class Wallet:
    """One person's wallet, and what merchants asked of it."""

    network: Network | None
    merchant: Mapping[str, Any] | None
    k5_url: str
    door: PinDoor
    pin: str = ""
    money: int = FIRST_MONEY
    orders: dict[str, SandboxOrder] = field(default_factory=dict)
    times: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, name: str, inn: str) -> str:
        """Open the wallet; the PIN comes by SMS."""
        self.pin = f"{secrets.randbelow(10**4):04d}"
        return self.pin

    def refusal(self, pin: str) -> str:
        """Return why this PIN does not open the wallet, nothing where it does; a new wallet has none yet."""
        return self.door.refusal(self.pin, pin) if self.pin else ""

    def change_pin(self, pin: str) -> None:
        """Change the PIN."""
        self.pin = pin

    def balance(self) -> str:
        """Return the balance in soms."""
        return str(Money(self.money, CURRENCY))

    def check(self, account: str, amount: str) -> tuple[bool, str]:
        """Ask the service whose account it is."""
        if self.network is None:
            return False, "услуга не подключена"
        if _minor(amount) > self.money:
            return False, "на кошельке мало денег"
        answer = self.network.check(account, amount)
        return answer.is_success, answer.name or answer.text or f"код {answer.code}"

    def pay(self, account: str, amount: str) -> tuple[bool, str]:
        """Pay; the SMS holds the payment's code."""
        if self.network is None or not self._spend(amount):
            return False, "Оплата невозможна."
        number = self.network.new_number()
        answer = self.network.pay(number, account, amount, self.times)
        if not answer.is_success:
            with self.lock:
                self.money += _minor(amount)
            return False, f"Оплата не прошла: {answer.text or answer.code}. Деньги на кошельке."
        return True, f"SMS: оплачено {amount} сом, счёт {account}. Код платежа {number}."

    def pay_order(self, order: SandboxOrder, is_silent: bool) -> str:
        """Pay what a merchant asked for, and tell the merchant unless the notice is to be lost."""
        with self.lock:
            if order.status == "1" and _minor(order.amount) <= self.money:
                self.money -= _minor(order.amount)
                order.status, order.paid_by = "A", f"PSP{secrets.randbelow(10**9):09d}"
        if order.status != "A":
            return "Оплата невозможна."
        if not is_silent:
            self.tell(order)
        return f"SMS: оплачено {order.amount} сом. Код платежа {order.paid_by}."

    def decline_order(self, order: SandboxOrder) -> str:
        """Decline what a merchant asked for, once, and tell the merchant; what is paid stays paid."""
        with self.lock:
            if order.status != "1":
                return "Уже оплачено: отказаться нельзя." if order.status == "A" else "Уже отказано."
            order.status = "R"
        self.tell(order)
        return "Отказано."

    def take_order(self, number: str, amount: str) -> SandboxOrder | None:
        """Return the new order of a merchant; None where the number is used."""
        order = SandboxOrder(number, amount, code=f"{secrets.randbelow(10**7):07d}", key=secrets.token_urlsafe(16))
        with self.lock:
            return order if self.orders.setdefault(number, order) is order else None

    def _spend(self, amount: str) -> bool:
        with self.lock:
            is_enough = _minor(amount) <= self.money
            self.money -= _minor(amount) if is_enough else 0
        return is_enough

    def tell(self, order: SandboxOrder) -> None:
        """Send the notice; a merchant that does not answer will ask by itself."""
        result = {
            "PartnerTrnID": order.number, "PSPTrnID": order.paid_by, "PaymentStatus": order.status, "Message": "",
        }  # fmt: skip
        with suppress(ProviderRefused, ProviderUnknown):
            K5.request("POST", f"{self.k5_url}/hooks/elsom-merchant", json={"PartnerPaymentResult": result})


def demo_tables(url: str, secret: Callable[[], str]) -> list[Mapping[str, object]]:
    """Return the partners for trying: the wallet that pays to accounts, and the one K5 asks for a payment."""
    common: dict[str, object] = {
        "currency": "KGS",
        "allowed": ["127.0.0.1/32"],
        "account_types": ["inn", "id", "phone"],
    }
    qr: dict[str, object] = {"elqr_acquirer": "qr.k5.test", "elqr_service": "7001"}
    wallet = {
        "code": "wallet", "title": "ЭЛСОМ", "protocol": "k5json", "secrets": [secret()], "service": "7001",
        "account_types": ["inn", "id", "phone"],
    }  # fmt: skip
    merchant = {
        "code": "merchant", "title": "ЭЛСОМ: код оплаты", "protocol": "merchant", "base_url": f"{url}/MerchantAPI",
        "partner_code": "00001", "msisdn": "0555000001", "password": secret(),
    }  # fmt: skip
    return [common | qr | wallet, common | merchant]


def create(tables: Iterable[Mapping[str, object]], options: SandboxOptions) -> Flask:
    """Return the simulated wallet of these partners."""
    tables = list(tables)
    biller = next((table for table in tables if table["protocol"] in {"k5json", "osmp4"}), None)
    wallet = Wallet(
        network=Network(biller, options.k5_url, options.clock) if biller else None,
        merchant=next((table for table in tables if table["protocol"] == "merchant"), None),
        k5_url=options.k5_url,
        door=PinDoor(options.clock),
    )
    app = Flask(__name__, static_folder=None)
    app.jinja_env.globals["k5_url"] = options.people_url
    _add_pages(app, wallet)
    _add_orders(app, wallet, options)
    _add_interface(app, wallet, options)
    return app


def _add_pages(app: Flask, wallet: Wallet) -> None:
    @app.get("/")
    def index() -> ResponseReturnValue:
        return redirect(url_for("menu"))

    @app.get("/try")
    def lead() -> ResponseReturnValue:
        asked = request.args
        if "order" in asked:
            order = wallet.orders.get(asked["order"]) or abort(404)
            return redirect(url_for("code", code=order.code))
        return redirect(url_for("form", account=asked.get("account", ""), amount=asked.get("sum", "")))

    @app.route("/900", methods=["GET", "POST"])
    def menu() -> ResponseReturnValue:
        keys = [key.strip()[:64] for key in request.form.getlist("key")]
        wallet.times = 1
        found = screen(wallet, keys)
        return render_template("menu.html", said=found.text, is_last=found.is_last, keys=keys)

    @app.route("/pay", methods=["GET", "POST"])
    def form() -> ResponseReturnValue:
        account = request.values.get("account", "")[:64]
        amount = in_soms(request.values.get("amount", "")) or ""
        said, is_checked = "", False
        if request.method == "POST" and not amount:
            said = "Сумма неверна."
        elif request.form.get("step") == "check":
            is_checked, owner = wallet.check(account, amount)
            said = f"{owner}\n{account}\n{amount} сом" if is_checked else f"Оплата невозможна: {owner}"
        elif request.method == "POST":
            wallet.times = 2 if request.form.get("twice") else 1
            said = wallet.refusal(request.form.get("pin", "")) or wallet.pay(account, amount)[1]
        facts = {"account": account, "amount": amount, "is_checked": is_checked, "pin": wallet.pin}
        return render_template("form.html", said=said, **facts)


def _add_orders(app: Flask, wallet: Wallet, options: SandboxOptions) -> None:
    @app.route("/code", methods=["GET", "POST"])
    def code() -> ResponseReturnValue:
        said = ""
        if request.method == "POST":
            order = next((order for order in wallet.orders.values() if order.code == request.form.get("code")), None)
            said = wallet.pay_order(order, bool(request.form.get("silent"))) if order else "Такого кода нет."
        return render_template("code.html", said=said, code=request.values.get("code", "")[:7])

    @app.route("/order/<key>", methods=["GET", "POST"])
    def order_page(key: str) -> ResponseReturnValue:
        order = next((order for order in wallet.orders.values() if order.key == key), None)
        if order is None:
            abort(404)
        said = ""
        if request.form.get("step") == "pay":
            said = wallet.pay_order(order, is_silent=False)
        elif request.form.get("step") == "decline":
            said = wallet.decline_order(order)
        return render_template("order.html", said=said, order=order)

    @app.route("/history", methods=["GET", "POST"])
    def history() -> ResponseReturnValue:
        said = ""
        if wallet.network and request.form.get("cancel"):
            answer = wallet.network.cancel(request.form["cancel"])
            said = "Возвращено." if answer.is_success else f"Нельзя вернуть: {answer.text or answer.code}"
        elif wallet.network and request.form.get("register"):
            said = f"Реестр: {wallet.network.write_register(options.folder)}"
        entries = wallet.network.entries if wallet.network else []
        return render_template("history.html", said=said, entries=entries, balance=wallet.balance(), pin=wallet.pin)


def _add_interface(app: Flask, wallet: Wallet, options: SandboxOptions) -> None:
    @app.post("/MerchantAPI")
    def merchant_interface() -> ResponseReturnValue:
        sent = request.get_json(force=True, silent=True)
        if wallet.merchant is None or not isinstance(sent, dict) or len(sent) != 1:
            return _said("300", "no operation")
        [(operation, members)] = sent.items()
        if not isinstance(members, dict) or not _is_same(members.get("Password"), wallet.merchant["password"]):
            return _said("150", "wrong password")
        number = str(members.get("PartnerTrnID", ""))
        order = wallet.orders.get(number)
        if operation == "PartnerGetPaymentStatus":
            return _said("0", "Success", PaymentStatus=order.status if order else "N", Message="")
        if operation not in {"PartnerGenerateOTP", "IA_Init"}:
            return _said("300", "no operation")
        amount = in_soms(str(members.get("Amount", "")))
        new = wallet.take_order(number, amount) if amount and number else None
        if new is None:
            return _said("10", "number used or sum wrong")
        if operation == "IA_Init":
            return _said("0", "Success", URL=f"{options.url}/order/{new.key}")
        return _said("0", "Success", OTP=new.code)


def _said(code: str, text: str, **result: str) -> ResponseReturnValue:
    return {"Response": {"ErrorCode": code, "ErrorMsg": text, "Result": result}}


def _is_same(given: object, password: str) -> bool:
    return hmac.compare_digest(str(given).encode(errors="replace"), password.encode())


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))
