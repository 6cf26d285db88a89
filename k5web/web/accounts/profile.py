"""«Ваши данные»: particulars of a person or an organisation, e-mail, consent (B3, B14)."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO, Final

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from k5web.domain.accounts import email_address
from k5web.domain.accounts.consent import ConsentText
from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.accounts.profile import FIELDS, Kind, Profile
from k5web.domain.accounts.tax_numbers import is_kyrgyz_inn_doubtful
from k5web.errors import K5Error, NoConsent, NotErasable, TooOften, WrongEmail, WrongOneTimeCode, WrongProfile
from k5web.services.accounts import accounts, consents, devices, emails, erasure, profiles
from k5web.services.accounts import export as exporting
from k5web.services.accounts.profiles import Particulars
from k5web.web.accounts import profile_words
from k5web.web.accounts.accounts import REFUSED_PASSWORD, about_password, confirm_if_needed, leave
from k5web.web.context import current_device, current_subscriber, login_required, operator, password_required, ports
from k5web.web.errors import words

bp = Blueprint("profile", __name__)

ASKED: Final = "email"  # in the session: the address and the name of the request
KINDS: Final[Mapping[str, Kind]] = {"person": "person", "organisation": "organisation"}
LONGEST_FIELD: Final = 300  # characters; what is longer is told, not cut in silence
AT_ONCE: Final = 1 << 16  # bytes of a file that are sent in one piece


@bp.get("/me/profile/details")
@login_required
def details() -> ResponseReturnValue:
    """Ask for the particulars, of a person or of an organisation."""
    known = profiles.show(ports(), current_subscriber().id)
    kept = known.profile
    kind = KINDS.get(request.args.get("kind", "")) or (kept.kind if kept else "person")
    return _details_page(known, kind, _filled(kind, kept))


@bp.post("/me/profile/details")
@login_required
def save() -> ResponseReturnValue:
    """Keep the particulars; each wrong field is told at its place, and nothing that was typed is lost."""
    kind = KINDS.get(request.form.get("kind", ""), "person")
    typed = {field.name: request.form.get(field.name, "")[:LONGEST_FIELD] for field in FIELDS[kind]}
    owner = current_subscriber()
    try:
        confirm_if_needed()
        saved = profiles.save(ports(), owner.id, kind, typed, consents_now="consent" in request.form)
    except (WrongProfile, NoConsent, *REFUSED_PASSWORD) as refusal:
        known = profiles.show(ports(), owner.id)
        return _details_page(known, kind, typed, _wrong_fields(refusal), refusal.status)
    flash("profile_saved")
    if is_kyrgyz_inn_doubtful(saved["inn"], ports().today()):
        flash("inn_doubtful")
    return redirect(url_for("accounts.profile"), 303)


@bp.get("/me/profile/email")
@login_required
def email() -> ResponseReturnValue:
    """Ask for the e-mail address."""
    return _email_page()


@bp.post("/me/profile/email")
@login_required
def send_code() -> ResponseReturnValue:
    """Send a code to the address, or take the address away."""
    owner, typed = current_subscriber(), request.form.get("email", "").strip()[: email_address.LONGEST]
    try:
        confirm_if_needed()
        if "remove" in request.form:
            emails.remove(ports(), owner.id)
            return redirect(url_for("accounts.profile"), 303)
        consents_now = "consent" in request.form
        address, name = emails.ask(ports(), owner.id, typed, request.remote_addr, consents_now=consents_now)
    except (WrongEmail, NoConsent, TooOften, *REFUSED_PASSWORD) as refusal:
        return _email_page(typed, _wrong_fields(refusal), refusal.status)
    session[ASKED] = [address.text, name]
    return redirect(url_for(".code"), 303)


@bp.get("/me/profile/email/code")
@login_required
def code() -> ResponseReturnValue:
    """Ask for the code that was sent to the address."""
    return _code_page() if ASKED in session else redirect(url_for(".email"), 303)


@bp.post("/me/profile/email/code")
@login_required
def confirm() -> ResponseReturnValue:
    """Keep the address of whoever has the code."""
    if ASKED not in session:
        return redirect(url_for(".email"), 303)
    address, name = session[ASKED]
    try:
        emails.confirm(ports(), current_subscriber().id, EmailAddress(address), request.form.get("code", "")[:20], name)
    except (WrongOneTimeCode, NoConsent) as refusal:
        return _code_page(words(refusal), refusal.status)
    session.pop(ASKED)
    flash("email_saved")
    return redirect(url_for("accounts.profile"), 303)


@bp.get("/me/profile/consent")
@login_required
def consent() -> ResponseReturnValue:
    """Show which consent was given, when and how, and what follows when it is withdrawn."""
    history = consents.history(ports(), current_subscriber().id)
    return render_template(
        "profile/consent.html", history=history, current=consents.current(ports()), ways=profile_words.ways()
    )


@bp.post("/me/profile/consent")
@login_required
def choose_consent() -> ResponseReturnValue:
    """Keep a consent, or take it back."""
    if request.form.get("consent") == "given":
        consents.give(ports(), current_subscriber().id, "page")
    elif request.form.get("consent") == "withdrawn":
        consents.withdraw(ports(), current_subscriber().id, "page")
    return redirect(url_for(".consent"), 303)


@bp.get("/me/profile/export")
@login_required
@password_required
def export() -> ResponseReturnValue:
    """Answer all that is kept of the subscriber as a file. It tells much about a life, so the password is asked for."""
    file = exporting.export(ports(), current_subscriber().id)
    answer = Response(_parts(file), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="k5-data.json"'
    answer.call_on_close(file.close)  # also where nothing was asked for but the headers
    return answer


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, AT_ONCE), b"")


@bp.get("/me/profile/erase")
@login_required
def ask_erasure() -> ResponseReturnValue:
    """Say what is erased and what stays, and ask for the password and a word."""
    return _erase_page()


@bp.post("/me/profile/erase")
@login_required
def erase() -> ResponseReturnValue:
    """Erase who the subscriber is, for good."""
    owner, typed = current_subscriber(), request.form.get("word", "").strip()[:LONGEST_FIELD]
    if typed.upper() != profile_words.erase_word():
        return _erase_page(typed, {"word": profile_words.word_to_type(profile_words.erase_word())}, 400)
    try:
        accounts.confirm(ports(), owner, current_device(), request.form.get("password", ""))
        erasure.erase(ports(), owner.id, profiles.SUBSCRIBER)
    except REFUSED_PASSWORD as refusal:
        return _erase_page(typed, {"password": about_password(refusal)}, refusal.status)
    except NotErasable as refusal:
        return _erase_page(typed, {}, refusal.status)
    return leave(url_for(".erased"))


@bp.get("/erased")
def erased() -> ResponseReturnValue:
    """Say to whoever is gone what became of the data."""
    return render_template("profile/erased.html")


@bp.get("/consent")
def consent_text() -> ResponseReturnValue:
    """Show the text of the consent that is in force."""
    return _text_page(consents.current(ports()))


@bp.get("/consent/<int(max=999):version>")
def consent_version(version: int) -> ResponseReturnValue:
    """Show one version of the text, for ever at the same address."""
    return _text_page(consents.text(version))


def _filled(kind: Kind, kept: Profile | None) -> dict[str, str]:
    """Return what stands in the fields of a fresh form: all but the identity document's number."""
    if kept is None or kept.kind != kind:
        return {"given_name": current_subscriber().name}
    return {name: text for name, text in kept.values.items() if name != "document_number"}


def _wrong_fields(refusal: K5Error) -> dict[str, str]:
    """Return each wrong field with the words for it."""
    match refusal:
        case WrongProfile():
            return {name: profile_words.wrong(name, rule) for name, rule in refusal.facts["fields"].items()}  # type: ignore[attr-defined]
        case NoConsent():
            return {"consent": words(refusal)}
        case WrongEmail() | TooOften():
            return {"email": words(refusal)}
    return {"password": about_password(refusal)}


def _details_page(
    known: Particulars, kind: Kind, typed: Mapping[str, str], wrong: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    kept = known.profile if known.profile and known.profile.kind == kind else None
    page = render_template(
        "profile/details.html",
        kind=kind,
        fields=profile_words.fields(kind),
        documents=profile_words.documents(),
        typed=typed,
        kept=kept,
        wrong=wrong or {},
        **_asked(known),
    )
    return make_response(page, status)


def _erase_page(typed: str = "", wrong: Mapping[str, str] | None = None, status: int = 200) -> Response:
    page = render_template(
        "profile/erase.html",
        obstacles=erasure.obstacles(ports(), current_subscriber().id, profiles.SUBSCRIBER),
        obstacle=profile_words.obstacle,
        word=profile_words.erase_word(),
        typed=typed,
        wrong=wrong or {},
    )
    return make_response(page, status)


def _email_page(typed: str = "", wrong: Mapping[str, str] | None = None, status: int = 200) -> Response:
    known = profiles.show(ports(), current_subscriber().id)
    page = render_template("profile/email.html", known=known, typed=typed, wrong=wrong or {}, **_asked(known))
    return make_response(page, status)


def _asked(known: Particulars) -> dict[str, bool]:
    """Return what a form must ask beside its own fields."""
    return {
        "is_confirmed": devices.is_confirmed(ports(), current_device()),
        "has_consent": known.consent is not None,
        "consents": "consent" in request.form,
    }


def _code_page(said: str | None = None, status: int = 200) -> Response:
    page = render_template("profile/code.html", email=session[ASKED][0], said=said)
    return make_response(page, status)


def _text_page(text: ConsentText) -> ResponseReturnValue:
    payee = operator()
    who = f"{payee.name} (ИНН {payee.inn})" if payee else "K5"  # the text is Russian
    paragraphs = [paragraph.replace("{operator}", who) for paragraph in text.paragraphs]
    versions = list(consents.texts())
    return render_template("profile/text.html", text=text, paragraphs=paragraphs, versions=versions)
