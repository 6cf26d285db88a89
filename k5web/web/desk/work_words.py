"""What waits for a person, in words: what it is, what is to be done, and where it is done."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask import current_app, url_for

from k5web.domain.desk.action import Action
from k5web.domain.desk.work import WorkItem, WorkKind
from k5web.web.desk import incident_words
from k5web.web.desk.door import allowed
from k5web.web.desk.subscriber_words import kind_word
from k5web.web.texts import _
from k5web.web.words import money

Facts = Mapping[str, Any]

_TITLES: Final[Mapping[WorkKind, Callable[[], str]]] = {
    WorkKind.INCIDENT: lambda: _("Происшествие"),
    WorkKind.CLAIM: lambda: _("Претензия"),
    WorkKind.CLAIM_PAYMENT: lambda: _("Выплата по претензии"),
    WorkKind.ADVANCE: lambda: _("Возврат аванса"),
    WorkKind.SUSPENSE: lambda: _("Платёж без владельца"),
    WorkKind.DOUBT: lambda: _("Сомнительный платёж"),
    WorkKind.BREACH: lambda: _("Нарушение договора"),
    WorkKind.DEBT: lambda: _("Долг"),
    WorkKind.ENDING: lambda: _("Договор прекращается"),
    WorkKind.OBJECTION: lambda: _("Возражение"),
    WorkKind.ORIGINAL: lambda: _("Оригинал акта"),
    WorkKind.ACT: lambda: _("Акт не составлен"),
    WorkKind.MESSAGE: lambda: _("Сообщение не дошло"),
    WorkKind.PROPOSAL: lambda: _("Ждёт второго человека"),
}
_ENDS: Final[Mapping[str, Callable[[], str]]] = {
    "subscriber": lambda: _("По заявлению абонента"),
    "debt": lambda: _("За долг"),
    "breach": lambda: _("За нарушение"),
    "objection": lambda: _("По возражению"),
}
_STATES: Final[Mapping[str, Callable[[], str]]] = {
    "refused": lambda: _("не принято"),
    "failed": lambda: _("не доставлено"),
    "unknown": lambda: _("судьба неизвестна"),
}
_WHAT: Final[Mapping[WorkKind, Callable[[Facts], str]]] = {
    WorkKind.INCIDENT: lambda facts: incident_words.said(facts["kind"]).happened,
    WorkKind.CLAIM: lambda facts: _("Спорит о %(sum)s", sum=money(facts["amount"])),
    WorkKind.CLAIM_PAYMENT: lambda facts: _("Обещано %(sum)s на счёт в банке", sum=money(facts["amount"])),
    WorkKind.ADVANCE: lambda facts: _("Просит вернуть %(sum)s", sum=money(facts["amount"])),
    WorkKind.SUSPENSE: lambda facts: money(facts["amount"]),
    WorkKind.DOUBT: lambda facts: money(facts["amount"]),
    WorkKind.BREACH: lambda facts: _("Услуги приостановлены"),
    WorkKind.DEBT: lambda facts: _("Баланс ниже нуля"),
    WorkKind.ENDING: lambda facts: _ENDS[facts["why"]](),
    WorkKind.OBJECTION: lambda facts: facts["what"],
    WorkKind.ORIGINAL: lambda facts: _("Акт за %(month)s", month=f"{facts['month']:%m.%Y}"),
    WorkKind.ACT: lambda facts: _("За %(month)s", month=f"{facts['month']:%m.%Y}"),
    WorkKind.MESSAGE: lambda facts: f"{kind_word(facts['what'])}: {_STATES[facts['state']]()}",
    WorkKind.PROPOSAL: lambda facts: _("№ %(n)d от %(by)s", n=facts["n"], by=facts["by"]),
}
_TO_DO: Final[Mapping[WorkKind, Callable[[], str]]] = {
    WorkKind.CLAIM: lambda: _("Ответьте: верните деньги целиком или частью либо откажите и объясните, почему."),
    WorkKind.CLAIM_PAYMENT: lambda: _("Отправьте деньги из банка и запишите платёжный документ."),
    WorkKind.ADVANCE: lambda: _("Отправьте деньги из банка и запишите документ."),
    WorkKind.SUSPENSE: lambda: _("Найдите, чей это платёж, и зачислите, или закройте как не абонентский."),
    WorkKind.DOUBT: lambda: _("Решите, другой это платёж или уже известный."),
    WorkKind.BREACH: lambda: _("Исправлено – снимите приостановку; после срока договор можно прекратить."),
    WorkKind.DEBT: lambda: _("Напомните о долге или спишите его; после срока договор можно прекратить."),
    WorkKind.ENDING: lambda: _("Прекратится сам в последний день. Договорились – оставьте договор в силе."),
    WorkKind.OBJECTION: lambda: _("Договоритесь с абонентом до этого дня, иначе договор прекратится сам."),
    WorkKind.ORIGINAL: lambda: _("Подпишите, отправьте и запишите, чем."),
    WorkKind.ACT: lambda: _(
        "Ошибка – в журнале исполнителя. Исправят – акт составится сам; не нужен – уберите с причиной."
    ),
    WorkKind.MESSAGE: lambda: _(
        "Проверьте адрес или телефон, важное сообщите иначе и уберите. Через две недели уйдёт само."
    ),
    WorkKind.PROPOSAL: lambda: _("Проверьте и одобрите или откажите – только не своё."),
}


_END = "end", lambda: _("Прекратить договор")
_KEEP = "keep", lambda: _("Оставить договор в силе")
_STEPS: Final[Mapping[WorkKind, Sequence[tuple[str, Callable[[], str]]]]] = {
    WorkKind.DEBT: (_END,),
    WorkKind.BREACH: (("resume", lambda: _("Нарушение исправлено")), _END),
    WorkKind.ENDING: (_KEEP,),
    WorkKind.OBJECTION: (_KEEP,),
}


def title(kind: WorkKind) -> str:
    """Return what a kind is called."""
    return _TITLES[kind]()


def what(item: WorkItem) -> str:
    """Return what happened."""
    return _WHAT[item.kind](item.facts)


def to_do(item: WorkItem) -> str:
    """Return what is to be done about it."""
    if item.kind is WorkKind.INCIDENT:
        return incident_words.said(item.facts["kind"]).to_do
    return _TO_DO[item.kind]()


def address(item: WorkItem) -> str | None:
    """Return the page where it is done, None where a command does it."""
    match item.kind:
        case WorkKind.CLAIM | WorkKind.CLAIM_PAYMENT:
            return to("desk.claim", owner_id=item.owner_id, n=item.facts["n"])
        case WorkKind.PROPOSAL:
            return to("desk.proposal", n=item.facts["n"])
        case WorkKind.SUSPENSE:
            return to("desk.suspense_payment", number=item.facts["number"])
        case WorkKind.ADVANCE:
            return to("desk.advance", owner_id=item.owner_id)
        case WorkKind.ORIGINAL:
            return to("desk.act", owner_id=item.owner_id, act=item.key)
        case WorkKind.DOUBT:
            return to("desk.doubtful")
    return to("desk.subscriber", owner_id=item.owner_id) if item.owner_id else None


def deeds(item: WorkItem, today: date) -> list[tuple[str, str]]:
    """Return address and words of what whoever is here may do about it at once."""
    found = [
        (url_for("desk.step", owner_id=item.owner_id, step=name), title())
        for name, title in _STEPS.get(item.kind, ())
        if allowed(Action.CHANGE_SUBSCRIBERS) and (name != "end" or item.is_late(today))
    ]
    if item.kind is WorkKind.DEBT and allowed(Action.MOVE_MONEY):
        found.insert(0, (url_for("desk.money_form", kind="write_off", owner=item.owner_id), _("Списать долг")))
    return found


def to(endpoint: str, **values: object) -> str | None:
    """Return the address of a page, None where there is none of this name."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None  # type: ignore[arg-type]
