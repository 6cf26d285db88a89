"""A house in which no page is empty, in this process, and whoever reads its pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from app import create_app
from k5web.config.settings import Settings
from k5web.domain.books.claim import ClaimForm
from k5web.domain.books.ledger import EventName
from k5web.domain.desk.proposal import Wish
from k5web.domain.money import rub
from k5web.domain.pbx.conversation import ConversationOutcome
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, advances, endings
from k5web.services.bank import doubtful_payments, suspense
from k5web.services.books import bill_check, claims
from k5web.services.contacts import favourites
from k5web.services.desk import by_hand
from k5web.services.payments.topups import credit
from k5web.services.pbx import greetings, people, rules
from k5web.services.ports import Connectors
from k5web.services.prices import drafts
from k5web.storage.session import open_sessions
from tests.bank_files import Came, exchange
from tests.conftest import Clock
from tests.services.accounts.papers import publish as publish_paper
from tests.services.accounts.stock import GO, A, on
from tests.services.accounts.test_advances import TO
from tests.services.accounts.test_invitations import HERS
from tests.services.accounts.test_recovery import codes_sent
from tests.services.bank.retelling import paid, take
from tests.services.house import OWN, House
from tests.services.house import publish as publish_prices
from tests.services.pbx.conversed import converse
from tests.services.pbx.talks import record, with_files
from tests.web.books import test_exports
from tests.web.conftest import Browser
from tests.web.desk import test_plans, test_prices
from tests.web.desk.conftest import log_in, take_on
from tests.web.desk.test_uploads import hand_in
from tests.web.lived_in import live_in, objects
from tests.web.payments.fake_way import FakeWay, begin

EVERY = ("owner", "desk", "money", "prices", "engineer", "auditor")
PASSWORD = "correct horse"
ENDED, REFUNDED = "79270000002", "79270000003"


class Furnished:
    """The house, its application, and a browser of each reader.

    Readers: `stranger`; `member`, who has something of everything; `poor`, with 1.20 roubles; `talking`, whose call is
    under way; `ended` and `refunded`, whose contracts are over; `new`, who was sent codes to join and to recover;
    `recovered`, who typed one; `staff`.
    """

    def __init__(self, k5: House, app: Flask, folder: Path) -> None:
        self.k5, self.app, self._folder = k5, app, folder
        self.values: dict[str, str] = {}
        self.desk_values: dict[str, str] = {}  # of names that mean something else there
        self.readers: dict[str, Browser] = {"stranger": Browser(app.test_client())}
        self._furnish()

    def _furnish(self) -> None:
        k5 = self.k5
        publish_paper(k5.ports)
        publish_paper(k5.ports, kind="terms")
        record(k5, with_files(k5))
        publish_prices(k5.ports, version=2, name="clovertel")
        live_in(k5)
        k5.talk(k5.ordered_by(f"{k5.caller.id}-2"), "15")
        self._let_two_end()
        self.values = objects(k5)
        self._of_the_member()
        self._of_others()
        self._of_one_who_recovers()
        self._of_the_desk()

    def _let_two_end(self) -> None:
        for digits in (ENDED, REFUNDED):
            ended = accounts.add_subscriber(self.k5.ports, Msisdn(digits), PASSWORD, "Виктор")
            name = EventName("test:bank", digits)
            credit(self.k5.ports, ended.id, name, rub("100.00"), "cash.test", "test", self.k5.clock())
            endings.apply(self.k5.ports, ended.id)
        self.k5.clock.forward(days=31)
        endings.carry_out(self.k5.ports)
        advances.apply(self.k5.ports, ended.id, TO)
        self.k5.clock.forward(days=-31)

    def _log_in(self, reader: str, login: str) -> Browser:
        browser = self.readers[reader] = Browser(self.app.test_client())
        answer = browser.log_in(login)
        assert answer.status_code == 303, answer.text
        return browser

    def _of_the_member(self) -> None:
        k5, owner_id = self.k5, self.k5.caller.id
        phone = self._log_in("member", OWN)
        k5.top_up("1000.00")
        favourites.keep(k5.ports, owner_id, Msisdn("74951234567"), "Офис, второй этаж")
        favourites.keep(k5.ports, owner_id, Msisdn("77172123456"), "Мама")
        on(k5.ports, GO, k5.caller)
        people.add_person(k5.ports, owner_id, "Анна")
        greetings.make_ready(k5.ports)
        self.values["step"] = next(iter(rules.show(k5.ports, owner_id, A).rule.steps))
        converse(k5, "k5-2.1", ConversationOutcome.MISSED)
        bank = ("Иванова Анна", "40817810099910004312", "044525225")
        form = ClaimForm(rub("2.20"), "quality", "не слышно", "form-1", *bank)
        claims.open_claim(k5.ports, owner_id, 2, form, "subscriber")
        k5.talk(k5.order(), "125")
        silent = k5.order()
        k5.work()
        k5.clock.forward(seconds=4)
        k5.switch.answer_a(silent.id)
        k5.clock.forward(seconds=20)
        k5.switch.no_answer(silent.id, "b")
        k5.work()
        self.values |= {"unanswered": silent.id, "charge": "3"}
        phone.press("/me/profile/email", "/me/profile/email", None, email="anna@mail.ru", consent="1")
        phone.press("/me/phones", "/me/phones", None, phone="8 916 000 00 02")
        for key in ("form-1", "form-2"):
            self.values["token"] = test_exports.address_of(test_exports.ask(phone, form_key=key)).rpartition("/")[2]
            if key == "form-1":
                test_exports.make(k5)
        self.values["paid"] = begin(phone, "500").partition("?")[0]

    def _of_others(self) -> None:
        k5 = self.k5
        new = self.readers["new"] = Browser(self.app.test_client())
        join = f"/join/{self.values['invitation']}"
        new.press(join, join, None, phone=HERS)
        new.press("/password", "/password", None, login=OWN)
        self._log_in("ended", ENDED)
        self._log_in("refunded", REFUNDED)
        for n, reader, money in ((6, "plain", "500.00"), (4, "poor", "1.20"), (5, "talking", "50.00")):
            digits = f"7927000000{n}"
            made = accounts.add_subscriber(k5.ports, Msisdn(digits), PASSWORD, "Ольга")
            credit(k5.ports, made.id, EventName("test:bank", reader), rub(money), "cash.test", "test", k5.clock())
            self._log_in(reader, digits)
        call = k5.order(caller=made)
        k5.work()
        k5.clock.forward(seconds=4)
        k5.switch.answer_a(call.id)
        k5.clock.forward(seconds=5)
        k5.switch.answer_b(call.id)
        k5.work()
        self.values["live"] = call.id

    def _of_one_who_recovers(self) -> None:
        browser = self.readers["recovered"] = Browser(self.app.test_client())
        accounts.add_subscriber(self.k5.ports, Msisdn("79270000007"), PASSWORD, "Ольга")
        browser.press("/password", "/password", None, login="79270000007")
        answer = browser.press("/password/code", "/password/code", None, code=codes_sent(self.k5)[-1], remember="1")
        assert answer.status_code == 303, answer.text

    def _of_the_desk(self) -> None:
        k5 = self.k5
        browser = self.readers["staff"] = Browser(self.app.test_client())
        assert log_in(browser, k5, take_on(k5, "anna", *EVERY)).status_code == 303
        take(k5, self._folder, exchange([paid(k5)]))
        take(k5, self._folder, exchange([paid(k5, bic="")]))
        take(k5, self._folder, exchange([Came(purpose="за связь", payer="ООО Ромашка")]))
        self.values["doubt"] = str(doubtful_payments.doubtful(k5.ports)[0].doubt.number)
        self.values["suspense"] = str(suspense.longest_waiting(k5.ports, 1)[0].number)
        self.values["deck_draft"] = test_prices.draft(browser, k5).rpartition("/")[2]
        self.values["plan_draft"] = test_plans.draft(browser, k5).rpartition("/")[2]
        facts = {"minor": 150000, "currency": "RUB", "counter": "gift"}
        by_hand.submit(k5.ports, "staff:boris", Wish("correction", "form-0001", facts, "сбой", "акт 7", k5.caller.id))
        self.values["job"] = (
            hand_in(browser, "/desk/registers/statement", b"nothing", form_key="form-0010")
            .headers["Location"]
            .rpartition("/")[2]
        )
        self.desk_values = {
            "draft_id": self.values["deck_draft"],
            "number": self.values["suspense"],
            "origin": "fake:bank",
            "txn_n": "1000000001",
            "version_id": "1",
        }
        self.values["owner_id"] = str(k5.caller.id)
        self.values["plan_version"] = self._published(browser, self.values["plan_draft"])
        bill_check.count(k5.ports, k5.ports.today())

    def _published(self, author: Browser, draft: str) -> str:
        second = Browser(self.app.test_client())
        assert log_in(second, self.k5, take_on(self.k5, "clara", "prices")).status_code == 303
        page, decide = f"/desk/plans/drafts/{draft}", f"/desk/prices/drafts/{draft}"
        author.press(page, f"{decide}/propose", None, form_key="form-12345678", reason="тариф на январь")
        second.press(page, f"{decide}/approve")
        return str(drafts.find(self.k5.ports, int(draft)).version_id)


@contextmanager
def furnished(database_url: str, folder: Path) -> Iterator[Furnished]:
    """Open such a house on this database."""
    sessions, clock = open_sessions(database_url, database_url), Clock()
    k5 = House(sessions, clock)
    ways = Connectors([FakeWay(minimum="10.00", maximum="1000.00"), FakeWay(code="som", currency="KGS")])
    k5.ports = replace(k5.ports, connectors=ways, convert=lambda _upload: bytes(32_000))
    settings = Settings.from_env(
        {
            "K5_DATABASE_URL": database_url,
            "K5_SECRET_KEY": "s" * 40,
            "K5_VAR": str(folder),
            "K5_HELP_PHONE": "+74951110001",
        }
    )
    app = create_app(settings, k5.ports)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield Furnished(k5, app, folder)
    sessions.dispose()
