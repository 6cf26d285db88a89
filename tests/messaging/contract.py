"""What every SMS centre must do with K5 in front of it, the simulated one and a real Kannel: one list for both.

A subclass gives the fixture `town`. Promises: A6, A7, A9, R24.
"""

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from sqlalchemy import func, select

from k5web.domain.messaging.message import Messenger, Sms
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.accounts.accounts import Browser
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.storage.tables import OutboxRow, ReferralRow, SubscriberRow

SPONSOR = "79161234567"
SHORT, LONG = "4443", "79037976171"
IS_MEMBER = "Вы уже участник K5. Команды: БАЛАНС, ПАРОЛЬ, ЗВОНОК и номер."
TOLD = "K5: на счёте осталось 5,00 ₽. Пополните его."
WHOLE = [pytest.mark.full, pytest.mark.timeout(1800)]


class Town(Protocol):
    """K5 with SPONSOR as its member, its SMS centre, and the phones."""

    ports: Ports

    @property
    def centre(self) -> Messenger:
        """The door by which K5 reaches it."""

    def write(self, phone: str, to: str, text: str) -> None:
        """Let a phone send a message."""

    def write_in_parts(self, phone: str, to: str, parts: list[str]) -> None:
        """Let a phone send a long message as phones do."""

    def repeat(self, phone: str, text: str) -> tuple[str, str]:
        """Have a message to the short number handed over twice under one name; return both answers."""

    def texts(self, phone: str) -> list[str]:
        """Return what came to a phone, the oldest first."""

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Let K5 and the centre work until this is so."""

    def stop(self) -> None:
        """Let the centre be down."""

    def start(self) -> None:
        """Let it be there again."""


def ask(town: Town, phone: str, text: str) -> str:
    """Write to the short number and wait for the answer."""
    before = len(town.texts(phone))
    town.write(phone, SHORT, text)
    town.wait(lambda: len(town.texts(phone)) > before, f"an answer to {phone}")
    return town.texts(phone)[-1]


def password_in(said: str) -> str:
    """Return the password of an answer."""
    assert said.startswith("K5: вы участник. Пароль ")
    return said.split()[4].rstrip(",")


def members(town: Town) -> int:
    """Return how many subscribers there are."""
    with town.ports.sessions.read() as db:
        return db.scalar(select(func.count()).select_from(SubscriberRow)) or 0


def sponsor_of(town: Town, phone: str) -> str | None:
    """Return the phone of a member's sponsor."""
    member = select(SubscriberRow.id).where(SubscriberRow.phone == phone).scalar_subquery()
    sponsor = select(ReferralRow.sponsor_id).where(ReferralRow.owner_id == member).scalar_subquery()
    with town.ports.sessions.read() as db:
        return db.scalar(select(SubscriberRow.phone).where(SubscriberRow.id == sponsor))


def enters(town: Town, phone: str, password: str) -> bool:
    """Return whether this password is good."""
    return accounts.log_in(town.ports, phone, password, Browser("Chrome, Android", "203.0.113.9")) is not None


def queue(town: Town, phone: str, name: str) -> None:
    """Have a phone told TOLD."""
    facts = {"balance_minor": 500, "currency": "RUB"}
    with town.ports.sessions.begin() as db:
        sending.queue_to(db, Msisdn(phone), "low_balance", facts, f"low_balance {name}", town.ports.clock())


def outbox(town: Town, name: str, field: Any = OutboxRow.state) -> Any:
    """Return what the outbox says of a message that was queued."""
    with town.ports.sessions.read() as db:
        return db.scalar(select(field).where(OutboxRow.id == f"low_balance {name}"))


class MessengerContract:
    """The tests."""

    def test_the_short_number_answers_with_a_password_that_fits(self, town: Town) -> None:
        """A6."""
        assert enters(town, "79160000001", password_in(ask(town, "79160000001", "reg")))
        assert ask(town, "79160000001", "reg") == IS_MEMBER

    def test_the_long_number_registers_without_an_answer_and_with_a_sponsor(self, town: Town) -> None:
        """A7, A9."""
        before = members(town)
        town.write("79160000002", LONG, "8 916 123-45-67 туман-над-мостом-корова")
        town.wait(lambda: members(town) == before + 1, "the member")
        assert sponsor_of(town, "79160000002") == SPONSOR
        assert enters(town, "79160000002", "туман-над-мостом-корова")
        assert ask(town, "79160000002", "баланс") == "На счёте 0,00 ₽."
        assert len(town.texts("79160000002")) == 1

    @pytest.mark.parametrize(
        ("phone", "text"),
        [("79160000011", ""), ("79160000012", "😀😀😀"), ("79160000013", "длинно " * 28)],
        ids=["empty", "emoji", "long"],
    )
    def test_any_text_to_the_short_number_registers(self, town: Town, phone: str, text: str) -> None:
        password_in(ask(town, phone, text))
        assert sponsor_of(town, phone) is None

    def test_a_sponsor_stands_anywhere_in_the_text(self, town: Town) -> None:
        """A9."""
        password_in(ask(town, "79160000014", "рег 8(916)1234567 спасибо"))
        assert sponsor_of(town, "79160000014") == SPONSOR

    def test_three_parts_are_one_message(self, town: Town) -> None:
        """A9: the sponsor's number stands across two of them."""
        before = members(town)
        town.write_in_parts("79160000015", SHORT, ["p" * 140 + " 8916", "1234567 " + "q" * 140, "r" * 20])
        town.wait(lambda: town.texts("79160000015"), "the answer")
        assert members(town) == before + 1
        assert sponsor_of(town, "79160000015") == SPONSOR
        assert [password_in(text) != "" for text in town.texts("79160000015")] == [True]

    def test_the_same_name_again_gets_the_same_text(self, town: Town) -> None:
        before = members(town)
        first, again = town.repeat("79160000031", "reg")
        password_in(first)
        assert again == first
        assert members(town) == before + 1

    @pytest.mark.parametrize(
        ("phone", "text"),
        [("79160000081", "Balance 5.00"), ("79160000082", "Код 123456"), ("79160000083", "я" * 200)],
        ids=["Latin", "Cyrillic", "three parts"],
    )
    def test_what_is_handed_over_arrives_whole(self, town: Town, phone: str, text: str) -> None:
        assert town.centre.send(Sms(f"ref{phone}", Msisdn(phone), text)) == "accepted"
        town.wait(lambda: "".join(town.texts(phone)) == text, text[:10])

    def test_a_report_says_that_a_notice_was_delivered(self, town: Town) -> None:
        queue(town, "79160000091", "report")
        town.wait(lambda: town.texts("79160000091"), "the notice")
        town.wait(lambda: outbox(town, "report") == "delivered", "the report")
        assert town.texts("79160000091") == [TOLD]

    def test_while_the_centre_is_down_messages_wait_and_each_comes_once(self, town: Town) -> None:
        """R24. The third try of the first comes 15 s after it."""
        names = [f"down {n}" for n in range(5)]
        town.stop()
        for name in names:
            queue(town, "79160000099", name)
        town.wait(lambda: outbox(town, names[0], OutboxRow.attempts) >= 3, "three tries in vain")
        assert town.texts("79160000099") == []
        town.start()
        town.wait(lambda: len(town.texts("79160000099")) >= len(names), "all came")
        town.wait(lambda: all(outbox(town, name) == "delivered" for name in names), "all are delivered")
        assert town.texts("79160000099") == [TOLD] * len(names)

    @pytest.mark.parametrize("phones", [pytest.param(40, id="small"), pytest.param(500, id="whole", marks=WHOLE)])
    def test_a_rush_of_messages_is_answered_one_by_one(self, town: Town, phones: int) -> None:
        """Each phone becomes one member, once."""
        each = 4
        before, numbers = members(town), [f"79163{phones:03d}{n:03d}" for n in range(phones)]
        for n in range(each):
            for phone in numbers:
                town.write(phone, SHORT, f"reg {n}")
        town.wait(lambda: all(len(town.texts(phone)) == each for phone in numbers), "all answers")
        assert members(town) == before + phones
        for phone in numbers:
            told = town.texts(phone)
            assert told.count(IS_MEMBER) == each - 1
            assert sum("Пароль" in text for text in told) == 1
