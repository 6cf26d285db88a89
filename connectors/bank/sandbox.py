"""The payer's bank simulated: it pays a receipt PD-4 or an invoice by its code, and its statement brings the money.

The statement is a file like any bank's. It is handed to the import of statements, and can be imported by hand.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connectors.bank import sandbox_statement
from connectors.bank.sandbox_statement import Payment, clean
from k5web.domain.bank.payee import Payee
from k5web.domain.money import Money
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import WrongMoney

CODE: Final = "bank"  # the last part of its address
MOSCOW: Final = ZoneInfo("Europe/Moscow")
HEADER: Final = "ST0001"  # begins a payment's code; source: GOST R 56042-2014
LONGEST_CODE: Final = 2000
TIMES: Final = {"1": 1, "2": 2, "0": 0}  # how often the statement is handed to K5
MOST: Final = Money(999_999_999)

TakeIn = Callable[[Path], str]  # imports a statement; returns what became of it, in words


@dataclass
class Sent:
    """A payment, its statement, and what the import said."""

    payment: Payment
    path: Path
    back: str
    times: int  # how often the statement is handed to K5 at once
    news: list[str] = field(default_factory=list)


@dataclass
class Bank:
    """The bank's books of one payee's account. All of it is in memory; the statements are files."""

    payee: Payee
    folder: Path
    clock: Callable[[], datetime]
    take_in: TakeIn
    balance: Money = field(default_factory=lambda: Money(100_000_00))
    sent: dict[str, Sent] = field(default_factory=dict)  # by the form's key
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pay(self, key: str, amount: Money, typed: Mapping[str, str], times: int) -> tuple[Sent, bool]:
        """Carry a payment out and write its statement; return it, and whether it is new: a form pays once.

        Raises: ValueError, in words for the payer, where the form has paid something else.
        """
        texts = typed["payer"], typed["inn"], typed["purpose"]
        with self.lock:
            if known := self.sent.get(key):
                if (known.payment.amount, known.payment.texts) != (amount, texts):
                    raise ValueError("По этой форме уже заплачено другое: откройте новую, чтобы заплатить ещё раз")
                return known, False
            now = self.clock().astimezone(MOSCOW)
            payment = Payment(self._next_number(now), now.date(), amount, *texts)
            path = self.folder / f"statement-{now:%Y%m%d}-{payment.number}.txt"
            path.write_bytes(sandbox_statement.write(payment, self.payee.account, self.balance))
            self.balance += amount
            self.sent[key] = Sent(payment, path, typed["back"], times)
        return self.sent[key], True

    def hand_over(self, sent: Sent) -> None:
        """Have the statement imported."""
        sent.news.append(self.take_in(sent.path))

    def _next_number(self, now: datetime) -> str:
        """Return a number that no payment of the day has, also after a new start: by the clock, eight digits."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        number = 10_000_000 + int((now - midnight).total_seconds() * 1000)
        last = max((int(one.payment.number) for one in self.sent.values() if one.payment.day == now.date()), default=0)
        return str(max(number, last + 1))


def create(payee: Payee, options: SandboxOptions, take_in: TakeIn) -> Flask:
    """Return the simulated bank, which pays to this payee; `take_in` imports what it writes."""
    bank = Bank(payee, Path(options.folder).absolute(), options.clock, take_in)
    app = Flask(__name__, static_folder=None)
    _add_pages(app, bank, options)
    return app


def _add_pages(app: Flask, bank: Bank, options: SandboxOptions) -> None:
    def form(typed: Mapping[str, str], trouble: str = "", status: int = 200) -> ResponseReturnValue:
        facts = {"typed": typed, "trouble": trouble, "payee": bank.payee, "sent": list(bank.sent.items())[::-1][:20]}
        return render_template("form.html", key=secrets.token_urlsafe(12), **facts), status

    @app.get("/")
    @app.get("/try")
    def show() -> ResponseReturnValue:
        typed = {"back": options.back(request.args.get("back", "")), "inn": request.args.get("inn", "")}
        try:
            typed |= read_code(request.args.get("st", ""), bank.payee)
        except ValueError as error:
            return form(typed, str(error), 400)
        return form(typed | ({"payer": request.args["payer"]} if "payer" in request.args else {}))

    @app.post("/pay")
    def pay() -> ResponseReturnValue:
        typed = {name: clean(request.form.get(name, "")) for name in ("payer", "inn", "purpose", "sum")}
        typed["back"], key = options.back(request.form.get("back", "")), request.form.get("key", "")[:64]
        try:
            amount = Money.typed(typed["sum"])
        except WrongMoney:
            return form(typed, "Введите сумму, например 500,00", 400)
        if not key or not Money(0) < amount <= MOST:
            return form(typed, f"Сумма от 0,01 до {MOST}", 400)
        try:
            sent, is_new = bank.pay(key, amount, typed, TIMES.get(request.form.get("times", ""), 1))
        except ValueError as error:
            return form(typed, str(error), 409)
        for _time in range(sent.times if is_new else 0):
            bank.hand_over(sent)
        return redirect(url_for("paid", key=key), 303)

    @app.get("/paid/<key>")
    def paid(key: str) -> ResponseReturnValue:
        return render_template("paid.html", key=key, one=bank.sent.get(key) or abort(404))

    @app.post("/paid/<key>/again")
    def again(key: str) -> ResponseReturnValue:
        bank.hand_over(bank.sent.get(key) or abort(404))
        return redirect(url_for("paid", key=key), 303)

    @app.get("/statement/<key>.txt")
    def statement(key: str) -> ResponseReturnValue:
        path = (bank.sent.get(key) or abort(404)).path
        answer = Response(path.read_bytes(), content_type="text/plain; charset=windows-1251")
        answer.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
        return answer


def read_code(text: str, payee: Payee) -> dict[str, str]:
    """Return the form as a payment's code fills it; no code, an empty form.

    Raises: ValueError, in words for the payer, where it is no code, or one of another payee's.
    """
    if not text:
        return {}
    head, *fields = text.split("|")
    values: dict[str, Any] = dict(one.partition("=")[::2] for one in fields)
    if len(text) > LONGEST_CODE or not head.startswith(HEADER) or "PersonalAcc" not in values:
        raise ValueError("Код не читается: откройте эту страницу по ссылке с квитанции или счёта")
    if values["PersonalAcc"] != payee.account:
        raise ValueError("Учебный банк платит только на счёт, который стоит в настройках K5")
    kopecks = values.get("Sum", "")
    names = (values.get(name, "") for name in ("LastName", "FirstName", "MiddleName"))
    return {
        "sum": str(Money(int(kopecks))) if kopecks.isascii() and kopecks.isdigit() and len(kopecks) < 12 else "",
        "purpose": clean(values.get("Purpose", "")),
        "payer": clean(" ".join(name for name in names if name)),
    }
