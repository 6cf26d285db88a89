"""The subscriber's words for refusals about plans and what is connected to them, by their code."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _
from k5web.web.words import money

WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "nothing_to_object": lambda facts: _("Возражать не против чего: ваши тариф и цены звонков не дорожают."),
    "not_in_plan": lambda facts: _("На вашем тарифе сюда звонить нельзя. Деньги не списаны."),
    "no_plan": lambda facts: _("Такого тарифа нет."),
    "plan_not_open": lambda facts: _(
        "Этот тариф вам сейчас не подключить: он открыт не на каждом тарифе. Деньги не списаны."
    ),
    "plan_unpaid": lambda facts: _(
        "Абонентская плата по тарифу не списана: не хватило денег. Пополните счёт, и всё заработает само."
    ),
    "sum_changed": lambda facts: _(
        "Теперь это стоит %(due)s, а не %(shown)s. Посмотрите ещё раз. Деньги не списаны.",
        due=money(facts["due"]),
        shown=money(facts["shown"]),
    ),
    "terms_changed": lambda facts: _(
        "Условия тарифа «%(plan)s» изменились. Посмотрите ещё раз. Деньги не списаны.", plan=facts["plan"]
    ),
    "already_there": lambda facts: _("Это у вас уже подключено. Деньги не списаны."),
}
