"""Recorded talks and messages: ordered, listened to and deleted by the subscriber whose they are."""

import io
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wsgi import FileWrapper

from k5web.domain.pbx.recording import KEPT_DAYS, Entry, Recording, SoundKind
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import devices
from k5web.services.pbx import recordings
from k5web.services.ports import Ports
from k5web.web.context import current_device, current_subscriber, login_required, password_required, ports
from k5web.web.converters import moment
from k5web.web.errors import why_unserved
from k5web.web.texts import _
from k5web.web.words import phone

bp = Blueprint("recordings", __name__, url_prefix="/me/recordings")

LONGEST_KEY: Final = 200  # characters of a page's key
PART_BYTES: Final = 64 * 1024  # read at once


class SoundFile(io.RawIOBase):
    """A recording as the file that is played, read where it is wanted only."""

    def __init__(self, doors: Ports, recording: Recording) -> None:
        self._doors, self._recording, self._at = doors, recording, 0
        self._sound = recordings.sound(recording)
        self.size = self._sound.size_bytes

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is: a part of a long talk is no reason to read all of it."""
        return True

    def tell(self) -> int:
        """Return where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place and return it."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes; return how many. Raises: NotFound, SwitchUnreachable."""
        into = memoryview(buffer)
        part = self._sound.part(self._at, len(into), self._recorded)
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _recorded(self, start: int, length: int) -> bytes:
        return recordings.read(self._doors, self._recording, start, length)


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """Show whether talks are recorded, what that means, and the recordings."""
    owner_id, kind = current_subscriber().id, _kind()
    return render_template(
        "recordings/recordings.html",
        standing=recordings.standing(ports(), owner_id),
        page=recordings.page(ports(), owner_id, kind, _key(request.args.get("before", ""))),
        kind=kind,
        kinds=[(SoundKind.TALK, _("Разговоры")), (SoundKind.VOICEMAIL, _("Голосовая почта"))],
        before=request.args.get("before"),
        key=_written,
        about=about,
        length=length,
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        why_not=why_unserved(),
        days_kept=KEPT_DAYS,
        notes=get_flashed_messages(),
    )


@bp.post("/order")
@login_required
@password_required
def order() -> ResponseReturnValue:
    """Have talks recorded, or record them no more."""
    recordings.order(ports(), current_subscriber().id, is_recorded=request.form.get("record") == "on")
    return redirect(url_for(".show"), 303)


@bp.get("/<switch>/<file>")
@login_required
def listen(switch: str, file: str) -> ResponseReturnValue:
    """Answer the sound, or the part of it that is asked for."""
    found = recordings.find(ports(), current_subscriber().id, switch, file).recording
    sound = SoundFile(ports(), found)
    played = FileWrapper(io.BufferedReader(sound, PART_BYTES), PART_BYTES)
    recordings.read(ports(), found, 0, 1)  # a file that is gone is said so before the answer begins
    answer = Response(played, mimetype="audio/wav", direct_passthrough=True)
    answer.content_length = sound.size
    answer.headers["Content-Disposition"] = f'inline; filename="{found.file.rpartition(".")[0]}.wav"'
    return answer.make_conditional(request.environ, accept_ranges=True, complete_length=sound.size)


@bp.post("/<switch>/<file>/heard")
@login_required
def hear(switch: str, file: str) -> ResponseReturnValue:
    """Note that a message was heard; no GET does, for browsers and previews ask by themselves."""
    found = recordings.find(ports(), current_subscriber().id, switch, file).recording
    recordings.hear(ports(), found)
    return redirect(url_for(".show", kind=found.kind), 303)


@bp.get("/<switch>/<file>/delete")
@login_required
def ask(switch: str, file: str) -> ResponseReturnValue:
    """Ask whether a recording is to be deleted."""
    found = recordings.find(ports(), current_subscriber().id, switch, file)
    return render_template("recordings/delete.html", entry=found, about=about, length=length)


@bp.post("/<switch>/<file>/delete")
@login_required
def delete(switch: str, file: str) -> ResponseReturnValue:
    """Delete a recording for good."""
    owner_id = current_subscriber().id
    kind = recordings.find(ports(), owner_id, switch, file).recording.kind
    recordings.delete(ports(), owner_id, switch, file)
    flash("deleted")
    return redirect(url_for(".show", kind=kind), 303)


def about(entry: Entry) -> str:
    """Return between whom it was: «Входящий: +7 916 123-45-67»."""
    who = entry.parties
    if who is None:
        return _("Разговор")
    if entry.recording.kind is SoundKind.VOICEMAIL:
        return _("Сообщение: %(caller)s", caller=party(who.caller))
    match who.direction:
        case "in":
            return _("Входящий: %(caller)s", caller=party(who.caller))
        case "inside":
            return _("Внутренний: %(caller)s", caller=party(who.caller))
        case _:
            return _("Исходящий: %(called)s", called=party(who.called))


def party(name: str) -> str:
    """Return a party of a conversation: a number, an account's name, or that none was shown."""
    if not name:
        return _("номер скрыт")
    return phone(Msisdn(name)) if name.isdigit() else name


def length(recording: Recording) -> str:
    """Return how long a recording is: «2:05»."""
    if recording.sound is None:
        return _("ещё сохраняется")
    seconds = recording.sound.milliseconds // 1000
    return f"{seconds // 60}:{seconds % 60:02}"


def _kind() -> SoundKind:
    return SoundKind.VOICEMAIL if request.args.get("kind") == SoundKind.VOICEMAIL else SoundKind.TALK


def _written(key: tuple[datetime, str]) -> str:
    return f"{key[0].isoformat()} {key[1]}"


def _key(text: str) -> tuple[datetime, str] | None:
    """Return the key of a page, None for the first one and for what is no key."""
    at, _space, file = text[:LONGEST_KEY].partition(" ")
    ended_at = moment(at)
    return (ended_at, file) if ended_at else None
