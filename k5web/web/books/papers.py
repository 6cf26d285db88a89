"""Documents of the account in one place: each kind is a section of the page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from k5web.web.context import login_required

bp = Blueprint("papers", __name__, url_prefix="/me/documents")


@bp.get("")
@login_required
def show_all() -> ResponseReturnValue:
    """List what there is on paper, each kind in a section of its own (`templates/papers/_<kind>.html`)."""
    return render_template("papers/documents.html")
