"""Words for refusals of proposals and of money by hand."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _
from k5web.web.words import money

Facts = Mapping[str, Any]


def _wrong_deed(facts: Facts) -> str:
    return {
        "zero": _("Напишите сумму больше нуля."),
        "counter": _("Выберите, за чей счёт исправить."),
        "no_debt": _("Списать можно не больше долга абонента."),
        "not_bank": _("Это не платёж из выписки банка: в невыясненные возвращаются только они."),
        "not_payment": _("Это не платёж: переносить нечего."),
        "same_owner": _("Платёж и так у этого абонента."),
        "done_before": _("Это уже сделано раньше. Ещё раз ничего не проведено."),
        "other_number": _("Этот номер платёжной системы у другого заказа или уже зачислен."),
        "not_open": _("Это пополнение уже закончено, или по нему идёт возврат."),
    }.get(str(facts["why"]), _("Так деньги не двигают."))


def _not_waiting(facts: Facts) -> str:
    return _("Предложение № %(n)s уже решено, обновите страницу. Ещё раз ничего не проведено.", n=facts["n"])


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "wrong_deed": _wrong_deed,
    "not_waiting": _not_waiting,
    "own_proposal": lambda facts: _("Это ваше предложение. Решить о нём может только другой человек."),
    "form_used": lambda facts: _(
        "Эта форма уже отправлена, из неё вышло предложение № %(n)s. Откройте новую.", n=facts["n"]
    ),
    "facts_changed": lambda facts: _(
        "Теперь вышло бы не то, что было показано. Ничего не проведено, посмотрите заново."
    ),
    "not_yours": lambda facts: _("Отозвать предложение № %(n)s может только его автор.", n=facts["n"]),
    "wrong_form": lambda facts: _("Страница открыта неправильно. Откройте форму заново."),
    "refund_too_large": lambda facts: _("Из этого платежа можно вернуть ещё %(left)s.", left=money(facts["left"])),
    "given_already": lambda facts: _("Этот платёж уже отдан абоненту %(owner)s.", owner=facts["owner_id"]),
    "closed_already": lambda facts: _("Этот платёж закрыт %(day)s. Сначала откройте его снова.", day=facts["day"]),
    "decided_already": lambda facts: _("Об этом платеже уже решили иначе."),
    "wrong_closing": lambda facts: _("Напишите причину, от трёх знаков, и выберите счёт дома."),
}
