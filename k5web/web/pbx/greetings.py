"""Prompts of one's own: uploaded, listened to, named, put in the rules of numbers, removed; by plain forms."""

import io
from pathlib import PurePath
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge

from k5web.domain.accounts.label import LONGEST
from k5web.domain.pbx.greeting import LARGEST_MB, LONGEST_WORDS, MOST_GREETINGS, Greeting, GreetingState
from k5web.domain.pbx.image import BY_ID
from k5web.domain.pbx.recording import alaw_header
from k5web.errors import GreetingUsed, K5Error, TooMany, TooOften, WrongGreeting, WrongName
from k5web.services.pbx import greetings
from k5web.services.pbx.greetings import LARGEST
from k5web.web.context import current_subscriber, known_visit, login_required, ports
from k5web.web.errors import again, words
from k5web.web.pbx.rule_refusals import why_no_greeting
from k5web.web.pbx.rule_words import number_name
from k5web.web.texts import _

bp = Blueprint("greetings", __name__, url_prefix="/me/pbx/greetings")

FIELDS: Final = 16 * 1024  # bytes of a request beside the file
BUFFERED: Final = 512 * 1024  # bytes of a request that are read ahead; a file goes to the disk
LOOK_S: Final = 3  # after which a page looks again whether the worker is ready
REFUSALS: Final = (WrongGreeting, WrongName, TooMany, TooOften)
AT: Final[dict[type[K5Error], str]] = {WrongName: "title", GreetingUsed: "said-at"}  # which place a refusal is about


@bp.url_value_preprocessor
def _allow_file(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let a file through before the form is read, of whoever is logged in; a stranger's form stays small."""
    if endpoint == "greetings.upload" and request.method == "POST" and known_visit() is not None:
        request.max_content_length = LARGEST + FIELDS
        request.max_form_memory_size = BUFFERED


@bp.get("")
@login_required
def show_all() -> ResponseReturnValue:
    """Show the prompts, and the form of a new one."""
    return _list_page()


@bp.post("")
@login_required
def upload() -> ResponseReturnValue:
    """Take a sound; the worker makes it ready."""
    sent = request.files.get("file")
    title, said = request.form.get("title", ""), request.form.get("words", "")
    name = title.strip() or (_title_of(sent.filename or "") if sent else "")
    try:
        content = sent.read(LARGEST + 1) if sent else b""
        made = greetings.upload(ports(), current_subscriber().id, name, said, content, _actor())
    except REFUSALS as refusal:
        return _list_page(refusal, title, said)
    return redirect(url_for(".show", digest=made.digest), 303)


@bp.get("/<digest>")
@login_required
def show(digest: str) -> ResponseReturnValue:
    """Show one: its sound, its name, where it is said. While the worker is at it, the page looks again by itself."""
    return _page(digest)


@bp.post("/<digest>")
@login_required
def describe(digest: str) -> ResponseReturnValue:
    """Give it another name and other words."""
    title, said = request.form.get("title", ""), request.form.get("words", "")
    try:
        greetings.describe(ports(), current_subscriber().id, digest, title, said)
    except REFUSALS as refusal:
        return _page(digest, refusal, title, said)
    return redirect(url_for(".show", digest=digest), 303)


@bp.get("/<digest>/sound")
@login_required
def listen(digest: str) -> ResponseReturnValue:
    """Answer the sound as a WAV file, or the part of it that is asked for."""
    sound = greetings.sound(ports(), current_subscriber().id, digest)
    whole = alaw_header(len(sound)) + sound
    answer = Response(io.BytesIO(whole), mimetype="audio/wav", direct_passthrough=True)
    answer.content_length = len(whole)
    answer.headers["Content-Disposition"] = f'inline; filename="{digest}.wav"'
    return answer.make_conditional(request.environ, accept_ranges=True, complete_length=len(whole))


@bp.post("/<digest>/instead")
@login_required
def put_instead(digest: str) -> ResponseReturnValue:
    """Let the rules say it where they say another one."""
    greetings.put_instead(ports(), current_subscriber().id, digest, request.form.get("old", ""), _actor())
    return redirect(url_for(".show", digest=digest), 303)


@bp.get("/<digest>/remove")
@login_required
def ask(digest: str) -> ResponseReturnValue:
    """Ask whether it is to be removed."""
    return render_template("greetings/remove.html", one=greetings.show(ports(), current_subscriber().id, digest))


@bp.post("/<digest>/remove")
@login_required
def remove(digest: str) -> ResponseReturnValue:
    """Remove it; where a rule says it, say which."""
    try:
        greetings.remove(ports(), current_subscriber().id, digest)
    except GreetingUsed as refusal:
        return _page(digest, refusal)
    return redirect(url_for(".show_all"), 303)


@bp.errorhandler(RequestEntityTooLarge)
@again
@login_required
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """A request that is larger than any prompt: the form again, and why; what was typed beside it was not read."""
    return _list_page(WrongGreeting(reason="too_large"), status=RequestEntityTooLarge.code)


@bp.errorhandler(CSRFError)
@again
@login_required
def stale(_error: CSRFError) -> ResponseReturnValue:
    """An old form: the list again."""
    return _list_page(said=_("Страница была открыта давно. Нажмите ещё раз."), status=400)


def length(greeting: Greeting) -> str:
    """Return how long a prompt is: «0:12»; of one that is not ready, how it stands."""
    if greeting.milliseconds is not None:
        seconds = -(-greeting.milliseconds // 1000)
        return f"{seconds // 60}:{seconds % 60:02}"
    return _("готовим") if greeting.state is GreetingState.WAITING else _("не подошло")


def _title_of(file: str) -> str:
    """Return a name for a sound that got none: what stands before the last dot of its file's, as far as it is plain."""
    stem = PurePath(file.replace("\\", "/")).stem
    return "".join(sign for sign in stem if sign.isprintable())[:LONGEST].strip() or _("Приветствие")


def _actor() -> str:
    return f"subscriber:{current_subscriber().id}"


def _rule_at(number: str) -> tuple[int, str]:
    """Return the last part of a rule's address, and what the rule is of."""
    return (0 if number == BY_ID else int(number)), number_name(number)


def _list_page(
    refusal: K5Error | None = None, title: str = "", typed: str = "", said: str = "", status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "greetings/greetings.html",
        listed=greetings.mine(ports(), current_subscriber().id),
        length=length,
        title=title,
        typed=typed,
        said=words(refusal) if refusal else said,
        at=AT.get(type(refusal), "file") if refusal else "file",
        most=MOST_GREETINGS,
        most_mb=LARGEST_MB,
        longest=LONGEST_WORDS,
    )
    return page, refusal.status if refusal and status == 200 else status


def _page(digest: str, refusal: K5Error | None = None, title: str = "", typed: str = "") -> ResponseReturnValue:
    found = greetings.show(ports(), current_subscriber().id, digest)
    is_waiting = found.greeting.state is GreetingState.WAITING and request.method == "GET"
    page = render_template(
        "greetings/greeting.html",
        one=found.greeting,
        said_at=[_rule_at(number) for number in found.said_at],
        others=found.others,
        length=length,
        why=why_no_greeting(found.greeting.why) if found.greeting.why else "",
        title=title or found.greeting.title,
        typed=typed or found.greeting.words,
        said=words(refusal) if refusal else "",
        at=AT.get(type(refusal), "words") if refusal else "",
        longest=LONGEST_WORDS,
        refresh_s=LOOK_S if is_waiting and request.args.get("auto") != "0" else None,
    )
    return page, refusal.status if refusal else 200
