"""In and out, the remembered phones, the profile."""

import contextlib
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from k5web.domain.accounts.login import LONGEST_LOGIN
from k5web.domain.money import Price
from k5web.errors import (
    Busy,
    DeviceReused,
    K5Error,
    LoginLocked,
    LoginPaused,
    NotFound,
    SubscriberBlocked,
    Unavailable,
    WeakPassword,
    WrongLogin,
    WrongPrice,
)
from k5web.services.accounts import accounts, devices, profiles, tokens
from k5web.services.accounts.accounts import Browser
from k5web.services.pbx import browser_phones
from k5web.web import language
from k5web.web.accounts import browsers, profile_words
from k5web.web.context import (
    came_from,
    current_device,
    current_subscriber,
    device_token,
    drop_device_cookie,
    known_visit,
    login_required,
    note_confirmed,
    own_path,
    ports,
    set_device_cookie,
    visitor,
)
from k5web.web.errors import again, words
from k5web.web.texts import _

bp = Blueprint("accounts", __name__)

CLEAR_SITE = '"cookies", "storage"'
REFUSED_PASSWORD = (WrongLogin, LoginPaused, LoginLocked, Busy)


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What was typed on the login page."""

    login: str = ""
    password: str = ""
    is_own: bool = True
    next: str = "/"

    @classmethod
    def read(cls) -> "LoginForm":
        """Return the sent form. A missing or zero `remember` is somebody else's phone."""
        form = request.form
        return cls(
            login=form.get("login", "").strip()[:LONGEST_LOGIN],
            password=form.get("password", ""),
            is_own=form.get("remember", "0") not in {"", "0", "no", "false"},
            next=own_path(form.get("next")),
        )


@bp.get("/login")
def login() -> ResponseReturnValue:
    """Show the login form, or go on where nothing needs to be asked."""
    back = own_path(request.args.get("next"))
    if visitor() is not None:
        return redirect(back, 303)
    return login_page(back, has_left="left" in request.args)


def login_page(back: str, *, has_left: bool = False) -> ResponseReturnValue:
    """Show the login form in place of a page, in one request; after it the visitor stands where he came for."""
    said = words(DeviceReused()) if "device_reused" in get_flashed_messages() else None
    return _login_page(LoginForm(next=own_path(back)), said, has_left=has_left)


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    """Let the subscriber in and remember this browser."""
    form = LoginForm.read()
    browser = Browser(
        name=browsers.name_of(request.user_agent.string),
        address=request.remote_addr,
        is_own=form.is_own,
        token=device_token(),
    )
    try:
        visit = accounts.log_in(ports(), form.login, form.password, browser)
    except (*REFUSED_PASSWORD, SubscriberBlocked) as refusal:
        answer = _login_page(form, words(refusal), refusal.status)
        if "wait_s" in refusal.facts:
            answer.headers["Retry-After"] = str(refusal.facts["wait_s"])
        return answer
    session.clear()  # nothing from before the login is good after it
    set_device_cookie(visit)
    return redirect(form.next, 303)


@bp.errorhandler(CSRFError)
@again
def show_again(error: CSRFError) -> ResponseReturnValue:
    """Ask for one more press where a page was open for too long; what was typed is still there."""
    if request.endpoint == "accounts.log_in":
        if visitor() is not None:  # the second tap of the one that logged in: its token went with the old session
            return redirect(own_path(request.form.get("next")), 303)
        return _login_page(LoginForm.read(), _("Страница была открыта давно. Нажмите ещё раз."), 400)
    flash("stale")
    return redirect(came_from(), 303)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Forget this browser, here and in the database."""
    visit = known_visit()
    if visit is not None:
        devices.end_device(ports(), visit.subscriber.id, visit.device.selector, "logout")
        _end_phone_of(visit.subscriber.id, visit.device.selector)
    return leave()


@bp.get("/confirm")
@login_required
def confirm() -> ResponseReturnValue:
    """Ask for the password again."""
    return _confirm_page(own_path(request.args.get("next")))


@bp.post("/confirm")
@login_required
def confirmed() -> ResponseReturnValue:
    """Take the password typed again, and go on."""
    back = own_path(request.form.get("next"))
    try:
        accounts.confirm(ports(), current_subscriber(), current_device(), request.form.get("password", ""))
    except REFUSED_PASSWORD as refusal:
        return _confirm_page(back, about_password(refusal), refusal.status)
    return redirect(back, 303)


@bp.get("/me/devices")
@login_required
def list_devices() -> ResponseReturnValue:
    """Show where this subscriber is remembered."""
    return _devices_page()


@bp.post("/me/devices/<selector>/end")
@login_required
def end_device(selector: str) -> ResponseReturnValue:
    """Log one phone out; one that is out already stays out."""
    try:
        devices.end_device(ports(), current_subscriber().id, selector)
    except NotFound:
        return redirect(url_for(".list_devices"), 303)
    _end_phone_of(current_subscriber().id, selector)
    if selector == current_device().selector:
        return leave()
    return redirect(url_for(".list_devices"), 303)


@bp.post("/me/devices/end")
@login_required
def end_all_devices() -> ResponseReturnValue:
    """Log out everywhere, here too."""
    devices.end_all_devices(ports(), current_subscriber().id)
    return leave()


@bp.post("/me/devices/at-once")
@login_required
def switch_at_once() -> ResponseReturnValue:
    """Switch calling without the button on this phone; switching on needs the password."""
    is_on = request.form.get("on") == "1"
    if is_on and not current_device().is_own:
        return redirect(url_for(".list_devices"), 303)
    try:
        if is_on:
            confirm_if_needed()
            limit = Price.parse(request.form.get("limit", ""), current_subscriber().currency)
            accounts.choose_at_once_limit(ports(), current_subscriber().id, limit)
    except REFUSED_PASSWORD as refusal:
        return _devices_page(about_password(refusal), "password", refusal.status)
    except WrongPrice as refusal:
        return _devices_page(words(refusal), "limit", refusal.status)
    devices.switch_at_once(ports(), current_device(), is_on)
    return redirect(url_for(".list_devices"), 303)


@bp.get("/me/profile")
@login_required
def profile() -> ResponseReturnValue:
    """Show who the subscriber is for us."""
    return _profile_page()


@bp.post("/me/profile/language")
@login_required
def choose_language() -> ResponseReturnValue:
    """Keep the language for all this subscriber's phones."""
    chosen = request.form.get("language", "")
    accounts.choose_language(ports(), current_subscriber().id, chosen if chosen in language.OFFERED else None)
    return redirect(url_for(".profile"), 303)


@bp.post("/me/profile/press-1")
@login_required
def choose_press_1() -> ResponseReturnValue:
    """Choose whether the subscriber's own phone presses 1 before the other one is called."""
    accounts.choose_press_1(ports(), current_subscriber().id, request.form.get("press_1") == "on")
    return redirect(url_for(".profile"), 303)


@bp.post("/me/profile/password")
@login_required
def change_password() -> ResponseReturnValue:
    """Set a new password; all other phones are logged out, and programs lose their keys unless they are to stay."""
    owner, keeps_tokens = current_subscriber(), "keep_tokens" in request.form
    try:
        confirm_if_needed()
        new = request.form.get("new_password", "")
        accounts.change_password(ports(), owner, new, current_device(), keeps_tokens=keeps_tokens)
    except REFUSED_PASSWORD as refusal:
        return _profile_page(about_password(refusal), "password", refusal.status)
    except WeakPassword as refusal:
        return _profile_page(words(refusal), "new_password", refusal.status)
    flash("password_changed")
    return redirect(url_for(".profile"), 303)


def confirm_if_needed() -> None:
    """Check the password field of a form that needs one. Raises: what REFUSED_PASSWORD names."""
    if not devices.is_confirmed(ports(), current_device()):
        accounts.confirm(ports(), current_subscriber(), current_device(), request.form.get("password", ""))
        note_confirmed()


def about_password(refusal: K5Error) -> str:
    """Return the words where only the password was asked, so only it can be wrong."""
    left = refusal.facts.get("attempts_left")
    if not isinstance(refusal, WrongLogin):
        return words(refusal)
    said = _("Пароль не подходит.")
    return " ".join((said, _("Осталось попыток: %(left)s.", left=left))) if left else said


def _end_phone_of(owner_id: int, device: str) -> None:
    """End the phone in a browser that is logged out; where the database is busy the worker does it in a moment."""
    with contextlib.suppress(Unavailable):
        browser_phones.end_accounts(ports(), owner_id, device)


def _login_page(form: LoginForm, said: str | None = None, status: int = 200, *, has_left: bool = False) -> Response:
    return make_response(render_template("accounts/login.html", form=form, said=said, has_left=has_left), status)


def _confirm_page(back: str, said: str | None = None, status: int = 200) -> Response:
    return make_response(render_template("accounts/confirm.html", back=back, said=said), status)


def _devices_page(said: str | None = None, at: str = "", status: int = 200) -> Response:
    subscriber, here = current_subscriber(), current_device()
    page = render_template(
        "accounts/devices.html",
        found=devices.list_devices(ports(), subscriber.id),
        here=here,
        limit=subscriber.at_once_limit,
        is_confirmed=devices.is_confirmed(ports(), here),
        said=said,
        at=at,
        notes=get_flashed_messages(),
    )
    return make_response(page, status)


def _profile_page(said: str | None = None, at: str | None = None, status: int = 200) -> Response:
    page = render_template(
        "accounts/profile.html",
        subscriber=current_subscriber(),
        known=profiles.show(ports(), current_subscriber().id),
        labels=profile_words.labels,
        looked=profile_words.looked,
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        keys=len(tokens.list_tokens(ports(), current_subscriber().id)),
        keeps_tokens="keep_tokens" in request.form,
        languages=language.names(),
        always_press_1=ports().press_1,
        said=said,
        at=at,
        notes=get_flashed_messages(),
    )
    return make_response(page, status)


def leave(to: str = "") -> Response:
    """Forget who was here: the session, the device, and what the browser keeps of this site."""
    session.clear()
    drop_device_cookie()
    # no cookie may carry the news
    answer = make_response(redirect(to or url_for("accounts.login", left=1), 303))
    answer.headers["Clear-Site-Data"] = CLEAR_SITE
    return answer
