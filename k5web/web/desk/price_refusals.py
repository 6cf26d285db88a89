"""Words for refusals about drafts of prices and versions that are taken back."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _

Facts = Mapping[str, Any]

WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "draft_taken": lambda facts: _(
        "На этот день уже есть черновик № %(n)s. Сначала опубликуйте или отбросьте его.", n=facts["draft"]
    ),
    "draft_ended": lambda facts: _("Этот черновик уже опубликован или отброшен."),
    "draft_outdated": lambda facts: _(
        "С тех пор как черновик проверили, цены или ответы изменились. Проверьте его снова и посмотрите заново."
    ),
    "draft_too_long": lambda facts: _(
        "В списке больше %(most)s цен. Такой список загружают командой на сервере: попросите администратора.",
        most=facts["most"],
    ),
    "deck_stopped": lambda facts: _(
        "Проверка задаёт вопросы. Ответьте на них на странице черновика и проверьте снова."
    ),
    "in_force_already": lambda facts: _(
        "Версия уже вступила в силу или вступит через минуту, отозвать её нельзя. Опубликуйте прежний список снова, "
        "на день впереди."
    ),
    "withdrawn_already": lambda facts: _("Эта версия уже отозвана."),
    "still_dearer": lambda facts: _(
        "Без неё следующая версия подняла бы цены раньше, чем о них можно предупредить. Сначала отзовите следующую."
    ),
}
