"""Money by hand: a form, then what will happen, then it is done or handed to a second person."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.errors import K5Error
from k5web.services.accounts import accounts
from k5web.services.desk import by_hand, proposals
from k5web.web.context import ports
from k5web.web.desk import deed_forms
from k5web.web.desk.deed_forms import FORMS
from k5web.web.desk.deed_words import counter_word, kind_word, line_word, state_word
from k5web.web.desk.door import about, bp, current_staff, staff_may
from k5web.web.errors import words

OF_SUBSCRIBER = [kind for kind, form in FORMS.items() if form.has_owner and kind != "assign"]


@bp.get("/subscribers/<int:owner_id>/money")
@staff_may(Action.SEE_MONEY)
def money(owner_id: int) -> ResponseReturnValue:
    """Show what can be done with a subscriber's money, and what was done by hand."""
    purse = accounts.purse(ports(), owner_id)
    done = proposals.of_owner(ports(), owner_id)[: proposals.PAGE]
    return render_template("desk/money.html", owner_id=owner_id, purse=purse, kinds=OF_SUBSCRIBER, done=done)


@bp.get("/money/<kind>")
@staff_may(Action.MOVE_MONEY)
def money_form(kind: str) -> ResponseReturnValue:
    """Show the form of one kind, with what the address knows already."""
    return _form(kind, request.args.to_dict() | {"form_key": deed_forms.new_key()})


@bp.post("/money/<kind>/look")
@staff_may(Action.MOVE_MONEY)
def money_look(kind: str) -> ResponseReturnValue:
    """Show what will happen; nothing happens yet."""
    typed = request.form.to_dict()
    try:
        wish = deed_forms.wish_of(ports(), kind, typed)
        if wish.owner_id is not None:
            about(wish.owner_id)
        seen = by_hand.foresee(ports(), current_staff().actor, wish)
    except K5Error as error:
        return _form(kind, typed, words(error)), error.status
    kept = {name: value for name, value in typed.items() if name != "csrf_token"}
    return render_template("desk/look.html", kind=kind, wish=wish, seen=seen, kept=kept)


@bp.post("/money/<kind>")
@staff_may(Action.MOVE_MONEY)
def money_do(kind: str) -> ResponseReturnValue:
    """Do it, or hand it to a second person; what is done is what was shown."""
    typed = request.form.to_dict()
    wish = deed_forms.wish_of(ports(), kind, typed)
    if wish.owner_id is not None:
        about(wish.owner_id)
    done = by_hand.submit(ports(), current_staff().actor, wish, typed.get("mark", ""))
    return redirect(url_for("desk.proposal", n=done.id), 303)


@bp.context_processor
def _deed_words() -> dict[str, object]:
    """What the templates of money by hand say."""
    return {
        "kind_word": kind_word,
        "state_word": state_word,
        "line_word": line_word,
        "counter_word": counter_word,
    }


def _form(kind: str, typed: dict[str, str], said: str = "") -> str:
    form = FORMS.get(kind)
    fields = form.fields if form else ()
    return render_template(
        "desk/money_form.html",
        kind=kind,
        form=form,
        fields=[(name, deed_forms.labels()[name]) for name in fields],
        typed=typed,
        counters=deed_forms.COUNTERS,
        said=said,
    )
