"""Who of the staff asks, and whether their roles allow it; everything sent is written into the audit first."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Final, ParamSpec

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from k5web import request_id
from k5web.domain.desk.action import Action, may
from k5web.domain.desk.audit import DONE, Deed
from k5web.domain.desk.staff import Staff
from k5web.errors import K5Error, NotAllowed
from k5web.services.desk import audit, staff
from k5web.services.desk.audit import Doing
from k5web.services.desk.staff import StaffVisit
from k5web.web import context, language
from k5web.web.context import ports
from k5web.web.errors import words
from k5web.web.headers import SAFE_METHODS
from k5web.web.texts import _

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

bp = Blueprint("desk", __name__, url_prefix="/desk")

NEEDS: Final[dict[str, Action]] = {}  # by the name of a view: what whoever opens it must be allowed to do
OPEN: Final = {"login", "log_in"}  # views of whoever has not logged in yet
TOLD: Final = (
    "role",
    "kind",
    "reference",
    "what",
    "until",
    "sum",
    "sign",
    "counter",
    "number",
    "payment",
    "bank_name",
    "order",
    "owner",
    "to",
    "case",
    "house",
    "origin",
    "key",
    "verdict",
    "how",
    "provider_id",
    "document",
    "sent_on",
    "name",
    "effective",
    "daily_minor",
    "costly_minor",
    "first_day_minor",
    "unanswered_an_hour",
)  # fields of forms that say what is done: ids, sums and choices, never a secret
COOKIE: Final = "desk"  # the last letters of the cookie's name


def staff_may(action: Action) -> Callable[[View[P]], View[P]]:
    """Let only staff in whose roles allow this; what they send is written down before it begins, and how it ended."""

    def guard(view: View[P]) -> View[P]:
        NEEDS[view.__name__] = action

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            visit = known_staff()
            if visit is None:
                return redirect(url_for("desk.login", next=context.came_from()), 303)
            g.staff = visit
            if request.method not in SAFE_METHODS:
                return _recorded(action, view, *args, **kwargs)
            _refuse_others(action)
            return view(*args, **kwargs)

        return guarded

    return guard


def current_staff() -> Staff:
    """Return who of the staff is logged in; only behind `staff_may`."""
    return current_visit().staff


def current_visit() -> StaffVisit:
    """Return the same with their log-in."""
    visit: StaffVisit = g.staff
    return visit


def allowed(action: Action) -> bool:
    """Return whether whoever is logged in may do this: for links and buttons."""
    visit = g.get("staff")
    return visit is not None and may(visit.staff.roles, action)


def about(owner_id: int) -> None:
    """Say in the audit which subscriber the deed under way is about, where the address does not."""
    doing: Doing | None = g.get("doing")
    if doing is not None:
        doing.deed = _about(doing.deed, owner_id)


def known_staff() -> StaffVisit | None:
    """Return whose log-in this browser has, None of nobody's."""
    return staff.recognise(ports(), request.cookies.get(context.cookie_name(context.settings(), COOKIE)))


def set_cookie(answer: Response, token: str | None) -> Response:
    """Send the browser its log-in, or take it away. It ends with the browser; the database ends it sooner."""
    of = context.settings()
    name = context.cookie_name(of, COOKIE)
    if token is None:
        answer.delete_cookie(name, path="/", secure=of.is_https, httponly=True, samesite="Strict")
    else:
        answer.set_cookie(name, token, path="/", secure=of.is_https, httponly=True, samesite="Strict")
    return answer


@bp.before_request
def _refuse_unguarded() -> None:
    """A view that nobody said anything about is open to nobody; pages here ask nothing about subscribers' browsers."""
    view = (request.endpoint or "").removeprefix("desk.")
    if view not in NEEDS and view not in OPEN:
        raise NotAllowed(action=view)
    language.without_account()


@bp.context_processor
def _words() -> dict[str, object]:
    """What only these templates say: who is here, and what they may."""
    visit = g.get("staff")
    return {"staff": visit.staff if visit else None, "may": allowed, "Action": Action}


@bp.errorhandler(K5Error)
def refuse(error: K5Error) -> ResponseReturnValue:
    """Say a refusal on a page of the desk."""
    return make_response(render_template("desk/error.html", text=words(error)), error.status)


@bp.errorhandler(CSRFError)
def show_again(error: CSRFError) -> ResponseReturnValue:
    """Ask for one more press where a page was open for too long."""
    text = _("Страница была открыта давно. Вернитесь, обновите её и нажмите ещё раз.")
    return make_response(render_template("desk/error.html", text=text), HTTPStatus.BAD_REQUEST)


def _refuse_others(action: Action) -> None:
    if not allowed(action):
        raise NotAllowed(action=action.value)


def _recorded(action: Action, view: View[P], *args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
    with audit.recorded(ports(), _deed()) as doing:
        _refuse_others(action)
        g.doing = doing
        answer = make_response(view(*args, **kwargs))
        if answer.status_code >= HTTPStatus.BAD_REQUEST and doing.outcome == DONE:
            doing.outcome = f"refused {answer.status_code}"
        return answer


def _deed() -> Deed:
    values = request.view_args or {}
    owner_id = values.get("owner_id")
    return Deed(
        actor=current_staff().actor,
        action=request.endpoint or "",
        owner_id=owner_id if isinstance(owner_id, int) else None,
        reason=request.form.get("reason", ""),
        request_id=request_id.current(),
        facts={name: audit.fact(value) for name, value in {**_told(), **values}.items() if name != "owner_id"},
    )


def _told() -> dict[str, list[str]]:
    """Return what of the form the audit keeps; nothing where a field was left empty."""
    return {name: found for name in TOLD if (found := list(filter(None, request.form.getlist(name))))}


def _about(deed: Deed, owner_id: int) -> Deed:
    return Deed(deed.actor, deed.action, owner_id, deed.reason, deed.facts, deed.request_id)
