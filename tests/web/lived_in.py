"""A house in which its subscriber has something of every kind, and what their addresses name."""

from datetime import date

from k5web.domain.bank.invoice import Buyer
from k5web.domain.money import rub
from k5web.domain.payments.top_up import SavedCard
from k5web.domain.pbx.recording import SoundKind
from k5web.services.accounts import invitations, numbers, tokens
from k5web.services.bank import invoices
from k5web.services.books import acts
from k5web.services.calls import widgets
from k5web.services.calls.widgets import TypedWidget
from k5web.services.pbx import greetings, recordings
from k5web.storage.payments import saved_card_rows
from tests.services.accounts.stock import GO, A, fill, on
from tests.services.house import House
from tests.services.pbx.conversed import converse


def live_in(k5: House) -> None:
    """Let the subscriber pay, talk, order a call, and have a token, a card, an invoice, a button, a number, an act."""
    k5.top_up("50.00")
    k5.talk(k5.order(), "61")
    k5.order("+77172123456")
    tokens.make_token(k5.ports, k5.caller.id, "CRM Анны", may_call=True)
    with k5.ports.sessions.begin() as db:
        saved_card_rows.keep(db, k5.caller.id, "fake:bank", SavedCard("b", "4111**1111", "203012"), k5.clock())
    invoices.make(k5.ports, k5.caller, rub("500.00"), Buyer("ООО «Анна»", "7708789018"), "form")
    widgets.make(k5.ports, k5.caller, TypedWidget("Лавка", "https://shop.example", "5,00", "20"))
    fill(k5.ports, A)
    tenant = on(k5.ports, GO, k5.caller)
    numbers.reserve(k5.ports, tenant, A)
    numbers.connect(k5.ports, tenant, A, "form", rub("0.00"))
    on(k5.ports, "k5", k5.caller)
    k5.clock.forward(days=31)
    acts.issue(k5.ports, date(2026, 12, 1))
    k5.clock.forward(days=-31)


def objects(k5: House) -> dict[str, str]:
    """Return, for every name in the map's addresses but that of a device, an object of the subscriber's.

    A talk of theirs was recorded: tests.services.pbx.talks.
    """
    owner_id = k5.caller.id
    return {
        "typed": "+78432123456",
        "number": "1",
        "day": "2026-12-01",
        "call_id": f"{owner_id}-1",
        "seq": "1",
        "version": "1",
        "card_n": "1",
        "digits": A,
        "invoice": "1",
        "act": "2026-12",
        "prefix": "7495",
        "sort": "plan",
        "n": "1",
        "secret": "wrong",
        "name": "base.css",
        "address": "fake/bank",
        "way": "fake-bank",
        "reference": f"K5-{owner_id}-1",
        "invitation": invitations.make(k5.ports, owner_id, "form").code,
        "code": widgets.of_owner(k5.ports, owner_id)[0].code,
        "switch": "k5",
        "linked_id": converse(k5, "k5-1.1"),
        "file": recordings.page(k5.ports, owner_id, SoundKind.TALK).entries[0].recording.file,
        "digest": greetings.upload(k5.ports, owner_id, "Анна", "", b"RIFF", "x").digest,
        "token": tokens.list_tokens(k5.ports, owner_id)[0].selector,
    }
