"""What a payer came for goes along every step of paying, and leads to no page but ours. Promises: A10, S16."""

import re

import pytest

from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.payments.fake_way import FakeWay, form_of, pay

TO = "/+74951234567"


def test_no_money_leads_by_one_line_of_presses_to_the_call(phone: Browser, bank: FakeWay, k5: House) -> None:
    """The sum that is missing and the number go through every step, and the page of the paid payment leads back."""
    k5.top_up("1.20")
    page = phone.get(TO).text
    assert "Пополните хотя бы на 10,00" in page.replace("\N{NO-BREAK SPACE}", " "), "what the way takes at least"
    ways = link(page, "Пополнить")
    way = link(phone.get(ways).text, "Банк «Ромашка»")
    form = phone.get(way)
    assert 'name="sum" inputmode="decimal" autocomplete="transaction-amount" value="10.00"' in form.text
    begun = phone.post("/pay/fake-bank", None, **form_of(form.text), sum="100")
    assert begun.status_code == 303, begun.text
    paid = phone.get(pay(k5, bank)).text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")
    assert "На счёте 101,20 ₽" in paid
    assert f'<a class="button" href="{TO}">Позвонить +7 495 123-45-67</a>' in paid
    assert 'action="/call"' in phone.get(TO).text
    assert "?next" not in bank.started[0].return_url, "the provider learns no number"


def link(page: str, words: str) -> str:
    """Return where the page's own link of these words leads to: the menu has one of the same words."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>(?:<b>)?{re.escape(words)}', page.partition("</header>")[2])
    assert found, words
    return found[1].replace("&amp;", "&")


def test_the_errand_goes_through_receipt_and_invoice_too(phone: Browser, bank: FakeWay) -> None:
    ways = phone.get("/pay?sum=12.30&next=/%2B74951234567").text
    receipt, invoices = link(ways, "Квитанция ПД-4 для банка"), link(ways, "Счёт для организации")
    for address in (receipt, invoices):
        assert "sum=12.30&next=/%2B74951234567" in address
        page = phone.get(address).text
        assert f'href="{TO}">Позвонить +7' in page
        assert 'value="12.30"' in page


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_page_that_is_not_ours_is_never_led_to(phone: Browser, bank: FakeWay, k5: House, path: str) -> None:
    for page in (phone.get("/pay", **{}), phone.client.get("/pay", query_string={"sum": "5", "next": path})):
        others = re.sub(r'href="\?[^"]*&amp;lang=[a-z]+"', "", page.text)  # the same page in other languages
        assert "evil" not in others
        assert "alert(1)" not in others
    form = form_of(phone.client.get("/pay/fake-bank", query_string={"sum": "500", "next": path}).text)
    phone.post("/pay/fake-bank", None, **form, sum="500")
    paid = phone.get(pay(k5, bank)).text
    assert "evil" not in paid
    phone.post("/pay/fake-bank", None, **form_of(phone.get("/pay/fake-bank").text), sum="500", next=path)
    assert bank.started[-1].leads_to == ""
