"""The act comes by e-mail where the address is confirmed, made when it is sent, again under its name. Promise: B10."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from k5web.domain.books.export import Export, ExportWish, Format, Paper
from k5web.domain.books.period import Movements, Period
from k5web.errors import NotFound
from k5web.services.books import acts, exports
from k5web.services.messaging import delivery
from k5web.services.ports import Ports
from k5web.storage.messaging import choice_rows, outbox_rows
from k5web.web.books import report_files
from k5web.web.messaging import attachments, speech
from tests.fakes.messages import FakeMailer, FakeMessenger
from tests.services.books.months import Months
from tests.services.house import House
from tests.services.messaging.test_delivery import confirm_mail

DECEMBER = date(2026, 12, 1)


@pytest.fixture
def months(k5: House) -> Months:
    """Somebody with a confirmed address and an act of December."""
    found = Months(k5)
    confirm_mail(k5, k5.ports, "anna@mail.ru")
    found.charge(470_00)
    found.at("2027-01-01 12:00:00")
    acts.run(found.ports)
    return found


def wired(months: Months, **more: Any) -> tuple[Ports, FakeMailer, FakeMessenger]:
    mailer, messenger = FakeMailer(), FakeMessenger()
    doors: dict[str, Any] = {"mailer": mailer, "messenger": messenger, "say": speech.say, "attach": attachments.attach}
    return replace(months.ports, **(doors | more)), mailer, messenger


def test_the_act_is_attached_and_the_outbox_keeps_only_what_it_is_about(months: Months) -> None:
    ports, mailer, messenger = wired(months)
    with ports.sessions.read() as db:
        (queued,) = [each for each in outbox_rows.due(db, ports.clock(), 9) if each.kind == "act"]
    assert dict(queued.facts) == {"month": "2026-12-01", "version": 1, "minor": 470_00, "currency": "RUB"}
    assert delivery.deliver_due(ports) == 1
    (letter,) = mailer.took
    assert letter.subject == "Акт за декабрь 2026 г."
    (file,) = letter.attachments
    assert (file.name, file.media_type, file.content[:5]) == ("akt-2026-12.pdf", "application/pdf", b"%PDF-")
    assert messenger.took == []


def test_a_letter_that_may_not_have_arrived_comes_again_under_its_name_with_the_same_file(months: Months) -> None:
    ports, mailer, _ = wired(months)
    mailer.fate = "unknown"
    delivery.deliver_due(ports)
    mailer.fate = "accepted"
    months.k5.clock.forward(minutes=10)
    delivery.deliver_due(ports)
    first, second = mailer.took
    assert (first.ref, first.attachments) == (second.ref, second.attachments)


def test_who_has_no_confirmed_address_or_wishes_none_gets_no_letter(k5: House) -> None:
    months = Months(k5)
    months.charge(1_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    ports, mailer, messenger = wired(months)
    delivery.deliver_due(ports)
    confirm_mail(k5, ports, "anna@mail.ru")
    with ports.sessions.begin() as db:
        choice_rows.choose(db, k5.caller.id, "act", "off")
    months.charge(1_00)
    months.at("2027-02-01 12:00:00")
    acts.run(ports)
    delivery.deliver_due(ports)
    assert (mailer.took, messenger.took) == ([], [])


def test_a_letter_whose_file_cannot_be_made_holds_up_no_other(months: Months) -> None:
    def gone(*_: object) -> tuple[()]:
        raise NotFound(what="act")

    ports, mailer, _ = wired(months, attach=gone)
    delivery.deliver_due(ports)
    ports, mailer, _ = wired(months)
    delivery.deliver_due(ports)
    assert mailer.took == []


def test_other_kinds_bring_nothing_along(months: Months) -> None:
    assert attachments.attach(months.ports, months.owner_id, "payment", {}) == ()


def export_letter(months: Months, ports: Ports) -> Export:
    """Let a file be made whose letter is wished."""
    period = Period(date(2026, 12, 1), date(2026, 12, 31))
    wish = ExportWish(Paper.STATEMENT, period, Movements.ALL, Format.CSV)
    asked = exports.ask(ports, months.k5.caller.id, wish, "form-1", "https://k5.example/me/documents/files/")
    assert exports.make_due(ports) == 1
    return asked


def test_a_statement_is_attached_and_linked(months: Months) -> None:
    """B3: the statement by e-mail on request."""
    ports, mailer, _ = wired(months, write_report=report_files.write)
    asked = export_letter(months, ports)
    delivery.deliver_due(ports)
    [letter] = [each for each in mailer.took if each.subject == "Выписка готова"]
    [file] = letter.attachments
    assert (file.name, file.media_type) == ("k5-statement-2026-12-01-2026-12-31.csv", "text/csv")
    assert "-470,00" in file.content.decode("utf-8-sig")
    assert f"https://k5.example/me/documents/files/{asked.token}" in letter.text


def test_a_large_file_is_only_linked(months: Months, monkeypatch: pytest.MonkeyPatch) -> None:
    ports, mailer, _ = wired(months, write_report=report_files.write)
    monkeypatch.setattr(attachments, "MOST_ATTACHED", 10)
    export_letter(months, ports)
    delivery.deliver_due(ports)
    [letter] = [each for each in mailer.took if each.subject == "Выписка готова"]
    assert letter.attachments == ()


def test_a_file_that_was_removed_is_not_written_of(months: Months) -> None:
    ports, mailer, _ = wired(months, write_report=report_files.write)
    asked = export_letter(months, ports)
    exports.remove(ports, asked.owner_id, asked.token)
    delivery.deliver_due(ports)
    assert [each for each in mailer.took if each.subject == "Выписка готова"] == []
