"""Webhooks: addresses of the subscriber's own programs that hear of calls, with what they were told last."""

from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.pbx.webhook import ALL, PAUSES, Delivery, HookEvent
from k5web.errors import K5Error, TooMany, TooOften, WrongHook
from k5web.services.pbx import hooks as use_cases
from k5web.web.context import current_subscriber, login_required, password_required, ports
from k5web.web.errors import words
from k5web.web.texts import _

bp = Blueprint("webhooks", __name__, url_prefix="/me/hooks")

LONGEST: Final = 600  # characters of what is typed


@bp.get("")
@login_required
@password_required
def show() -> ResponseReturnValue:
    """Show the addresses, what each was told last, and the form for a new one."""
    return _page()


@bp.post("")
@login_required
@password_required
def add() -> ResponseReturnValue:
    """Put in an address; its secret stands on this answer and nowhere else."""
    url = request.form.get("url", "")[:LONGEST]
    wished = [event for event in ALL if event in request.form.getlist("event")]
    try:
        _hook, secret = use_cases.add(ports(), current_subscriber().id, url, wished)
    except (WrongHook, TooMany) as refusal:
        return _page(typed=url, refusal=refusal)
    return _page(secret=secret)


@bp.post("/<int:n>/test")
@login_required
def test(n: int) -> ResponseReturnValue:
    """Have an address told a test."""
    try:
        use_cases.test(ports(), current_subscriber().id, n)
    except TooOften as refusal:
        return _page(refusal=refusal)
    return redirect(url_for(".show"), 303)


@bp.post("/<int:n>/resume")
@login_required
def resume(n: int) -> ResponseReturnValue:
    """Tell an address again that rested."""
    use_cases.resume(ports(), current_subscriber().id, n)
    return redirect(url_for(".show"), 303)


@bp.post("/<int:n>/remove")
@login_required
def remove(n: int) -> ResponseReturnValue:
    """Remove an address. No password is asked: whoever is in a hurry has a reason."""
    use_cases.remove(ports(), current_subscriber().id, n)
    return redirect(url_for(".show"), 303)


def event_word(event: str) -> str:
    """Return an event in words."""
    return {
        HookEvent.RINGING: _("звонок начался"),
        HookEvent.ANSWERED: _("ответили"),
        HookEvent.ENDED: _("звонок закончился"),
        HookEvent.MISSED: _("пропущенный"),
        use_cases.TEST: _("проверка"),
    }[event]


def result(delivery: Delivery) -> str:
    """Return how it went to tell an address something: «принято, 200», «таймаут, попытка 2»."""
    if delivery.outcome == "told":
        return _("принято, %(status)s", status=delivery.status)
    is_fresh = not delivery.attempts  # never tried, or not since its address was told again
    if is_fresh and not (delivery.outcome and (delivery.status or delivery.why)):
        return _("в очереди")
    said = _("ответ %(status)s", status=delivery.status) if delivery.status else why_word(delivery.why)
    if delivery.outcome:
        return _("%(why)s, больше не повторяем", why=said)
    return _("%(why)s, попытка %(n)s из %(of)s", why=said, n=delivery.attempts, of=len(PAUSES) + 1)


def why_word(why: str) -> str:
    """Return why an address gave no answer."""
    return {
        "timeout": _("не ответил вовремя"),
        "certificate": _("сертификат не подошёл"),
        "no_connection": _("соединиться не удалось"),
        "unknown": _("такого имени нет"),
        "closed": _("имя ведёт во внутреннюю сеть"),
        "removed": _("адрес удалён"),
        "secret": _("секрет утерян: удалите адрес и добавьте снова"),
        "": _("отправляем"),
    }.get(why, _("соединение прервалось"))


def _page(*, secret: str = "", typed: str = "", refusal: K5Error | None = None) -> Response:
    page = render_template(
        "webhooks/webhooks.html",
        found=use_cases.of_owner(ports(), current_subscriber().id),
        events=[(event, event_word(event)) for event in ALL],
        event_word=event_word,
        result=result,
        secret=secret,
        typed=typed,
        said=words(refusal) if refusal else None,
    )
    return make_response(page, refusal.status if refusal else 200)
