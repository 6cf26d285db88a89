"""A phone and its network's USSD gateway simulated: what is dialled goes to K5's hook, the answer is shown."""

import secrets
from collections.abc import Sequence
from typing import Final

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Answer, Remote

CODE: Final = "ussd"  # the last part of its address
LONGEST: Final = 64  # letters of a field
K5: Final = Remote("k5", (2.0, 10.0))
NO_HOOK: Final = "K5 не знает этого адреса: K5_USSD_SECRET у страниц другой или не задан"

Codes = Sequence[tuple[str, str]]  # what may be dialled, and what it does, in words


def create(secret: str, phones: Sequence[str], codes: Codes, options: SandboxOptions) -> Flask:
    """Return the simulated phone of a gateway with this secret. It may say any number: so may a gateway."""
    app = Flask(__name__, static_folder=None)
    url = f"{options.k5_url}/hooks/ussd/{secret}"

    def page(typed: dict[str, str], told: str = "", trouble: str = "", status: int = 200) -> ResponseReturnValue:
        facts = {"phones": phones, "codes": codes, "k5_url": options.people_url}
        text = render_template(
            "phone.html", typed=typed, told=told, trouble=trouble, session=secrets.token_urlsafe(12), **facts
        )
        return text, status

    @app.get("/")
    def show() -> ResponseReturnValue:
        return page({"msisdn": phones[0] if phones else "", "text": ""})

    @app.post("/")
    def dial() -> ResponseReturnValue:
        """Send what was dialled; the same form sent again is the same session, as when a gateway repeats itself."""
        typed = {name: request.form.get(name, "").strip()[:LONGEST] for name in ("msisdn", "text")}
        asked = typed | {"session": request.form.get("session", "")[:LONGEST]}
        try:
            answer = K5.request("POST", url, "ussd", data=asked)
        except (ProviderRefused, ProviderUnknown) as error:
            return page(typed, trouble=f"Сеть не ответила: {error}", status=502)
        trouble = _trouble(answer)
        return page(typed, trouble=trouble, status=502) if trouble else page(typed, told=answer.body.decode())

    return app


def _trouble(answer: Answer) -> str:
    """Return why an answer is none, in words for the phone; "" where it is one."""
    if answer.is_success:
        return ""
    return NO_HOOK if answer.status == 404 else f"K5 ответил {answer.status}: попробуйте ещё раз"
