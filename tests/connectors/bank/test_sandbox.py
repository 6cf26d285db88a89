"""The simulated bank pays receipts and invoices by their codes, and its statements are such as the import takes.

It is no second home of crediting: what it writes is a bank's file, and the import decides.
"""

from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client, TestResponse

from app import take_in
from connectors.bank import sandbox, sandbox_statement
from connectors.bank.sandbox_statement import Payment
from k5web.domain.bank.invoice import Buyer, InvoiceState
from k5web.domain.money import rub
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.services.bank import invoices, receipts
from k5web.services.bank.statement_import import import_statement
from k5web.services.bank.suspense import suspense
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.payee import ROMASHKA
from tests.services.house import House

K5_URL = "http://192.168.1.5:8000"
BUYER = Buyer("ООО «Лютик»", "7707083893", "770701001")


class Payer:
    """Somebody with a browser at the simulated bank."""

    def __init__(self, k5: House, folder: Path, imports: sandbox.TakeIn | None = None) -> None:
        self.k5, self.folder = k5, folder
        options = SandboxOptions("http://192.168.1.5:8090/bank", "http://127.0.0.1:8000", str(folder), k5.clock, K5_URL)
        self.browser = Client(sandbox.create(ROMASHKA, options, imports or take_in(k5.ports)))

    def open(self, code: bytes | str = "", **more: str) -> TestResponse:
        """Follow a link with a payment's code."""
        text = code.decode() if isinstance(code, bytes) else code
        return self.browser.get(f"/try?{urlencode({'st': text} | more)}")

    def pay(self, page: TestResponse, **typed: str) -> str:
        """Press the button of the form, with these fields changed; return what the bank says then."""
        answer = self.browser.post("/pay", data=self.fields(page) | typed)
        assert answer.status_code == 303, said(answer)
        return said(self.browser.get(answer.headers["Location"]))

    def fields(self, page: TestResponse) -> dict[str, str]:
        """Return what the page's form holds."""
        assert page.status_code == 200
        found = {
            name: _between(page.text, f'name="{name}" value="', '"') for name in ("key", "back", "sum", "payer", "inn")
        }
        return {**found, "purpose": _between(page.text, 'name="purpose" rows="4" required>', "<"), "times": "1"}

    def statements(self) -> list[Path]:
        return sorted(self.folder.glob("statement-*.txt"))


def _between(text: str, begin: str, end: str) -> str:
    return unescape(text.partition(begin)[2].partition(end)[0])


def said(page: TestResponse) -> str:
    return unescape(page.text)


@pytest.fixture
def k5(sessions: Sessions, clock: Clock) -> House:
    return House(sessions, clock)


@pytest.fixture
def payer(k5: House, tmp_path: Path) -> Payer:
    return Payer(k5, tmp_path)


def receipt_code(k5: House, amount: str | None = "500.00") -> bytes:
    return receipts.make(k5.ports, k5.caller, rub(amount) if amount else None).payload()


def test_a_receipt_is_paid_by_its_code_and_the_money_is_on_the_account(k5: House, payer: Payer) -> None:
    page = payer.open(receipt_code(k5))
    assert payer.fields(page)["sum"] == "500.00"
    told = payer.pay(page)
    assert "Зачислено 500.00 ₽" in told
    assert k5.balance() == rub("500.00")
    k5.assert_sound()


def test_a_receipt_without_a_sum_wants_one_and_says_which_is_wrong(k5: House, payer: Payer) -> None:
    page = payer.open(receipt_code(k5, None))
    for typed in ("", "0", "-5", "много", "99999999,99"):
        answer = payer.browser.post("/pay", data=payer.fields(page) | {"sum": typed})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    payer.pay(page, sum="12,50")
    assert k5.balance() == rub("12.50")


def test_an_organisation_pays_its_invoice(k5: House, payer: Payer) -> None:
    made = invoices.make(k5.ports, k5.caller, rub("700.00"), BUYER, "form")
    page = payer.open(made.payload(ROMASHKA), payer=BUYER.name, inn=BUYER.inn)
    assert payer.fields(page)["payer"] == BUYER.name
    payer.pay(page)
    assert invoices.find(k5.ports, k5.caller.id, made.number).state is InvoiceState.PAID
    assert k5.balance() == rub("700.00")
    assert f"ПлательщикИНН={BUYER.inn}" in payer.statements()[0].read_text("cp1251")
    k5.assert_sound()


def test_the_same_statement_twice_and_once_more_credits_once(k5: House, payer: Payer) -> None:
    page = payer.open(receipt_code(k5))
    told = payer.pay(page, times="2")
    assert told.count("известно раньше: 1") == 1
    key = payer.fields(page)["key"]
    payer.browser.post(f"/paid/{key}/again")
    assert said(payer.browser.get(f"/paid/{key}")).count("известно раньше: 1") == 2
    assert k5.balance() == rub("500.00")


def test_a_form_that_is_sent_twice_pays_once_and_two_forms_pay_twice(k5: House, payer: Payer) -> None:
    page = payer.open(receipt_code(k5))
    payer.pay(page)
    payer.pay(page)
    assert (len(payer.statements()), k5.balance()) == (1, rub("500.00"))
    payer.pay(payer.open(receipt_code(k5)))
    assert (len(payer.statements()), k5.balance()) == (2, rub("1000.00"))


@pytest.mark.parametrize("changed", [{"sum": "700,00"}, {"purpose": "Другое"}, {"payer": "Ольга"}])
def test_a_form_that_has_paid_pays_nothing_else(k5: House, payer: Payer, changed: dict[str, str]) -> None:
    page = payer.open(receipt_code(k5))
    payer.pay(page)
    answer = payer.browser.post("/pay", data=payer.fields(page) | changed)
    assert answer.status_code == 409
    assert "уже заплачено другое" in said(answer)
    assert (len(payer.statements()), k5.balance()) == (1, rub("500.00"))


def test_the_second_tap_while_the_import_runs_pays_nothing_and_says_so(k5: House, tmp_path: Path) -> None:
    taps: list[str] = []

    def slow(path: Path) -> str:
        if not taps:
            taps.append("once")
            answer = payer.browser.post("/pay", data=fields)
            taps.append(said(payer.browser.get(answer.headers["Location"])))
        return take_in(k5.ports)(path)

    payer = Payer(k5, tmp_path, slow)
    page = payer.open(receipt_code(k5))
    fields = payer.fields(page)
    assert "Зачислено 500.00 ₽" in payer.pay(page)
    assert "Выписка передаётся" in taps[1]
    assert (len(payer.statements()), k5.balance()) == (1, rub("500.00"))


def test_a_bank_that_was_started_anew_repeats_no_number_of_the_day(k5: House, payer: Payer) -> None:
    payer.pay(payer.open(receipt_code(k5)))
    k5.clock.forward(seconds=2)
    later = Payer(k5, payer.folder)
    later.pay(later.open(receipt_code(k5)))
    assert k5.balance() == rub("1000.00")


def test_the_days_of_a_statement_are_the_operators(k5: House, payer: Payer) -> None:
    k5.clock.forward(hours=13)  # 22:00 UTC is the next day in Moscow
    payer.pay(payer.open(receipt_code(k5)))
    days = {line.partition("=")[2] for line in payer.statements()[0].read_text("cp1251").splitlines() if "Дата" in line}
    assert days == {f"{k5.ports.today():%d.%m.%Y}"} == {"02.12.2026"}


def test_the_file_imported_by_hand_is_believed_as_a_banks_own(k5: House, payer: Payer) -> None:
    """Nothing is read leniently, nothing is in doubt, and its totals prove it."""
    told = payer.pay(payer.open(receipt_code(k5)), times="0")
    [path] = payer.statements()
    assert f"k5 bank import {path}" in told
    assert k5.balance() == rub("0.00")
    done = import_statement(k5.ports, path, [])
    assert (done.credited.count, done.doubts, +done.notes, done.needs_a_person) == (1, [], {}, False)
    key = told.partition("/statement/")[2].partition(".txt")[0]
    assert payer.browser.get(f"/statement/{key}.txt").data == path.read_bytes()
    assert payer.browser.get(f"/statement/{key}x.txt").status_code == 404
    path.write_bytes(path.read_bytes().replace(b"=500.00", b"=600.00", 1))
    assert "не принял выписку" in take_in(k5.ports)(path)


def test_what_names_nobody_goes_to_suspense(k5: House, payer: Payer) -> None:
    told = payer.pay(payer.open(receipt_code(k5)), purpose="За связь")
    assert "к выяснению 500.00 ₽" in told
    assert (k5.balance(), suspense(k5.ports).count) == (rub("0.00"), 1)


def test_a_large_sum_is_asked_about_as_in_any_statement(k5: House, payer: Payer) -> None:
    told = payer.pay(payer.open(receipt_code(k5)), sum="1000000,01")
    assert "K5 не принял выписку" in told
    assert "K5_BANK_ASKS_ABOVE" in told
    assert "платёж 1000000.01 ₽ больше 1000000.00 ₽" in told
    assert "compare" not in told
    assert k5.balance() == rub("0.00")
    payer.pay(payer.open(receipt_code(k5)))
    assert k5.balance() == rub("500.00"), "the next statement is a file of its own"


@pytest.mark.parametrize("field", ["purpose", "payer", "inn"])
@pytest.mark.parametrize(
    "typed", ["x\r\nСумма=9.99\r\nКонецДокумента", "\x00\x1a\u2028", "漢字 Үсөн", "=|;" * 300, "КонецФайла"]
)
def test_whatever_is_typed_stays_in_its_line(k5: House, payer: Payer, field: str, typed: str) -> None:
    told = payer.pay(payer.open(receipt_code(k5)), **{field: typed})
    assert "не принял" not in told
    [path] = payer.statements()
    done = import_statement(k5.ports, path, [])
    assert (done.known, done.doubts) == (1, [])
    assert path.read_bytes().count(b"\r\n") == sandbox_statement.write(PLAIN, ROMASHKA.account, rub("1.00")).count(
        b"\r\n"
    )


PLAIN = Payment("10000001", date(2026, 12, 1), rub("5.00"), "Анна", "", "нет")


@pytest.mark.parametrize(
    "code",
    [
        "x",
        "ST00012",
        "ST00012|Sum=1",
        "http://evil.example",
        f"ST00012|PersonalAcc={ROMASHKA.account[:-1]}8|Sum=1",
        "ST00012|" * 900,
    ],
)
def test_what_is_no_code_of_ours_is_said_and_pays_nothing(k5: House, payer: Payer, code: str) -> None:
    page = payer.open(code)
    assert page.status_code == 400
    assert 'role="alert"' in page.text


@pytest.mark.parametrize(
    "back", ["http://evil.example/", "//evil.example", f"{K5_URL}.evil.example/", "javascript:x", ""]
)
def test_it_leads_back_to_k5_and_nowhere_else(k5: House, payer: Payer, back: str) -> None:
    page = payer.open(receipt_code(k5), back=back)
    assert payer.fields(page)["back"] == f"{K5_URL}/"
    assert f'href="{K5_URL}/"' in payer.pay(page, back=back or "http://evil.example")
    assert "evil" not in payer.pay(payer.open(receipt_code(k5), back=f"{K5_URL}/me/invoices"))
