"""`k5 payment`: found by what the payer has in hand, credited where it was lost (C3)."""

from k5web.domain.books.ledger import EventName
from k5web.domain.desk.proposal import ProposalState
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.desk import proposals
from k5web.services.payments import notices, topups
from k5web.services.ports import Ports
from tests.cli.conftest import K5
from tests.cli.payments import PAID_AT, credit
from tests.connectors.qiwi.wire_requests import PAY, elements, get


def test_staff_find_a_payment_by_its_key_and_by_its_number(k5: K5, ports: Ports) -> None:
    """C3: the payer reads a number off the receipt, the operator finds the payment."""
    owner_id = credit(ports, "elsom:wallet", "KGS", "7001", "250.00")
    by_key = k5("payment", "find", "7001")
    assert by_key.exit_code == 0, by_key.output
    facts = dict(line.split(":", 1) for line in by_key.stdout.splitlines())
    assert (facts["account"].strip(), facts["sum"].strip()) == (str(owner_id), "250.00 KGS")
    assert facts["not gone back"].strip() == "250.00 KGS"
    assert k5("payment", "find", facts["number"].strip()).stdout == by_key.stdout
    nobody = k5("payment", "find", "7009")
    assert nobody.exit_code == 1
    assert "there is no payment '7009'" in nobody.stderr


def test_a_payment_that_only_the_register_has_is_credited_under_the_providers_name(k5: K5, ports: Ports) -> None:
    """So that its notice, however late, gets the first answer and moves nothing (R21)."""
    owner = add_subscriber(ports, Msisdn(PAY["account"]), "correct horse", "Анна", "KGS")
    words = ("payment", "credit", "qiwi:optima", PAY["txn_id"], str(owner.id), PAY["sum"])
    first = k5(*words)
    assert (first.exit_code, first.stdout) == (0, "credited, the balance is 250.00 KGS\n"), first.output
    assert k5(*words).stdout == "credited before, the balance is 250.00 KGS\n"
    connector = ports.connectors.of("qiwi:optima")
    assert connector is not None
    assert elements(notices.take_notice(ports, connector, get(PAY)))["result"] == "0"
    assert str(accounts.purse(ports, owner.id).balance) == "250.00"
    for wrong, said in (
        (("qiwi:nobody", "1", str(owner.id), "1.00"), "there is no partner 'qiwi:nobody'"),
        (("qiwi:optima", PAY["txn_id"], str(owner.id), "251.00"), "other"),
        (("cards:demo", "1", str(owner.id), "1.00"), "RUB"),
    ):
        refused = k5("payment", "credit", *wrong)
        assert refused.exit_code == 1
        assert said in refused.stderr
    assert k5("payment", "credit", "qiwi:optima", "", str(owner.id), "1.00").exit_code == 2
    assert str(accounts.purse(ports, owner.id).balance) == "250.00"


def test_a_top_up_is_found_by_its_code_and_reference_and_cannot_go_back_unpaid(k5: K5, ports: Ports) -> None:
    owner = add_subscriber(ports, Msisdn("79161234567"), "correct horse", "Анна", "KGS")
    wish = topups.TopUpRequest("elsom:wallet", Money.parse("250.00", "KGS"), "form", "")
    top_up = topups.begin(ports, owner, wish)
    for name in (top_up.code, top_up.reference):
        found = k5("payment", "find", name)
        assert f"{top_up.reference} waiting" in found.stdout, found.output
    refused = k5("payment", "refund", top_up.reference, "250.00")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("k5: ")


def test_a_payer_may_read_small_letters_or_digits_alone(k5: K5, ports: Ports) -> None:
    """C3: a wallet's receipt says ELS-900001; a person on the phone says nine, zero, zero …"""
    owner = add_subscriber(ports, Msisdn("79161234567"), "correct horse", "Анна", "KGS")
    name = EventName("elsom:wallet", "ELS-900001")
    topups.credit(ports, owner.id, name, Money.parse("250.00", "KGS"), "cash.test", "connector:test", PAID_AT)
    for spoken in ("ELS-900001", "els-900001", "900001", " Els-900001 "):
        found = k5("payment", "find", spoken)
        assert (found.exit_code, found.stdout.count("key:")) == (0, 1), found.output
        assert "ELS-900001" in found.stdout


def test_payments_are_listed_of_one_and_of_a_day(k5: K5, ports: Ports) -> None:
    owner_id = credit(ports, "elsom:wallet", "KGS", "7001", "250.00")
    credit(ports, "elsom:wallet", "KGS", "7002", "10.00")
    [own] = k5("payment", "list", str(owner_id)).stdout.splitlines()
    assert "250.00 KGS" in own
    assert own.endswith("elsom:wallet 7001")
    assert len(k5("payment", "list").stdout.splitlines()) == 2
    assert k5("payment", "list", "--day", "2026-01-01").stdout == "there is no such payment\n"
    assert k5("payment", "list", str(owner_id), "--day", "2026-01-01").exit_code == 2
    for wrong in ((str(owner_id), "--after", "9" * 19), (str(owner_id), "--after", "1-1-1"), ("--after", "7")):
        asked = k5("payment", "list", "--json", *wrong)
        assert (asked.exit_code, asked.stdout) == (2, ""), "a program would read the first page for ever"


def test_what_is_no_text_is_said_so(k5: K5, ports: Ports) -> None:
    """A terminal in Latin-1 sends bytes that are no UTF-8."""
    found = k5("payment", "find", "--json", "\udcff")
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr == "k5: there are bytes in it that are no text: say it in UTF-8\n"


def test_a_payment_is_reversed_once_and_asked_about_before(k5: K5, ports: Ports) -> None:
    owner_id = credit(ports, "elsom:wallet", "KGS", "7001", "250.00")
    words = ("payment", "reverse", "7001", "--reason", "чужой платёж")
    asked = k5(*words)
    assert asked.exit_code == 2
    assert f"owner {owner_id}: -250.00 KGS, 0.00 after it" in asked.stderr
    assert str(accounts.purse(ports, owner_id).balance) == "250.00"
    done = k5(*words, "--yes")
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("reversed, the balance is 0.00 KGS\n")
    again = k5(*words, "--yes")
    assert again.exit_code == 1
    assert again.stderr == "k5: nothing is moved: it was done before, and nothing is moved a second time\n"
    assert str(accounts.purse(ports, owner_id).balance) == "0.00"


def test_a_large_reversal_waits_for_a_second_person(k5: K5, ports: Ports) -> None:
    owner_id = credit(ports, "elsom:wallet", "KGS", "7001", "5000.00")
    done = k5("payment", "reverse", "7001", "--reason", "чужой платёж", "--yes")
    assert "waits for a second person" in done.stdout, done.output
    again = k5("payment", "reverse", "7001", "--reason", "ещё раз", "--yes")
    assert (again.exit_code, again.stdout) == (0, done.stdout)  # the same proposal
    [waiting] = proposals.page(ports, ProposalState.WAITING)
    assert waiting.wish.reason == "чужой платёж"
    assert str(accounts.purse(ports, owner_id).balance) == "5000.00"


def test_what_is_no_single_payment_is_not_reversed(k5: K5, ports: Ports) -> None:
    credit(ports, "elsom:wallet", "KGS", "7001", "250.00")
    assert k5("payment", "reverse", "7009", "--reason", "x", "--yes").exit_code == 1
