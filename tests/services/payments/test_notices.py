"""A provider's notice, whatever it says and however often: one credit, the same answer, never a final word for
our own trouble. Promises: A10, C2, docs/ledger.md, S4, S6, S22.

Long because a notice is judged in one order, told from its reading to its answer.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub
from k5web.domain.payments.notice import WireRequest
from k5web.domain.prices.number import Msisdn, other_reading
from k5web.errors import AlreadyThere, SeveralFit
from k5web.services.accounts.accounts import add_subscriber, find_subscriber, purse
from k5web.services.books import corrections
from k5web.services.books.verify import verify
from k5web.services.payments import notices, payers
from k5web.storage.accounts import subscribers
from k5web.storage.books.ledger_sql import ACCOUNT
from k5web.storage.payments import notice_rows
from k5web.storage.session import OutcomeUnknown, Sessions
from k5web.storage.tables import AllocatorRow, SubscriberRow
from tests.conftest import Clock
from tests.fakes.connector import SECRET, query, sign
from tests.services.net import PHONE, Net


@pytest.fixture
def net(sessions: Sessions) -> Net:
    """A house whose payments come by the made-up network."""
    return Net(sessions, Clock())


def number(answer: str) -> str:
    """The payment's number in an answer."""
    word, found, *_ = answer.split()
    assert word == "paid", answer
    assert found.isdigit()
    return found


# --- may it be paid?


@pytest.mark.parametrize("account", [PHONE, "+7 916 123-45-67", "89161234567", "9161234567", "8 (916) 123 45 67"])
def test_a_payer_types_the_phone_as_they_like(net: Net, account: str) -> None:
    assert net.checks(account) == "possible А. 10.00 15000.00"


@pytest.mark.parametrize("account", ["{id}", "K5-{id}", "k5-{id}", " {id} "])
def test_a_payer_types_the_number_of_the_account(net: Net, account: str) -> None:
    assert net.checks(account.format(id=net.caller.id)).startswith("possible")


def test_a_local_number_is_read_where_the_partners_currency_is_at_home(net: Net) -> None:
    add_subscriber(net.ports, Msisdn("996555010203"), "correct horse", "Айгуль", "KGS")
    assert net.checks("0555010203") == "refused account_format"
    net.change(currency="KGS", minimum=Money(1000, "KGS"), maximum=Money(1500000, "KGS"))
    for typed in ("0555010203", "555010203", "996555010203"):
        assert net.checks(typed) == "possible А. 10.00 15000.00"


MOSCOW, GERMANY = Msisdn("74951234567"), Msisdn("4951234567")  # ten digits at home are what Germany's has in all


@pytest.mark.parametrize("typed", ["4951234567", "(495) 123-45-67", "84951234567", "74951234567", "+7 495 123-45-67"])
def test_ten_digits_are_the_number_at_home_whoever_has_the_same_digits_abroad(net: Net, typed: str) -> None:
    """A11: a payer types ten digits, so they never mean somebody in Germany, were he the only one there is."""
    german = add_subscriber(net.ports, GERMANY, "correct horse", "Gerda")
    assert net.checks(typed) == net.pays(account=typed) == "refused account_unknown"
    moscow = add_subscriber(net.ports, MOSCOW, "correct horse", "Марина")
    assert net.checks(typed).startswith("possible М.")
    assert net.pays(account=typed).startswith("paid")
    assert [str(purse(net.ports, who.id).balance) for who in (german, moscow)] == ["0.00", "250.00"]
    assert net.checks("+4951234567").startswith("possible G.")


def test_a_number_that_a_person_would_be_asked_about_is_no_account(net: Net) -> None:
    """+8 495 … is a slip for 8 495 …, or Vietnam's: whoever of the two is a subscriber, nothing is guessed."""
    text = "+8 (495) 123-45-67"
    assert other_reading(text) is not None
    for phone in (Msisdn("84951234567"), MOSCOW):
        assert net.checks(text) == net.pays(account=text) == "refused account_format"
        add_subscriber(net.ports, phone, "correct horse", "Кто-то")
    assert net.checks(text) == net.pays(account=text) == "refused account_format"
    assert verify(net.ports) == []


def test_digits_that_are_ones_phone_and_anothers_id_are_no_account_without_their_mark(net: Net) -> None:
    add_subscriber(net.ports, MOSCOW, "correct horse", "Марина")
    with net.ports.sessions.begin() as db:
        db.execute(update(AllocatorRow).where(AllocatorRow.kind == "subscriber").values(next_id=4951234567))
    assert add_subscriber(net.ports, None, "correct horse", "Борис").id == 4951234567
    assert net.checks("4951234567") == net.pays(account="4951234567") == "refused account_format"
    assert net.checks("4951234567", type="id").startswith("possible Б.")
    assert net.checks("K5-4951234567").startswith("possible Б.")
    assert net.checks("84951234567").startswith("possible М.")
    with pytest.raises(SeveralFit, match="by K5-100002, K5-4951234567"):
        find_subscriber(net.ports, "4951234567")
    assert find_subscriber(net.ports, "k5-4951234567").id == 4951234567


def test_one_tax_number_is_one_subscribers_whichever_key_made_its_hash(net: Net) -> None:
    """A newer key makes another hash of it, so the database cannot see that two have the same number."""
    inn = "01234567890123"
    net.change(account_types=("inn",))
    payers.set_inn(net.ports, net.caller.id, inn)
    net.ports = replace(net.ports, lookup_keys=(b"newer", *net.ports.lookup_keys))
    other = add_subscriber(net.ports, MOSCOW, "correct horse", "Марина")
    with pytest.raises(AlreadyThere):
        payers.set_inn(net.ports, other.id, inn)
    assert net.checks(inn).startswith("possible А.")
    payers.set_inn(net.ports, net.caller.id, inn)  # by the newer key
    with net.ports.sessions.begin() as db:  # as it could be set before
        subscribers.set_inn(db, other.id, payers.account_hash(net.ports.lookup_keys[1], inn))
    assert net.checks(inn) == net.pays(account=inn) == "refused account_format"


@pytest.mark.parametrize(
    ("account", "more", "why"),
    [
        ("abc", {}, "account_format"),
        ("", {}, "account_format"),
        ("0", {}, "account_format"),
        ("9" * 70, {}, "account_format"),
        ("٩١٦١٢٣٤٥٦٧", {}, "account_format"),
        ("K5-99999999999", {}, "account_format"),
        ("12345678901234", {}, "account_format"),  # a tax number, but not for this partner
        (PHONE, {"type": "id"}, "account_format"),
        ("996999999999", {}, "account_unknown"),
        ("999", {}, "account_unknown"),
        (PHONE, {"sum": "9.99"}, "sum_too_small"),
        (PHONE, {"sum": "15000.01"}, "sum_too_large"),
        (PHONE, {"sum": "250.00", "currency": "KGS"}, "wrong_currency"),
    ],
)
def test_what_may_not_be_paid_is_refused_with_its_reason(
    net: Net, account: str, more: dict[str, str], why: str
) -> None:
    assert net.checks(account, **more) == f"refused {why}"
    assert net.pays(account=account, **{"sum": "250.00", **more}) == f"refused {why}"
    assert net.balance() == rub("0.00")
    assert net.pays() == f"paid {net.purse().account_id}000000001 250.00"  # a refusal holds no name


def test_an_account_in_another_currency_is_refused(net: Net) -> None:
    add_subscriber(net.ports, Msisdn("996555010203"), "correct horse", "Айгуль", "KGS")
    assert net.checks("996555010203") == "refused wrong_currency"


def test_blocked_and_closed_accounts_are_inactive_until_they_are_opened(net: Net) -> None:
    net.block()
    assert net.checks() == net.pays() == "refused account_inactive"
    net.block(False)
    assert net.checks().startswith("possible")
    with net.ports.sessions.begin() as db:
        db.execute(ACCOUNT.update().where(ACCOUNT.c.owner_id == net.caller.id).values(closed_at=net.clock()))
    assert net.checks() == net.pays() == "refused account_inactive"


def test_a_closed_partner_pays_nothing_new(net: Net) -> None:
    first = net.pays()
    net.change(is_open=False)
    assert net.checks() == net.pays("2") == "refused closed"
    assert net.pays() == first


def test_a_company_is_found_by_its_tax_number_which_is_not_kept(net: Net) -> None:
    net.change(account_types=("id", "phone", "inn"))
    assert net.checks("01234567890123") == "refused account_unknown"
    payers.set_inn(net.ports, net.caller.id, "01234567890123")
    assert net.checks("01234567890123") == "possible А. 10.00 15000.00"
    assert net.checks("01234567890123", type="inn").startswith("possible")
    assert net.checks("01234567890123", type="phone") == "refused account_format"
    assert not any("01234567890123" in request for request in net.requests())
    newer = replace(net.ports, lookup_keys=(b"newer", *net.ports.lookup_keys))
    net.ports = newer
    assert net.checks("01234567890123").startswith("possible")


def test_a_name_shows_initials_at_most(net: Net) -> None:
    for name, shown in [
        ("Анна", "А."),
        ("anna  karenina", "A. K."),
        ("", ""),
        ("</comment>\u202e\x00 Б", "Б."),
        ("а б в г", "А. Б. В."),
    ]:
        assert payers.initials(name) == shown


# --- a payment


def test_a_payment_is_on_the_account_when_the_answer_goes(net: Net) -> None:
    answer = net.pays()
    assert net.balance() == rub("250.00")
    assert number(answer) == f"{net.purse().account_id}000000001"
    assert net.rows() == [("paid", "ok", "no_date")]
    net.assert_sound()


def test_a_repeat_gets_the_first_answer_for_ever(net: Net) -> None:
    """S4: after a second, six minutes, a year; also blocked, closed, beyond today's limits, by a closed partner."""
    first = net.pays()
    assert net.pays(account="8 916 123-45-67") == first
    for days in (0.00001, 0.004, 365):
        net.clock.forward(days=days)
        assert net.pays() == first
    net.block()
    assert net.pays() == first
    with net.ports.sessions.begin() as db:
        db.execute(ACCOUNT.update().where(ACCOUNT.c.owner_id == net.caller.id).values(closed_at=net.clock()))
    net.change(is_open=False, maximum=rub("100.00"), account_types=("id",))
    assert net.pays() == first
    assert net.balance() == rub("250.00")
    assert {verdict for _, verdict, _ in net.rows()} == {"ok", "repeat"}
    net.assert_sound()


def test_a_repeat_is_known_though_the_phone_is_somebody_elses_since(net: Net) -> None:
    first = net.pays()
    with net.ports.sessions.begin() as db:
        db.execute(SubscriberRow.__table__.update().values(phone=None))  # type: ignore[attr-defined]
    add_subscriber(net.ports, Msisdn(PHONE), "correct horse", "Ольга")
    assert net.pays() == first
    assert net.pays(account=str(net.caller.id)) == first
    assert net.pays(account="9161234567") == "refused conflict"  # typed otherwise, it means Olga


@pytest.mark.parametrize(
    "other", [{"sum": "251.00"}, {"currency": "KGS"}, {"account": "79160000001"}, {"account": "999"}]
)
def test_a_known_name_with_other_facts_is_an_alarm(
    net: Net, caplog: pytest.LogCaptureFixture, other: dict[str, str]
) -> None:
    add_subscriber(net.ports, Msisdn("79160000001"), "correct horse", "Ольга")
    net.pays()
    with caplog.at_level(logging.ERROR):
        assert net.pays(**other) == "refused conflict"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert net.incidents() == ["payment_conflict"]
    assert net.balance() == rub("250.00")
    assert sorted(verdict for _, verdict, _ in net.rows()) == ["conflict", "ok"]


@pytest.mark.parametrize("key", ["", "x" * 65, "a\x00b", "a\nb", "\u202e1"])
def test_what_is_no_name_is_malformed(net: Net, key: str) -> None:
    assert net.pays(key) == "refused malformed"
    assert net.says(do="cancel", key=key) == net.says(do="query", key=key) == "refused malformed"
    assert net.balance() == rub("0.00")


@pytest.mark.parametrize("text", ["250,00", "250.5", "-1.00", "1e3", "٥.٠٠", "0250.001", "NaN", "", "99999999999.00"])
def test_a_sum_that_is_none_is_malformed(net: Net, text: str) -> None:
    assert net.pays(sum=text) == "refused malformed"
    assert net.rows() == [("", "malformed", "malformed")]


# --- our own trouble


def test_our_own_trouble_is_never_final(
    net: Net, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(trouble: Exception) -> Callable[..., object]:
        def raise_it(*args: object, **kwargs: object) -> object:
            raise trouble

        return raise_it

    gone = OperationalError("", {}, Exception())
    for trouble in (gone, OutcomeUnknown(), RuntimeError("a bug"), ValueError(), KeyError()):
        with monkeypatch.context() as patch:
            patch.setattr("k5web.storage.payments.notice_rows.add", fail(trouble))
            assert net.pays() == net.checks() == "refused later"
        assert net.balance() == rub("0.00")
    assert net.pays() == f"paid {net.purse().account_id}000000001 250.00"
    net.assert_sound()


def test_a_bug_of_a_connector_is_put_off_and_logged(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert net.says(do="bug") == "refused later"
    assert caplog.records[0].exc_info is not None


# --- forged, masked


def test_forged_notices_move_nothing_and_fill_no_table(net: Net) -> None:
    true = query(do="pay", key="1", account=PHONE, sum="250.00")
    for changed in (true.replace("250", "251"), true.replace("sign=", "sign=0"), true.partition("&sign")[0]):
        for _ in range(20):
            request = WireRequest("GET", "/hooks/fake/bank", changed, {}, b"", "127.0.0.1", net.clock())
            assert notices.take_notice(net.ports, net.connector, request).status == 403
    assert net.rows() == [("", "forged", "forged")]
    net.clock.forward(minutes=1)
    notices.take_notice(net.ports, net.connector, replace(request, at=net.clock()))
    assert len(net.rows()) == 2
    assert net.balance() == rub("0.00")
    assert PHONE not in "".join(net.requests())


def test_a_notice_is_kept_without_secrets_and_whole_numbers(net: Net) -> None:
    fields = {"do": "check", "account": PHONE, "note": f"{SECRET} 4111 1111 1111 1111", "password": "letmein"}
    body = urlencode(fields | {"sign": sign(fields)}).encode()
    request = WireRequest("POST", "/hooks/fake/bank", "", {}, body, "127.0.0.1", net.clock())
    notices.take_notice(net.ports, net.connector, request)
    (kept,) = net.requests()
    for hidden in (PHONE, SECRET, "4111+1111", "letmein", sign(fields)):
        assert hidden not in kept
    assert "7916***67" in kept
    assert "do=check" in kept


def test_a_long_notice_is_kept_in_8_kb(net: Net) -> None:
    net.checks("я" * 20_000)
    (kept,) = net.requests()
    assert 8000 < len(kept.encode()) <= 8192


@pytest.mark.parametrize("amount", [None, "0.00"])
def test_a_check_without_a_sum_judges_the_account_alone(net: Net, amount: str | None) -> None:
    """C5: networks ask before the payer has typed a sum."""
    more = {} if amount is None else {"sum": amount}
    assert net.checks(**more) == "possible А. 10.00 15000.00"
    assert net.checks("79160000000", **more) == "refused account_unknown"
    assert net.pays(sum="0.00") == "refused sum_too_small"


# --- taken back, asked about


def test_a_payment_is_taken_back_once(net: Net) -> None:
    paid = number(net.pays())
    undone = f"undone {paid} 250.00"
    assert net.says(do="cancel", key="700100200300", sum="250.00") == undone
    assert net.says(do="cancel", key="700100200300") == undone
    assert net.balance() == rub("0.00")
    assert net.says(do="query", key="700100200300") == "cancelled"
    assert net.pays() == "refused cancelled_before", "the first answer would be untrue now"
    assert net.pays(sum="251.00") == "refused conflict"
    assert net.balance() == rub("0.00")
    net.assert_sound()


def test_a_payment_of_which_a_part_went_back_gets_its_first_answer(net: Net) -> None:
    """The provider's own refund and the operator's: the payment itself took place and stays."""
    first = net.pays()
    name = EventName("fake:bank", "700100200300")
    corrections.refund(net.ports, net.caller.id, name, rub("250.00"), "application-1", "staff:1")
    assert (net.pays(), net.balance()) == (first, rub("0.00"))


def test_cancels_at_the_same_moment_are_one_and_all_are_told_so(net: Net) -> None:
    for key in map(str, range(1, 6)):
        paid = number(net.pays(key))
        with ThreadPoolExecutor(4) as crowd:
            answers = set(crowd.map(lambda _, key=key: net.says(do="cancel", key=key), range(4)))
        assert answers <= {f"undone {paid} 250.00", "refused later"}
        assert f"undone {paid} 250.00" in answers
    assert (net.balance(), net.incidents()) == (rub("0.00"), [])
    net.assert_sound()


def test_a_payment_may_be_named_by_our_number_alone(net: Net) -> None:
    paid = number(net.pays())
    net.top_up("100.00")
    theirs = str(int(paid) + 1)
    assert net.says(do="cancel", number=theirs) == net.says(do="cancel", number="7") == "refused unknown_payment"
    assert net.says(do="cancel", number=paid) == f"undone {paid} 250.00"
    assert net.balance() == rub("100.00")
    net.assert_sound()


def test_spent_money_is_not_taken_back(net: Net) -> None:
    net.pays()
    net.talk(net.order(), "61")
    assert net.says(do="cancel", key="700100200300") == "refused cannot_cancel"
    assert net.incidents() == ["cancel_spent"]
    assert net.balance() == rub("245.60")
    net.top_up("4.40")
    assert net.says(do="cancel", key="700100200300").startswith("undone")


def test_held_money_is_not_taken_back(net: Net) -> None:
    net.pays()
    net.order()
    assert net.says(do="cancel", key="700100200300") == "refused cannot_cancel"


def test_a_refunded_payment_is_not_taken_back_again(net: Net) -> None:
    net.pays()
    net.top_up("500.00")
    name = EventName("fake:bank", "700100200300")
    corrections.refund(net.ports, net.caller.id, name, rub("50.00"), "application-1", "staff:1")
    assert net.says(do="cancel", key="700100200300") == "refused cannot_cancel"
    assert net.balance() == rub("700.00")


def test_a_cancel_with_another_sum_is_an_alarm(net: Net) -> None:
    net.pays()
    assert net.says(do="cancel", key="700100200300", sum="249.00") == "refused conflict"
    assert net.incidents() == ["cancel_conflict"]
    assert net.balance() == rub("250.00")


def test_a_cancel_that_came_first_bars_the_payment_for_ever(net: Net) -> None:
    for _ in range(2):
        assert net.says(do="cancel", key="1") == "refused unknown_payment"
    assert net.pays("1") == net.pays("1") == "refused cancelled_before"
    assert net.says(do="query", key="1") == "cancelled"
    assert net.balance() == rub("0.00")
    net.assert_sound()


def test_what_became_of_a_payment_is_told(net: Net) -> None:
    assert net.says(do="query", key="700100200300") == "absent"
    net.pays()
    assert net.says(do="query", key="700100200300") == "paid"


# --- the books


def test_a_success_without_its_event_is_a_breach(net: Net) -> None:
    """I11, I13."""
    with net.ports.sessions.begin() as db:
        kept = notice_rows.KeptNotice(EventName("fake:bank", "1"), net.clock(), "paid", "ok", "", "", net.caller.id)
        notice_rows.add(db, replace(kept, amount=rub("250.00")))
        notice_rows.add(db, replace(kept, kind="cancelled", verdict="repeat"))
    breaches = breaches_of(net)
    assert [breach for breach in breaches if breach.startswith("I11")] == [
        "I11 notice fake:bank 1: was answered as paid to 100001, and there is no such event",
        "I11 notice fake:bank 1: was answered as taken back from 100001, and there is no reversal",
    ]


def test_an_answer_with_another_sum_than_the_ledgers_is_a_breach(net: Net) -> None:
    net.pays("1")
    with net.ports.sessions.begin() as db:
        name = EventName("fake:bank", "1")
        kept = notice_rows.KeptNotice(name, net.clock(), "paid", "repeat", "", "", net.caller.id, rub("251.00"))
        notice_rows.add(db, kept)
    assert breaches_of(net) == ["I13 notice fake:bank 1: says 25100 RUB, the ledger 25000 RUB"]


def breaches_of(net: Net) -> list[str]:
    """Every breach of the ledger in one line."""
    return [f"{found.invariant} {found.where}: {found.found}" for found in verify(net.ports)]
