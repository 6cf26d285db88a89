"""The menu of the desk: each place once, for whoever may go there."""

from k5web.domain.desk.action import Action
from k5web.web.desk.door import allowed
from k5web.web.texts import _


def places() -> list[tuple[str, str]]:
    """Return endpoint and words of each place that whoever is logged in may go to."""
    return [(endpoint, words) for action, endpoint, words in _all() if allowed(action)]


def _all() -> list[tuple[Action, str, str]]:
    return [
        (Action.SEE_DESK, "desk.home", _("Рабочий стол")),
        (Action.SEE_WORK, "desk.work_list", _("Работа")),
        (Action.SEE_MONEY, "desk.claim_list", _("Претензии")),
        (Action.SEE_BOOKS, "desk.books", _("Дни и печати")),
        (Action.SEE_PROPOSALS, "desk.proposal_list", _("Предложения")),
        (Action.SEE_MONEY, "desk.suspense", _("Невыясненные")),
        (Action.SEE_MONEY, "desk.doubtful", _("Сомнительные")),
        (Action.SEE_CALLS, "desk.calls", _("Звонки")),
        (Action.SEE_CALLS, "desk.trunks", _("Транки")),
        (Action.SEE_CALLS, "desk.alarms", _("Тревоги")),
        (Action.SEE_CALLS, "desk.stops", _("Стоп-лист")),
        (Action.SEE_PRICES, "desk.price_lists", _("Прайс-листы")),
        (Action.SEE_PRICES, "desk.plan_list", _("Тарифы")),
        (Action.SEE_PRICES, "desk.margin", _("Маржа")),
        (Action.SEE_REGISTERS, "desk.registers", _("Реестры")),
        (Action.SEE_BOOKS, "desk.bill_check", _("Счёт = записи = книга")),
        (Action.SEE_SUBSCRIBERS, "desk.acts", _("Акты")),
        (Action.SEE_AUDIT, "desk.audit_log", _("Журнал")),
        (Action.MANAGE_STAFF, "desk.staff_list", _("Сотрудники")),
    ]
