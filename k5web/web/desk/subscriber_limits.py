"""What one subscriber may spend on calls: changed by staff, after it was shown what changes."""

from collections.abc import Mapping
from typing import Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.calls.risk import CLOSED
from k5web.domain.desk.action import Action
from k5web.domain.money import Money
from k5web.domain.reason import checked_reason
from k5web.errors import K5Error, WrongCount, WrongMoney
from k5web.services.calls import safety
from k5web.services.calls.safety import Safety
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk.door import bp, staff_may
from k5web.web.errors import words
from k5web.web.texts import _
from k5web.web.words import money

SUMS: Final = ("daily_minor", "costly_minor", "first_day_minor")
CALLS: Final = "unanswered_an_hour"
MOST_CALLS: Final = 1000


@bp.get("/subscribers/<int:owner_id>/limits")
@staff_may(Action.CHANGE_SUBSCRIBERS)
def subscriber_limits(owner_id: int) -> ResponseReturnValue:
    """Show the limits; where others were typed, show what would change and ask for the reason."""
    return _page(owner_id, request.args, is_asked=any(name in request.args for name in (*SUMS, CALLS)))


@bp.post("/subscribers/<int:owner_id>/limits")
@staff_may(Action.CHANGE_SUBSCRIBERS)
def set_limits(owner_id: int) -> ResponseReturnValue:
    """Set the limits that were shown."""
    try:
        checked_reason(request.form.get("reason", ""))
        changes = _changes(safety.show(ports(), owner_id), request.form)
        safety.set_limits(ports(), owner_id, changes)
    except (WrongMoney, WrongCount) as error:
        return _page(owner_id, request.form, is_asked=True), error.status
    except K5Error as error:
        return _page(owner_id, request.form, is_asked=True, said=words(error)), error.status
    return redirect(url_for("desk.subscriber_limits", owner_id=owner_id, done=1), 303)


def _page(owner_id: int, typed: Mapping[str, str], *, is_asked: bool, said: str = "") -> str:
    found = safety.show(ports(), owner_id)
    changes: Mapping[str, int | None] = {}
    if is_asked:
        try:
            changes = _changes(found, typed)
        except (WrongMoney, WrongCount) as error:
            said = words(error)
    currency = found.ceilings.daily.limit.currency
    return render_template(
        "desk/limits.html",
        owner_id=owner_id,
        names=_names(),
        changes={name: _said(name, value, currency) for name, value in changes.items()},
        before={name: _said(name, getattr(found.limits, name), currency) for name in _names()},
        current={name: _typed(name, getattr(found.limits, name)) for name in _names()},
        closed=CLOSED,
        is_asked=is_asked and not said,
        typed={name: typed.get(name, "") for name in (*SUMS, CALLS)},
        reason=typed.get("reason", ""),
        said=said,
        is_done="done" in request.args,
    )


def _said(name: str, value: int | None, currency: str) -> str:
    """Return a limit in words."""
    if value is None:
        return _("общий предел")
    return str(value) if name == CALLS else money(Money(value, currency))


def _typed(name: str, value: int) -> str:
    """Return a limit as it stands in its field."""
    return str(value) if name == CALLS else str(Money(value)).replace(".", ",")


def _names() -> dict[str, str]:
    return {
        "daily_minor": _("Все звонки за день"),
        "costly_minor": _("Из них дорогие"),
        "first_day_minor": _("Первые сутки после первого платежа"),
        CALLS: _("Звонков в час на номер, который не отвечает"),
    }


def _changes(found: Safety, typed: Mapping[str, str]) -> dict[str, int | None]:
    """Return what differs from the limits as they are; an empty field gives back what everybody has.

    Raises: WrongMoney, WrongCount.
    """
    currency = found.ceilings.daily.limit.currency
    wanted: dict[str, int | None] = {
        name: Money.typed(text, currency).minor if text else None
        for name in SUMS
        if (text := typed.get(name, "").strip()) or name in typed
    }
    if CALLS in typed:
        wanted[CALLS] = _calls(typed[CALLS].strip())
    return {name: value for name, value in wanted.items() if value != getattr(found.limits, name)}


def _calls(text: str) -> int | None:
    if not text:
        return None
    calls = whole(text)
    if calls is None or calls > MOST_CALLS:
        raise WrongCount(most=MOST_CALLS)
    return calls
