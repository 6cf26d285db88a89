"""Conversations of the PBX in words: with whom, how they went, leg by leg."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from k5web.domain.pbx.conversation import Conversation, ConversationLeg, ConversationOutcome, Person
from k5web.domain.prices.number import Msisdn
from k5web.errors import WrongNumber
from k5web.services.pbx.call_log import Shown, Talk
from k5web.web import words
from k5web.web.calls.progress import span
from k5web.web.texts import _

Phone = Callable[[str], str]  # how a number is shown: whole, or masked at the desk


class Told(Protocol):
    """A conversation, and the names of its people by login."""

    @property
    def conversation(self) -> Conversation:
        """What is told of."""

    @property
    def people(self) -> Mapping[str, Person]:
        """Who stands behind its accounts."""


_OUTCOMES: Final[Mapping[ConversationOutcome, Callable[[], str]]] = {
    ConversationOutcome.MENU_LEFT: lambda: _("положили трубку, не дождавшись соединения"),
    ConversationOutcome.REFUSED: lambda: _("не пропущен"),
    ConversationOutcome.MISSED: lambda: _("пропущен"),
    ConversationOutcome.BUSY: lambda: _("занято"),
    ConversationOutcome.NO_MONEY: lambda: _("не хватило денег"),
    ConversationOutcome.LOST: lambda: _("связь прервалась"),
    ConversationOutcome.FAULT: lambda: _("ошибка правила"),
    ConversationOutcome.VOICEMAIL: lambda: _("оставлено сообщение"),
}
_SENTENCES: Final[Mapping[ConversationOutcome, Callable[[], str]]] = {
    ConversationOutcome.MENU_LEFT: lambda: _("Звонивший услышал приветствие или меню и положил трубку."),
    ConversationOutcome.REFUSED: lambda: _("Звонок не пропущен: чёрный список, предел или так велит правило номера."),
    ConversationOutcome.MISSED: lambda: _("Никто не ответил."),
    ConversationOutcome.BUSY: lambda: _("Телефоны были заняты."),
    ConversationOutcome.NO_MONEY: lambda: _(
        "На платную часть звонка не хватило денег на счёте, а бесплатно никто не ответил. Пополните счёт."
    ),
    ConversationOutcome.LOST: lambda: _("Станция остановилась, и разговор прервался."),
    ConversationOutcome.FAULT: lambda: _(
        "Правило номера выполнить не удалось: звонили все ваши телефоны, никто не ответил. Проверьте правило."
    ),
    ConversationOutcome.VOICEMAIL: lambda: _("Никто не ответил, звонивший оставил сообщение."),
}


def kinds() -> Mapping[Shown, str]:
    """Return what lists may show, in words."""
    return {
        Shown.ALL: _("Все"),
        Shown.CALLBACKS: _("Обратные"),
        Shown.INCOMING: _("Входящие"),
        Shown.MISSED: _("Пропущенные"),
        Shown.OUTGOING: _("Исходящие"),
    }


def party(name: str, people: Mapping[str, Person], phone: Phone = words.phone) -> str:
    """Return who a party is: «+7 916 123-45-67», «201 Анна», «номер скрыт»."""
    if not name:
        return _("номер скрыт")
    if person := people.get(name):
        return f"{person.extension} {person.title}".strip()
    if not name.isdigit():
        return _("браузер") if name.startswith("w") else name
    try:
        return phone(Msisdn.parse(f"+{name}").digits)
    except WrongNumber:  # an extension, or what a carrier made of a number
        return name


def other(talk: Told, phone: Phone = words.phone) -> str:
    """Return whom it was with, as the first word of a list: who rang in, or who was rung."""
    one = talk.conversation
    return party(one.caller if one.direction == "in" else one.called, talk.people, phone)


def word(talk: Told, phone: Phone = words.phone) -> str:
    """Return how it went, for a list: «входящий, ответил 201 Анна, 1 мин 20 с»."""
    one = talk.conversation
    directions = {"in": _("входящий"), "out": _("исходящий"), "inside": _("внутренний")}
    said = [directions[one.direction]]
    if one.answered_at is not None:
        if one.direction == "in":
            said.append(_("ответил %(who)s", who=party(one.answered_by, talk.people, phone)))
        said.append(span(one.talk_s) if one.ended_at else _("идёт"))
    elif one.ended_at is None:
        said.append(_("идёт"))
    elif one.direction != "in" and one.outcome is ConversationOutcome.MISSED:
        said.append(_("не ответили"))
    elif one.outcome is not None:
        said.append(_OUTCOMES[one.outcome]())
    return ", ".join(said)


def masked_other(talk: Told) -> str:
    """Return whom it was with, as much as everybody at the desk may know."""
    return other(talk, words.masked)


def masked_word(talk: Told) -> str:
    """Return how it went, likewise."""
    return word(talk, words.masked)


def verdict(talk: Told, phone: Phone = words.phone) -> str:
    """Return the same as a sentence."""
    one = talk.conversation
    if one.answered_at is not None:
        who = party(one.answered_by, talk.people, phone)
        if one.outcome is ConversationOutcome.FORWARDED:
            return _("Звонок переадресован: ответил %(who)s.", who=who)
        return _("Ответил %(who)s.", who=who)
    if one.ended_at is None:
        return _("Звонок ещё идёт.")
    sentence = _SENTENCES.get(one.outcome) if one.outcome else None
    return sentence() if sentence else ""


def leg_name(leg: ConversationLeg, talk: Talk, phone: Phone = words.phone) -> str:
    """Return whose leg it is: a person's phone, a number that was paid for, the caller."""
    call = talk.calls.get(leg.call_n) if leg.call_n is not None else None
    if leg.leg_uuid == talk.conversation.linked_id:
        return party(talk.conversation.caller, talk.people, phone)
    if call is not None:
        return phone(call.quote.b_number)
    return party(leg.endpoint, talk.people, phone)


def leg_word(leg: ConversationLeg, talk: Talk) -> str:
    """Return how a leg went: «на связи 1 мин 20 с», «не ответил»."""
    if leg.answered_at is None:
        if leg.leg_uuid == talk.conversation.linked_id:
            return _("звонил")
        return _("не ответил") if leg.ended_at else _("вызывается")
    return _("на связи %(span)s", span=span(leg.talk_s)) if leg.ended_at else _("идёт")


def ring_back(talk: Told) -> str | None:
    """Return the number to ring back of a missed call, None where there is nothing to ring."""
    return outside(talk) if talk.conversation.is_missed else None


def outside(talk: Told) -> str | None:
    """Return the number of whoever rang in or was rung, None where it was inside or no number is known."""
    one = talk.conversation
    name = {"in": one.caller, "out": one.called}.get(one.direction, "")
    try:
        return Msisdn.parse(f"+{name}").digits if name.isdigit() else None
    except WrongNumber:
        return None
