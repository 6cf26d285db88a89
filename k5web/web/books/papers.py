"""Documents of the account in one place: each kind is a section of the page."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.act import read_address
from k5web.paper import act as act_paper
from k5web.paper import pdf, svg
from k5web.services.books import acts
from k5web.services.books.acts import IssuedAct
from k5web.web.accounts import applications
from k5web.web.context import current_subscriber, login_required, ports

bp = Blueprint("papers", __name__, url_prefix="/me/documents")


@bp.get("")
@login_required
def show_all() -> ResponseReturnValue:
    """List what there is on paper, each kind in a section of its own (`templates/papers/_<kind>.html`)."""
    made = acts.of_owner(ports(), current_subscriber().id)
    return render_template("papers/documents.html", acts=made, applications=applications.listed())


@bp.get("/act/<act>")
@login_required
def act(act: str) -> ResponseReturnValue:
    """Show an act to print: what it says, its other versions, and the wish for a signed original."""
    found = _act(act)
    drawn = [svg.draw(sheet) for sheet in act_paper.sheets(found.act, found.party)]
    return render_template("papers/act.html", found=found, act=found.act, sheets=drawn, name_of=act_paper.name_of)


@bp.get("/act/<act>.pdf")
@login_required
def act_file(act: str) -> ResponseReturnValue:
    """Answer the same as a PDF, exact to the millimetre."""
    found = _act(act)
    answer = Response(pdf.draw(*act_paper.sheets(found.act, found.party)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="akt-{found.act.address}.pdf"'
    return answer


@bp.post("/act/<act>/original")
@login_required
def want_original(act: str) -> ResponseReturnValue:
    """Ask for the act on paper, signed; asked twice it is one wish."""
    acts.want_original(ports(), current_subscriber().id, *read_address(act))
    return redirect(url_for(".act", act=act), 303)


def _act(act: str) -> IssuedAct:
    return acts.find(ports(), current_subscriber().id, *read_address(act))
