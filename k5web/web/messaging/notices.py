"""«Уведомления»: what a subscriber hears of, by SMS or e-mail; and how a stranger joins by SMS."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.messaging.notice import KINDS, Way
from k5web.services.messaging import wishes
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.texts import _

bp = Blueprint("notices", __name__)

WAYS: dict[str, Way] = {"sms": "sms", "email": "email", "off": "off"}


@bp.get("/me/notices")
@login_required
def show() -> ResponseReturnValue:
    """Show how each kind of event is told."""
    found = wishes.of(ports(), current_subscriber().id)
    return render_template("notices/notices.html", wishes=found, quiet=ports().quiet, kind_words=kind_words)


@bp.post("/me/notices")
@login_required
def choose() -> ResponseReturnValue:
    """Keep the choices; what is no way leaves a kind as it is."""
    chosen = {kind: WAYS[request.form[kind]] for kind in KINDS if request.form.get(kind) in WAYS}
    wishes.choose(ports(), current_subscriber().id, chosen)
    return redirect(url_for(".show"), 303)


@bp.get("/join")
def join() -> ResponseReturnValue:
    """Tell how to become a member by SMS (A6, A7) and by invitation (A8)."""
    return render_template("notices/join.html", numbers=ports().sms_numbers)


def kind_words(kind: str) -> str:
    """Return a kind of event in words."""
    return {
        "low_balance": _("На счёте мало денег"),
        "payment": _("Платёж зачислен"),
        "fee_not_taken": _("Услуга приостановлена: не хватило денег"),
        "resume": _("Снова можно звонить"),
        "plan_change": _("Условия тарифа меняются"),
        "deck_change": _("Цены звонков меняются"),
        "change_withdrawn": _("Объявленное изменение цен отменено"),
        "offer_change": _("Договор меняется"),
        "contract_ending": _("Договор прекращается"),
        "claim_answered": _("Ответ на претензию"),
        "claim_paid": _("Деньги по претензии отправлены в банк"),
        "device": _("Вход с нового устройства"),
        "card_removed": _("Карта удалена"),
        "act": _("Акт за месяц"),
        "voicemail": _("Новое сообщение голосовой почты"),
        "hook_paused": _("Вебхук остановлен"),
        "contract_ended": _("Договор закончен"),
        "suspended": _("Услуги приостановлены: нарушен договор"),
        "resumed": _("Нарушение исправлено, услуги работают"),
    }[kind]
