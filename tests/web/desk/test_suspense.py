"""What nobody has yet is found, and given to whom it is for, on the desk's pages. Promises: B4, B13."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from k5web.domain.money import rub
from k5web.services.bank import doubtful_payments, suspense
from tests.bank_files import Came, exchange
from tests.services.bank.retelling import paid, take
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.desk.test_money import do, fields, look

Staff = Callable[..., Browser]


def test_a_payment_is_found_and_given_to_its_subscriber(staff: Staff, k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([Came(purpose="за связь", payer="ООО Ромашка"), Came("2", rub("7.00"), "прочее")]))
    browser = staff("money")
    page = browser.get("/desk/suspense?payer=ромашка&words=связь").text
    assert "Ждут: 1" in page
    assert "прочее" not in page
    [number] = [one.payment.number for one in suspense.suspense(k5.ports).first if one.payment.purpose == "за связь"]
    hidden = fields(browser.get(f"/desk/suspense/{number}"))
    typed = {**hidden, "owner": str(k5.caller.id), "reason": "позвонил", "document": "заявление 1"}
    shown = browser.post("/desk/money/assign/look", None, **typed)
    assert "Невыясненные платежи" in shown.text
    assert k5.balance() == rub("0.00")
    assert do(browser, "assign", shown).status_code == 303
    assert k5.balance() == rub("500.00")
    assert browser.get(f"/desk/suspense/{number}").text.count("<form") == 1  # to log out
    k5.assert_sound()


def test_what_is_typed_wrong_into_the_filter_asks_for_nothing(staff: Staff, k5: House) -> None:
    browser = staff("auditor")
    assert browser.get("/desk/suspense?sum=много&day=вчера&after=x").status_code == 200
    assert browser.get("/desk/suspense?after=2026-12-01.x").status_code == 200
    assert browser.get("/desk/suspense/17").status_code == 404


def test_what_was_given_away_meanwhile_hides_nothing_of_the_next_page(
    staff: Staff, k5: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspense, "PAGE", 2)
    take(k5, tmp_path, exchange([Came(str(n), rub(f"{n}.00"), f"дело {n}") for n in range(1, 6)]))
    browser = staff("money")
    first = browser.get("/desk/suspense?words=дело").text
    assert "Ждут: 5" in first
    assert re.findall(r"<td[^>]*>(дело \d)", first) == ["дело 1", "дело 2"]
    [further] = re.findall(r'href="(\?[^"]*after=[^"]*)"', first)
    suspense.assign(k5.ports, suspense.longest_waiting(k5.ports, 1)[0].number, k5.caller.id, "staff:boris")
    second = browser.get(f"/desk/suspense{html.unescape(further)}").text
    assert "Ждут: 4" in second
    assert re.findall(r"<td[^>]*>(дело \d)", second) == ["дело 3", "дело 4"]


def test_a_doubtful_payment_is_decided_about(staff: Staff, k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5)]))
    take(k5, tmp_path, exchange([paid(k5, bic="")]))
    [waiting] = doubtful_payments.doubtful(k5.ports)
    browser = staff("money")
    page = browser.get("/desk/doubtful").text
    assert "БИК плательщика" in page
    assert "/desk/money/join_doubt" in page
    shown = look(browser, "join_doubt", payment=str(waiting.doubt.number))
    assert "Деньги не двигаются" in shown.text
    assert do(browser, "join_doubt", shown).status_code == 303
    assert "Таких сейчас нет" in browser.get("/desk/doubtful").text
    assert k5.balance() == rub("500.00")
