"""A phone simulated: it rings a rented number at the simulated switch, and its screen tells what happens."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from flask import Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connectors.incoming.story import Step, told
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import K5Error, NotFound, SwitchRefused, SwitchSilent

CODE: Final = "incoming"  # the last part of its address
LONGEST: Final = 60  # letters of a field
SECONDS: Final = 60  # after which the caller hangs up, where the form does not say
LOOKS_S: Final = 2  # how often a page without script looks again
NO_CALL: Final = "Так не позвонить: номера – цифрами, клавиши – цифрами через запятую, секунды – от 1 до 7200."
NO_SWITCH: Final = "Учебная станция не отвечает."


@dataclass(frozen=True, slots=True)
class Line:
    """The way to the simulated switch; each raises SwitchSilent where it does not answer."""

    ring: Callable[[str, str, str, int], str]  # caller, number, keys, seconds: the name of the call
    story: Callable[[str], tuple[Sequence[Step], bool]]  # what happened, and whether it is over
    hang_up: Callable[[str], None]


def create(
    line: Line, numbers: Callable[[], Sequence[str]], titled: Callable[[str], str], options: SandboxOptions
) -> Flask:
    """Return the simulated phone. `numbers`: rented ones, to choose from; `titled`: what an own prompt is called."""
    app = Flask(__name__, static_folder=None)

    @app.get("/")
    def show() -> ResponseReturnValue:
        typed = {"from": "79161112233", "to": request.args.get("to", ""), "keys": "", "seconds": str(SECONDS)}
        return page(typed)

    @app.post("/")
    def ring() -> ResponseReturnValue:
        """Ring, and show what happens."""
        typed = {name: request.form.get(name, "").strip()[:LONGEST] for name in ("from", "to", "keys", "seconds")}
        seconds = int(typed["seconds"]) if typed["seconds"].isascii() and typed["seconds"].isdigit() else 0
        keys = typed["keys"].replace(" ", "")
        try:
            name = line.ring(digits(typed["from"]), digits(typed["to"]), keys, seconds)
        except SwitchRefused:
            return page(typed, NO_CALL, 422)
        except SwitchSilent:
            return page(typed, NO_SWITCH, 502)
        return redirect(url_for("follow", name=name, to=digits(typed["to"])), 303)

    @app.get("/<name>")
    def follow(name: str) -> ResponseReturnValue:
        """Show what happened so far; the page looks again by itself until it is over."""
        try:
            steps, is_over = line.story(name)
        except NotFound:
            abort(404)
        except SwitchSilent:
            return page({}, NO_SWITCH, 502)
        to = digits(request.args.get("to", "")[:LONGEST])
        facts = {"name": name, "to": to, "is_over": is_over, "looks_s": LOOKS_S, "k5_url": options.people_url}
        return render_template("call.html", steps=list(told(steps, titled)), **facts)

    @app.post("/<name>/end")
    def end(name: str) -> ResponseReturnValue:
        """Hang up; a call that is over stays as it is."""
        with suppress(K5Error):  # the page says how it stands
            line.hang_up(name)
        return redirect(url_for("follow", name=name, to=request.form.get("to", "")[:LONGEST]), 303)

    def page(typed: dict[str, str], trouble: str = "", status: int = 200) -> ResponseReturnValue:
        facts = {"numbers": numbers(), "typed": typed, "trouble": trouble, "k5_url": options.people_url}
        return render_template("ring.html", **facts), status

    return app


def digits(typed: str) -> str:
    """Return a number without what people write between its digits; an account's login as it is."""
    return typed if typed[:1] == "u" else "".join(sign for sign in typed if sign not in " ()-+")
