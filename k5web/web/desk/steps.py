"""What a person at the desk does with a subscriber: each step says what will happen, asks why, and is then done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts.ending import OPERATORS_NOTICE
from k5web.domain.accounts.subscriber import Device
from k5web.domain.calls.risk import is_direction
from k5web.domain.desk.action import Action
from k5web.domain.reason import checked_reason
from k5web.errors import K5Error, NotFound
from k5web.services.accounts import accounts, blocking, devices, endings, recovery
from k5web.services.calls import safety
from k5web.services.desk import subscriber_view
from k5web.services.desk.subscriber_view import BeforeStep, Standing
from k5web.services.ports import Ports
from k5web.web.books.reasons import direction
from k5web.web.context import ports
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.errors import words
from k5web.web.prices.plan_words import day
from k5web.web.texts import _, ngettext
from k5web.web.words import masked


@dataclass(frozen=True, slots=True)
class Deed:
    """One step as it was asked for. `what`: the device or direction that it is about, "" where it is about neither."""

    owner_id: int
    actor: str
    reason: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can be done with a subscriber."""

    title: Callable[[], str]  # also on the button
    happens: Callable[[BeforeStep, str], list[str]]  # what is said before it is done
    do: Callable[[Ports, Deed], object]
    done: Callable[[], str]
    suits: Callable[[Standing], bool] = lambda standing: True  # whether the page of this subscriber offers it
    is_about: Callable[[BeforeStep, str], bool] | None = None  # whether there is such a device or direction


@bp.get("/subscribers/<int:owner_id>/steps/<step>")
@staff_may(Action.CHANGE_SUBSCRIBERS)
def step(owner_id: int, step: str) -> ResponseReturnValue:
    """Show what a step will do, and ask for the reason."""
    return _page(owner_id, step, request.args.get("what", ""))


@bp.post("/subscribers/<int:owner_id>/steps/<step>")
@staff_may(Action.CHANGE_SUBSCRIBERS)
def take_step(owner_id: int, step: str) -> ResponseReturnValue:
    """Do it, with the reason."""
    what = request.form.get("what", "")
    wanted = _found(step)
    _look(owner_id, wanted, what)
    try:
        reason = checked_reason(request.form.get("reason", ""))
        wanted.do(ports(), Deed(owner_id, current_staff().actor, reason, what))
    except NotFound:
        raise
    except K5Error as error:
        return _page(owner_id, step, what, words(error)), error.status
    return redirect(url_for("desk.subscriber", owner_id=owner_id, done=step), 303)


def steps_for(standing: Standing) -> Sequence[tuple[str, str]]:
    """Return name and title of each step that the page of a subscriber offers."""
    return [(name, step.title()) for name, step in STEPS.items() if not step.is_about and step.suits(standing)]


def said_after(name: str) -> str:
    """Return what is said after a step, nothing for a name that is none."""
    return STEPS[name].done() if name in STEPS else ""


def _page(owner_id: int, name: str, what: str, said: str = "") -> str:
    wanted = _found(name)
    before = _look(owner_id, wanted, what)
    return render_template(
        "desk/step.html",
        owner_id=owner_id,
        name=name,
        title=wanted.title(),
        happens=wanted.happens(before, what),
        what=what,
        said=said,
        typed=request.form.get("reason", ""),
    )


def _found(name: str) -> Step:
    return NotFound.unless(STEPS.get(name), f"step {name[:40]}")


def _look(owner_id: int, step: Step, what: str) -> BeforeStep:
    """Return how a subscriber stands before a step. Raises: NotFound, also for a device or direction that is none."""
    before = subscriber_view.before_step(ports(), owner_id)
    is_fitting = step.is_about(before, what) if step.is_about else not what
    NotFound.unless(is_fitting or None, f"{what[:40]} of subscriber {owner_id}")
    return before


def _stops(before: BeforeStep) -> list[str]:
    """Return what becomes of calls when their subscriber is stopped."""
    given_up = ngettext(
        "%(num)s заказанный звонок не начнётся, его деньги освободятся.",
        "Заказанных звонков не начнётся: %(num)s, их деньги освободятся.",
        before.waiting,
    )
    goes_on = ngettext(
        "%(num)s звонок идёт и закончится сам.", "Звонков идёт: %(num)s, они закончатся сами.", before.live
    )
    return [*([given_up] if before.waiting else []), *([goes_on] if before.live else [])]


def _block(before: BeforeStep, _what: str) -> list[str]:
    return [
        _("Абонент не сможет войти, звонить, пополнять счёт; платежи извне не примем."),
        *_stops(before),
        _("Деньги на счёте останутся. Абоненту сообщение не уйдёт."),
        _("Отменить можно здесь же: «Снять остановку»."),
    ]


def _suspend(before: BeforeStep, _what: str) -> list[str]:
    return [
        _("Услуги остановятся. Войти и платить абонент сможет."),
        *_stops(before),
        _("Абоненту уйдёт уведомление; причину ниже он прочтёт дословно: напишите, что нарушено и как исправить."),
        _("Если за шесть месяцев он не исправит, договор можно прекратить."),
    ]


def _end(_before: BeforeStep, _what: str) -> list[str]:
    last = ports().today() + OPERATORS_NOTICE
    return [
        _("Договор прекратится: последний день – %(day)s. Абоненту уйдёт уведомление с этим днём.", day=day(last)),
        _("Исправит до этого дня – договор продолжится сам."),
        _("Отменить можно здесь же: «Оставить договор в силе»."),
    ]


def _keep(_before: BeforeStep, _what: str) -> list[str]:
    return [
        _("Договор продолжится: прекращение отменится, возражения абонента будут считаться улаженными."),
        _("Если абонент просил вернуть остаток, просьба закроется, деньги останутся на счёте."),
        _("Абоненту сообщение не уйдёт."),
    ]


def _devices(before: BeforeStep, _what: str) -> list[str]:
    ends = ngettext(
        "%(num)s устройство выйдет из кабинета.", "Устройств выйдет из кабинета: %(num)s.", len(before.devices)
    )
    return [ends, _("Пароль останется прежним: с ним можно войти снова.")]


def _device(before: BeforeStep, what: str) -> list[str]:
    return [
        _("Выйдет из кабинета: %(browser)s.", browser=_known(before, what).browser),
        _("Пароль останется прежним: с ним можно войти снова."),
    ]


def _password(before: BeforeStep, _what: str) -> list[str]:
    return [
        _("На телефон абонента уйдёт СМС с новым паролем; он годится на один вход, потом нужно придумать свой."),
        _("Прежний пароль, все устройства и ключи программ перестанут работать."),
    ]


def _verify(before: BeforeStep, _what: str) -> list[str]:
    shown = masked(before.phone) if before.phone else "–"
    return [_("Телефон %(phone)s будет считаться проверенным: на него можно звонить.", phone=shown)]


def _may_end(standing: Standing) -> bool:
    """Return whether a debt or a breach was borne for long enough, and the contract does not end by it already."""
    is_ending = standing.ending is not None and standing.ending.why != "subscriber"
    return not is_ending and any(each.is_over(ports().today()) for each in standing.borne)


def _known(before: BeforeStep, selector: str) -> Device:
    return next(device for device in before.devices if device.selector == selector)


STEPS: Final[Mapping[str, Step]] = {
    "block": Step(
        title=lambda: _("Остановить абонента"),
        happens=_block,
        do=lambda ports, deed: blocking.block(ports, deed.owner_id, deed.actor, deed.reason),
        done=lambda: _("Абонент остановлен."),
        suits=lambda standing: standing.owner.blocked_at is None,
    ),
    "unblock": Step(
        title=lambda: _("Снять остановку"),
        happens=lambda before, what: [_("Абонент снова сможет войти, звонить и пополнять счёт.")],
        do=lambda ports, deed: blocking.unblock(ports, deed.owner_id, deed.actor, deed.reason),
        done=lambda: _("Остановка снята."),
        suits=lambda standing: standing.owner.blocked_at is not None,
    ),
    "suspend": Step(
        title=lambda: _("Приостановить услуги за нарушение"),
        happens=_suspend,
        do=lambda ports, deed: blocking.suspend(ports, deed.owner_id, deed.actor, deed.reason),
        done=lambda: _("Услуги приостановлены, уведомление уйдёт."),
        suits=lambda standing: standing.owner.suspended_at is None and standing.owner.ended_at is None,
    ),
    "resume": Step(
        title=lambda: _("Нарушение исправлено"),
        happens=lambda before, what: [_("Услуги снова заработают. Абоненту уйдёт уведомление.")],
        do=lambda ports, deed: blocking.resume(ports, deed.owner_id, deed.actor, deed.reason),
        done=lambda: _("Услуги снова работают."),
        suits=lambda standing: standing.owner.suspended_at is not None and standing.owner.ended_at is None,
    ),
    "end": Step(
        title=lambda: _("Прекратить договор"),
        happens=_end,
        do=lambda ports, deed: endings.terminate(ports, deed.owner_id, deed.actor, deed.reason),
        done=lambda: _("Договор прекратится, уведомление уйдёт."),
        suits=_may_end,
    ),
    "keep": Step(
        title=lambda: _("Оставить договор в силе"),
        happens=_keep,
        do=lambda ports, deed: endings.keep(ports, deed.owner_id, deed.actor),
        done=lambda: _("Договор действует дальше."),
        suits=lambda standing: standing.ending is not None,
    ),
    "password": Step(
        title=lambda: _("Выслать новый пароль"),
        happens=_password,
        do=lambda ports, deed: recovery.renew(ports, deed.owner_id),
        done=lambda: _("СМС с новым паролем уйдёт сейчас."),
        suits=lambda standing: standing.owner.phone_verified_at is not None,
    ),
    "devices": Step(
        title=lambda: _("Завершить все входы"),
        happens=_devices,
        do=lambda ports, deed: devices.end_all_devices(ports, deed.owner_id),
        done=lambda: _("Все входы завершены."),
    ),
    "verify": Step(
        title=lambda: _("Подтвердить телефон"),
        happens=_verify,
        do=lambda ports, deed: accounts.verify_phone(ports, deed.owner_id),
        done=lambda: _("Телефон подтверждён."),
        suits=lambda standing: standing.owner.phone is not None and standing.owner.phone_verified_at is None,
    ),
    "device": Step(
        title=lambda: _("Завершить вход на устройстве"),
        happens=_device,
        do=lambda ports, deed: devices.end_device(ports, deed.owner_id, deed.what),
        done=lambda: _("Вход завершён."),
        is_about=lambda before, what: any(device.selector == what for device in before.devices),
    ),
    "open": Step(
        title=lambda: _("Открыть направление"),
        happens=lambda before, what: [
            _("Абонент сможет звонить: %(direction)s. Дневные пределы останутся.", direction=direction(what)),
        ],
        do=lambda ports, deed: safety.open_direction(ports, deed.owner_id, deed.what),
        done=lambda: _("Направление открыто."),
        is_about=lambda before, what: is_direction(what),
    ),
    "close": Step(
        title=lambda: _("Закрыть направление"),
        happens=lambda before, what: [
            _("Абонент больше не сможет звонить: %(direction)s.", direction=direction(what)),
        ],
        do=lambda ports, deed: safety.close_direction(ports, deed.owner_id, deed.what),
        done=lambda: _("Направление закрыто."),
        is_about=lambda before, what: what in before.opened,
    ),
}
