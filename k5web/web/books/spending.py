"""What services cost, as charts: a month by its days and by directions, a year of talk by its months."""

from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from k5web.services.books import spending
from k5web.services.books.spending import Share
from k5web.web import words
from k5web.web.books import chart, services
from k5web.web.books.periods import chosen_month
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.texts import _

bp = Blueprint("spending", __name__, url_prefix="/me")

NO_COUNTRY: Final = "001"  # numbers of satellites and of networks around the world


@bp.get("/spending")
@login_required
def show() -> ResponseReturnValue:
    """Show what the services of a month cost, and how long the subscriber talked in each month of a year."""
    found = spending.of_month(ports(), current_subscriber().id, chosen_month())
    return render_template(
        "spending/spending.html",
        spending=found,
        days=chart.by_day(found.month, found.by_day),
        shares=chart.by_share([(_direction(share), share.spent) for share in found.shares]),
        talked=chart.by_month(found.talked),
    )


def _direction(share: Share) -> str:
    """Return what a share was spent on: «Россия», «Абонентская плата», «Остальные»."""
    if share.region == NO_COUNTRY:
        return _("Другие сети и спутниковая связь")
    if share.region:
        return words.country(share.region) or share.region
    return services.word(share.kind) if share.kind else _("Остальные")
