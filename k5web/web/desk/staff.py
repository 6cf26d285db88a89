"""The staff: who there is, what each is there for, who comes in no more."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.desk.staff import Role
from k5web.services.desk import staff
from k5web.web.context import ports
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.texts import _


@bp.get("/staff")
@staff_may(Action.MANAGE_STAFF)
def staff_list() -> ResponseReturnValue:
    """Show everybody with their roles."""
    return render_template(
        "desk/staff.html", everybody=staff.everybody(ports()), roles=list(Role), role_words=role_words
    )


@bp.post("/staff/<login>/roles")
@staff_may(Action.MANAGE_STAFF)
def staff_roles(login: str) -> ResponseReturnValue:
    """Say what somebody is there for."""
    staff.set_roles(ports(), login, request.form.getlist("role"), current_staff().actor)
    return redirect(url_for("desk.staff_list"), 303)


@bp.post("/staff/<login>/end")
@staff_may(Action.MANAGE_STAFF)
def staff_end(login: str) -> ResponseReturnValue:
    """Let somebody in no more."""
    staff.end(ports(), login, current_staff().actor)
    return redirect(url_for("desk.staff_list"), 303)


def role_words(role: Role) -> str:
    """Return a role as the page names it."""
    return {
        Role.DESK: _("работа с абонентами"),
        Role.MONEY: _("деньги"),
        Role.PRICES: _("цены"),
        Role.ENGINEER: _("связь"),
        Role.AUDITOR: _("проверка, только смотреть"),
        Role.OWNER: _("владелец, может всё"),
    }[role]
