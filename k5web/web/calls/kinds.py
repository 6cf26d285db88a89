"""Kinds of calls in words: a callback, and what the PBX of an organisation does at its cost."""

from collections.abc import Callable

from k5web.domain.calls.call import CallKind, CallOrder, Outcome
from k5web.domain.prices.number import Msisdn
from k5web.web import words
from k5web.web.texts import _


def call_title(call: CallOrder, spell: Callable[[Msisdn], str] = words.phone) -> str:
    """Return what a call was, with the other party as `spell` says it."""
    number = spell(Msisdn(call.quote.b_number))
    match call.kind:
        case CallKind.FORWARD:
            return _("Переадресация на %(number)s", number=number)
        case CallKind.OUTGOING:
            return _("Исходящий звонок ВАТС %(number)s", number=number)
        case CallKind.INCOMING if not call.quote.b_number:
            return _("Звонок на 8-800, номер скрыт")
        case CallKind.INCOMING:
            return _("Звонок на 8-800 с %(number)s", number=number)
        case _:
            return _("Звонок %(number)s", number=number)


def other_party(call: CallOrder, spell: Callable[[Msisdn], str] = words.phone) -> str:
    """Return whom a callback reached, for a list of calls; of other kinds also what the call was."""
    return spell(Msisdn(call.quote.b_number)) if call.kind is CallKind.CALLBACK else call_title(call, spell)


def other_masked(call: CallOrder) -> str:
    """Return the same for the desk."""
    return other_party(call, words.masked)


def outcome_of_pbx(call: CallOrder) -> str:
    """Return how a call ended that the PBX began, in a word or two; "" where the words of callbacks are right."""
    if call.kind is CallKind.CALLBACK or call.b_answered_at is not None:
        return ""
    known = {
        Outcome.CANCELLED: _("не состоялся"),
        Outcome.A_GAVE_UP: _("звонивший положил трубку"),
        Outcome.A_NO_ANSWER: _("никто не ответил"),
    }
    return known.get(call.outcome, "") if call.outcome else ""


def verdict_of_pbx(call: CallOrder) -> str:
    """Return the same in one sentence."""
    if call.kind is CallKind.CALLBACK or call.b_answered_at is not None:
        return ""
    known = {
        Outcome.CANCELLED: _("Звонок не состоялся: звонивший положил трубку раньше, чем мы начали набирать."),
        Outcome.A_GAVE_UP: _("Звонивший положил трубку раньше, чем ему ответили."),
        Outcome.A_NO_ANSWER: _("На звонок никто не ответил."),
        Outcome.B_BUSY: _("Номер занят."),
    }
    return known.get(call.outcome, "") if call.outcome else ""
