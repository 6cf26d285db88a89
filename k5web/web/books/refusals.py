"""Words for refusals of the ledger: money that is not there, transfers that cannot be made."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.domain.books.claim import LONGEST_TEXT
from k5web.web.texts import _, ngettext
from k5web.web.words import money, whole

Facts = Mapping[str, Any]


def _insufficient_funds(facts: Facts) -> str:
    available, needed = facts["available"], facts["needed"]
    return _(
        "На счёте %(available)s, а нужно %(needed)s. Пополните хотя бы на %(missing)s.",
        available=money(available),
        needed=money(needed),
        missing=money(needed - available),
    )


def _wrong_receiver(facts: Facts) -> str:
    match facts["why"]:
        case "self":
            why = _("Это ваш собственный счёт. Напишите номер другого участника.")
        case "several":
            why = _("Этот номер можно понять по-разному. Напишите телефон с кодом страны или счёт так: K5-100001.")
        case "inactive":
            why = _("Этот участник сейчас не может получать переводы.")
        case "currency":
            why = _("У этого участника счёт в другой валюте: перевести можно только в своей.")
        case _:
            why = _("Участника с таким номером нет. Проверьте номер.")
    return " ".join((why, _("Деньги не списаны.")))


def _transfer_limit(facts: Facts) -> str:
    if facts["bound"] == "day":
        return _(
            "За день можно перевести %(day)s, сегодня осталось %(most)s. Деньги не списаны.",
            day=money(facts["maximum"]),
            most=money(facts["most"]),
        )
    return _(
        "Деньги, пришедшие с карты, можно перевести через сутки. Сейчас можно перевести %(most)s. Деньги не списаны.",
        most=money(facts["most"]),
    )


def _promise_refused(facts: Facts) -> str:
    match facts["why"]:
        case "open":
            return _("Обещанный платёж уже взят. Новый можно взять, когда он закончится и будет возвращён.")
        case "owed":
            return _("Сначала верните долг: пополните счёт.")
        case "young":
            return ngettext(
                "Обещанный платёж можно взять, когда счёту исполнится %(num)s день.",
                "Обещанный платёж можно взять, когда счёту исполнится %(num)s дней.",
                int(facts["days"]),
            )
        case "unpaid":
            return _(
                "Обещанный платёж можно взять, когда пополнений всего будет на %(needed)s.",
                needed=money(facts["needed"]),
            )
        case "sum":
            return _(
                "Пообещать можно от %(minimum)s до %(maximum)s.",
                minimum=money(facts["minimum"]),
                maximum=money(facts["maximum"]),
            )
        case "using":
            return _("Обещанные деньги уже потрачены. Сначала пополните счёт.")
        case _:
            return _("Обещанного платежа сейчас нет.")


def _not_claimable(facts: Facts) -> str:
    match facts["why"]:
        case "late":
            return _("Оспорить эту сумму можно было до %(day)s включительно.", day=f"{facts['last_day']:%d.%m.%Y}")
        case "open":
            return _("Об этой сумме уже есть претензия № %(n)s, мы её рассматриваем.", n=facts["n"])
        case "returned":
            return _("Эти деньги уже возвращены на счёт, оспаривать нечего.")
        case "corrected":
            return _("Эта сумма списана по ответу на претензию. Оспорить её ещё раз здесь нельзя.")
        case _:
            return _("Это не плата за услугу: пополнения, переводы, подарки и возвраты не оспаривают.")


def _wrong_claim(facts: Facts) -> str:
    match facts["key"]:
        case "sum":
            return _("Напишите сумму больше нуля, но не больше списанной: %(most)s.", most=money(facts["most"]))
        case "reason":
            return _("Выберите, что не так.")
        case _:
            return ngettext(
                "Опишите, что не так: до %(num)s знака обычного текста.",
                "Опишите, что не так: до %(num)s знаков обычного текста.",
                LONGEST_TEXT,
            )


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "wrong_archive": lambda facts: _("Файл архива не сходится."),
    "archive_differs": lambda facts: _("Файл архива был другим."),
    "not_archivable": lambda facts: _("Этот месяц ещё не уходит в архив."),
    "day_not_over": lambda facts: _("Этот день ещё не кончился."),
    "insufficient_funds": _insufficient_funds,
    "promise_refused": _promise_refused,
    "not_claimable": _not_claimable,
    "wrong_claim": _wrong_claim,
    "claim_answered": lambda facts: _("На претензию № %(n)s уже ответили.", n=facts["n"]),
    "nothing_to_pay": lambda facts: _("По претензии № %(n)s ничего не нужно платить.", n=facts["n"]),
    "wrong_receiver": _wrong_receiver,
    "transfer_limit": _transfer_limit,
    "wrong_period": lambda facts: _("Укажите оба дня, первый не позже последнего, например 01.12.2026."),
    "export_too_long": lambda facts: _(
        "За эти дни слишком много строк: %(lines)s, а в один файл помещается %(most)s. Выберите меньше дней.",
        lines=whole(facts["lines"]),
        most=whole(facts["most_lines"]),
    ),
    "transfer_too_small": lambda facts: _("Перевести можно от %(least)s.", least=money(facts["least"])),
}
