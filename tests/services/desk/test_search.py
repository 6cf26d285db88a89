"""Each kind of thing is found by what a person has in hand, by an index, in few statements. Promises: C3, B2, B13."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.bank.invoice import Buyer
from k5web.domain.bank.receipt import Printed
from k5web.domain.desk.question import Kind
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import profiles
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.bank import invoices
from k5web.services.books import acts
from k5web.services.desk import search
from k5web.services.desk.search import PAGE, Answer, Hit
from k5web.services.payments import payers
from k5web.storage.accounts import name_rows, subscribers
from k5web.storage.bank import receipt_rows
from tests.bank_files import Came, exchange
from tests.plans import plans
from tests.services.bank.payouts import receive
from tests.services.bank.retelling import paid, take
from tests.services.books.months import Months
from tests.services.books.test_claims import dispute
from tests.services.books.test_claims import take as charge
from tests.services.house import House, with_phone
from tests.services.net import Net, number
from tests.services.payments.shop import Shop
from tests.services.visits import statements

TODAY, YESTERDAY = "01.12.2026", "30.11.2026"
EVERY = tuple(Kind)
COMPANY_INN, PERSONS_INN = "7708789018", "500100732259"


def find(k5: House, typed: str, kinds: Iterable[Kind] = EVERY, after: str = "") -> Answer:
    return search.find(k5.ports, typed, set(kinds), after)


def hits(answer: Answer, kind: Kind) -> list[Hit]:
    return answer.found[kind].hits if kind in answer.found else []


def join(k5: House, name: str, phone: str | None = None) -> int:
    return add_subscriber(k5.ports, Msisdn(phone) if phone else None, "correct horse", name).id


# --- subscribers


@pytest.mark.parametrize("typed", ["+7 916 123-45-67", "8(916)1234567", "tel:+79161234567", "телефон 89161234567"])
def test_a_subscriber_is_found_by_a_phone_in_any_spelling(k5: House, typed: str) -> None:
    only = find(k5, typed).only
    assert only is not None
    assert (only.kind, only.owner_id, only.title) == (Kind.SUBSCRIBER, k5.caller.id, "А.")


def test_a_subscriber_is_found_by_any_of_their_phones(k5: House) -> None:
    with_phone(k5.ports, k5.caller, Msisdn("996555123456"))
    assert [hit.owner_id for hit in hits(find(k5, "0555 123456"), Kind.SUBSCRIBER)] == [k5.caller.id]


def test_a_subscriber_is_found_by_id_and_by_contract(k5: House) -> None:
    for typed in (str(k5.caller.id), f"K5-{k5.caller.id}", f"договор {k5.caller.id}"):
        assert [hit.owner_id for hit in hits(find(k5, typed), Kind.SUBSCRIBER)] == [k5.caller.id]


@pytest.mark.parametrize("inn", [COMPANY_INN, PERSONS_INN, "01203199012345"])
def test_a_subscriber_is_found_by_the_tax_number_that_payers_type(k5: House, inn: str) -> None:
    payers.set_inn(k5.ports, k5.caller.id, inn)
    assert [hit.owner_id for hit in hits(find(k5, f"ИНН {inn}"), Kind.SUBSCRIBER)] == [k5.caller.id]


def test_a_company_is_found_by_the_tax_number_of_its_particulars_and_invoices(k5: House) -> None:
    company = {"organisation": "ООО «Ромашка»", "legal_address": "Москва", "inn": COMPANY_INN, "ogrn": "1027700132195"}
    profiles.save(k5.ports, k5.caller.id, "organisation", company, consents_now=True)
    buyer = join(k5, "Борис")
    invoices.make(
        k5.ports,
        _subscriber(k5, buyer),
        rub("500.00"),
        Buyer("ООО «Лютик»", COMPANY_INN, "772401001"),
        "form",
    )
    assert {hit.owner_id for hit in hits(find(k5, COMPANY_INN), Kind.SUBSCRIBER)} == {k5.caller.id, buyer}


@pytest.mark.parametrize("typed", ["семенов", "СЕМЁНОВ Пётр", "петр сем", "Пё Тян се"])
def test_a_subscriber_is_found_by_the_beginnings_of_words_of_the_name(k5: House, typed: str) -> None:
    peter = join(k5, "Пётр Семёнов-Тян")
    join(k5, "Пётр Ильич")
    assert [hit.owner_id for hit in hits(find(k5, typed), Kind.SUBSCRIBER)] == [peter]


def test_a_name_is_found_by_its_newest_words_only_and_by_none_after_an_erasure(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        subscribers.set_name(db, k5.caller.id, "Вера Новикова")
    assert not find(k5, "анна").found
    assert hits(find(k5, "нов вера"), Kind.SUBSCRIBER)
    with k5.ports.sessions.begin() as db:
        subscribers.set_name(db, k5.caller.id, "")
    assert not find(k5, "новикова").found


def test_a_word_inside_a_name_is_not_a_beginning(k5: House) -> None:
    assert not find(k5, "нна").found
    assert not find(k5, "%").found
    assert not find(k5, "анна борисовна").found


def test_many_of_one_name_are_shown_a_page_at_a_time_each_once(k5: House) -> None:
    ids = _many(k5, "Мария Марьина", 2 * PAGE + 3)
    seen: list[int] = []
    after, pages = "", 0
    while True:
        found = find(k5, "мар", [Kind.SUBSCRIBER], after).found[Kind.SUBSCRIBER]
        seen += [hit.owner_id for hit in found.hits]
        after, pages = found.more, pages + 1
        if not after:
            break
        assert pages < 10
    assert set(seen) == set(ids)
    assert find(k5, "мар").only is None


def test_a_rare_name_is_found_behind_a_thousand_of_a_common_one(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_rows, "LOOKED_AT", 4)
    _many(k5, "Мария Петрова", 9)
    rare = join(k5, "Мария Петрунина")
    first = find(k5, "мария петр", [Kind.SUBSCRIBER])
    assert first.found[Kind.SUBSCRIBER].more
    after, found = "", []
    for _ in range(9):
        each = find(k5, "мария петр", [Kind.SUBSCRIBER], after).found.get(Kind.SUBSCRIBER)
        found += [hit.owner_id for hit in each.hits] if each else []
        after = each.more if each else ""
        if not after:
            break
    assert rare in found
    assert hits(find(k5, "мария петрун"), Kind.SUBSCRIBER)[0].owner_id == rare


def _many(k5: House, name: str, count: int) -> list[int]:
    found = []
    with k5.ports.sessions.begin() as db:
        for place in range(count):
            made = replace(k5.caller, id=700_000 + place, phone=None, name=name)
            subscribers.add(db, made, None, k5.clock())
            found.append(made.id)
    return found


def _subscriber(k5: House, owner_id: int) -> Subscriber:
    with k5.ports.sessions.read() as db:
        return subscribers.get(db, owner_id)


# --- payments


def test_a_payment_is_found_by_its_providers_key_exactly_as_sent_and_by_our_number(net: Net) -> None:
    ours = number(net.pays(key="aB-00.17/x"))
    for typed in ("aB-00.17/x", ours, f"платёж {ours}"):
        only = find(net, typed).only
        assert only is not None
        assert (only.kind, only.owner_id, str(only.amount)) == (Kind.PAYMENT, net.caller.id, "250.00")
    assert not find(net, "ab-00.17/x").found


def test_a_top_up_is_found_by_our_reference_its_providers_number_and_id(shop: Shop) -> None:
    top_up = shop.begin()
    for typed in (top_up.reference, top_up.number, f"id-{top_up.number}"):
        only = find(shop, typed).only
        assert only is not None
        assert (only.kind, only.reference) == (Kind.PAYMENT, top_up.reference)
    shop.provider_says(top_up.number, top_up.state.PAID)
    shop.look(top_up)
    only = find(shop, top_up.reference).only
    assert only is not None
    assert only.name is not None


def test_a_refused_payment_is_found_by_its_key_and_by_its_sum_and_day(net: Net) -> None:
    net.pays(key="lost-1", account="79169999999")
    for typed in ("lost-1", f"250 {TODAY}", "250,00 сегодня"):
        only = find(net, typed).only
        assert only is not None
        assert (only.kind, only.reference) == (Kind.UNCREDITED, "lost-1")
    assert not find(net, f"250 {YESTERDAY}").found


def test_payments_of_a_sum_and_day_are_found_and_no_others(net: Net) -> None:
    net.pays(key="one")
    net.pays(key="two")
    net.pays(key="three", sum="250.01")
    found = hits(find(net, f"250.00 {TODAY}"), Kind.PAYMENT)
    assert {hit.name.key for hit in found if hit.name} == {"one", "two"}


def test_many_payments_of_a_sum_and_day_go_on_by_key(net: Net) -> None:
    for place in range(PAGE + 2):
        net.pays(key=f"p{place}")
    first = find(net, "250 сегодня", [Kind.PAYMENT]).found[Kind.PAYMENT]
    rest = find(net, "250 сегодня", [Kind.PAYMENT], first.more).found[Kind.PAYMENT]
    assert (len(first.hits), len(rest.hits), rest.more) == (PAGE, 2, "")
    assert not {hit.reference for hit in first.hits} & {hit.reference for hit in rest.hits}


def test_a_bank_payment_is_found_by_number_of_document_sum_and_payers_tax_number(k5: House, tmp_path: Path) -> None:
    receive(k5, tmp_path, Came("4017", rub("500.00"), "?", payer_inn=COMPANY_INN))
    for typed in ("4017", "платёжка № 4017", COMPANY_INN, f"500.00 {YESTERDAY}"):
        [hit] = hits(find(k5, typed), Kind.BANK)
        assert (hit.owner_id, hit.reference, str(hit.amount)) == (0, "4017", "500.00")
    assert hits(find(k5, f"500.00 {TODAY}"), Kind.PAYMENT)  # it was booked today


def test_a_doubtful_payment_is_found_and_leads_to_itself(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5)]))
    take(k5, tmp_path, exchange([paid(k5, bic="")]))
    found = hits(find(k5, "4017"), Kind.BANK)
    assert [(hit.n, hit.name is None) for hit in found] == [(0, False), (1, True)]


# --- calls and documents


def test_a_call_and_a_claim_are_found_by_owner_and_number(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    dispute(k5, charge(k5, 220, "a"))
    both = find(k5, call.id)
    assert [hit.reference for hit in hits(both, Kind.CALL)] == [call.id]
    assert [(hit.kind, hit.n) for hit in hits(both, Kind.CLAIM)] == [(Kind.CLAIM, 1)]
    only = find(k5, f"претензия {k5.caller.id}-1").only
    assert only is not None
    assert only.kind is Kind.CLAIM


def test_acts_and_invoices_are_found_by_their_numbers(k5: House) -> None:
    months = Months(k5)
    months.charge(10_00)
    months.at("2027-01-01 12:00:00")
    acts.run(k5.ports)
    [act] = months.found()
    for typed in (act.label, f"акт № {act.label}", f"акт {act.number}"):
        only = find(k5, typed).only
        assert only is not None
        assert (only.kind, only.reference, only.amount) == (Kind.ACT, act.label, rub("10.00"))
    invoice = invoices.make(
        k5.ports, k5.caller, rub("500.00"), Buyer("ООО «Ромашка»", COMPANY_INN, "772401001"), "form"
    )
    only = find(k5, f"счёт {invoice.number}").only
    assert only is not None
    assert (only.kind, only.owner_id) == (Kind.INVOICE, k5.caller.id)


def test_a_receipt_is_found_by_its_sum_and_day(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        receipt_rows.add(db, k5.caller.id, Printed(date(2026, 11, 30), rub("300.00")), k5.clock())
    only = find(k5, "300 вчера").only
    assert only is not None
    assert (only.kind, only.owner_id) == (Kind.RECEIPT, k5.caller.id)


# --- who may see what, and what it costs


def test_kinds_that_are_not_asked_for_are_not_looked_for(net: Net) -> None:
    net.pays(key="one")
    others = set(EVERY) - {Kind.PAYMENT, Kind.UNCREDITED, Kind.BANK}
    asked: list[str] = []
    with statements(net.ports.sessions, asked):
        assert not find(net, "one", others).found
        assert not find(net, "250 сегодня", others).found
    assert not [statement for statement in asked if "FROM posting" in statement or "FROM name_claim" in statement]


HOSTILE = ["", "\x00", "'; DROP TABLE subscriber; --", "%_%", "(((((", "[a-z]+$", "9" * 100_000, "я" * 100_000]


@pytest.mark.parametrize("at", range(len(HOSTILE)))
def test_hostile_and_empty_texts_find_nothing_and_break_nothing(k5: House, at: int) -> None:
    for after in ("", "\x00", "\x00 1", "1 2", "а б", "1 2 3", "9" * 30):
        assert not find(k5, HOSTILE[at], after=after).found


TYPED = {  # a text, and the indexes that answer it beside those of keys
    "79161234567": "",
    "100001": "",
    COMPANY_INN: "uq_subscriber_inn_hash ix_personal_data_inn ix_invoice_buyer_inn ix_bank_payment_payer_inn",
    "анна пет": "ix_name_word_word",
    "PSP269894310": "ix_topup_code ix_topup_provider_id ix_notice_receipt ix_register_line_key",
    "K5-100001-1": "",
    "1000000001": "ix_account_id",
    "100001-1": "",
    "15/2026": "ix_act_year_number",
    "счёт 15": "ix_invoice_number",
    "платёжка 15": "ix_bank_payment_number_day ix_bank_doubt_number_day",
    "250.00 30.11.2026": "ix_posting_payment ix_notice_refused ix_register_line_missing ix_receipt_day_amount "
    "ix_bank_payment_day_amount ix_bank_doubt_day_amount",
}


@pytest.mark.parametrize("typed", TYPED)
def test_no_search_asks_the_database_more_than_thirty_times(net: Net, typed: str) -> None:
    for place in range(PAGE):
        net.pays(key=f"p{place}")
    asked: list[str] = []
    with statements(net.ports.sessions, asked):
        find(net, typed)
    assert len(asked) <= 30, asked


@pytest.mark.parametrize("typed", TYPED)
def test_each_question_is_answered_by_an_index(net: Net, typed: str) -> None:
    """Also where the tables are so small that a whole one would be read faster: as it will be when they are not."""
    net.pays(key="PSP269894310")
    used = set[str]()
    with plans(net.ports.sessions) as found:
        find(net, typed)
        find(net, typed, [Kind.SUBSCRIBER], f"{typed.split(' ')[0]} 1")
        find(net, typed, [Kind.PAYMENT], "1 1 1")
    for statement, steps in found:
        assert not [step for step in steps if step.is_whole_table], statement
        used |= {step.index for step in steps}
    assert set(TYPED[typed].split()) <= used
