"""Where the desk leads: each place once, by subject, for whoever may go there."""

from k5web.domain.desk.action import Action
from k5web.web.desk.door import allowed
from k5web.web.texts import _

Place = tuple[str, str]  # endpoint and words


def places() -> list[tuple[str, list[Place]]]:
    """Return every place that whoever is logged in may go to, below the subject's words."""
    found = [(subject, [(to, words) for action, to, words in of if allowed(action)]) for subject, of in _all()]
    return [(subject, of) for subject, of in found if of]


def top() -> list[Place]:
    """Return the few places that stand on every page."""
    few = [
        (Action.SEE_DESK, "desk.home", _("Рабочий стол")),
        (Action.SEE_DESK, "desk.search", _("Найти")),
        (Action.SEE_WORK, "desk.work_list", _("Что ждёт")),
        (Action.SEE_CALLS, "desk.calls", _("Звонки")),
    ]
    return [(to, words) for action, to, words in few if allowed(action)]


def _all() -> list[tuple[str, list[tuple[Action, str, str]]]]:
    return [
        (_("Абоненты"), _of_subscribers()),
        (_("Деньги"), _of_money()),
        (_("Звонки"), _of_calls()),
        (_("Цены"), _of_prices()),
        (_("Учёт"), _of_books()),
        (_("Сотрудники"), _of_staff()),
    ]


def _of_subscribers() -> list[tuple[Action, str, str]]:
    return [
        (Action.SEE_MONEY, "desk.claim_list", _("Претензии")),
        (Action.SEE_SUBSCRIBERS, "desk.acts", _("Акты")),
    ]


def _of_money() -> list[tuple[Action, str, str]]:
    return [
        (Action.SEE_PROPOSALS, "desk.proposal_list", _("Предложения")),
        (Action.SEE_MONEY, "desk.suspense", _("Невыясненные платежи")),
        (Action.SEE_MONEY, "desk.doubtful", _("Сомнительные платежи")),
        (Action.SEE_REGISTERS, "desk.registers", _("Реестры и выписки")),
        (Action.SEE_REGISTERS, "desk.job_list", _("Загруженные файлы")),
    ]


def _of_calls() -> list[tuple[Action, str, str]]:
    return [
        (Action.SEE_CALLS, "desk.calls", _("Идут сейчас")),
        (Action.SEE_CALLS, "desk.past_calls", _("Прошлые звонки")),
        (Action.SEE_CALLS, "desk.trunks", _("Транки и направления")),
        (Action.SEE_CALLS, "desk.alarms", _("Тревоги")),
        (Action.SEE_CALLS, "desk.stops", _("Стоп-лист")),
    ]


def _of_prices() -> list[tuple[Action, str, str]]:
    return [
        (Action.SEE_PRICES, "desk.price_lists", _("Прайс-листы")),
        (Action.SEE_PRICES, "desk.plan_list", _("Тарифы")),
        (Action.SEE_PRICES, "desk.margin", _("Маржа")),
    ]


def _of_books() -> list[tuple[Action, str, str]]:
    return [
        (Action.SEE_BOOKS, "desk.bill_check", _("Счета, записи и книга")),
        (Action.SEE_BOOKS, "desk.books", _("Дни и печати")),
        (Action.SEE_BOOKS, "desk.archive", _("Архив")),
    ]


def _of_staff() -> list[tuple[Action, str, str]]:
    return [
        (Action.SEE_AUDIT, "desk.audit_log", _("Журнал: кто что сделал")),
        (Action.MANAGE_STAFF, "desk.staff_list", _("Кто есть и что может")),
    ]
