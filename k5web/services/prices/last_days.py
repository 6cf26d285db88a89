"""The last day of a contract that is to end: no period that begins later is taken, whether it was ended by then or not
(B2, B12)."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy.orm import Session

from k5web.services.ports import Ports
from k5web.services.prices import standing_objections
from k5web.storage.accounts import ending_rows
from k5web.storage.prices import objection_rows


def last_days(ports: Ports, db: Session, owner_ids: Collection[int], until: date) -> dict[int, date]:
    """Return the last days of those owners whose contract is to end before a day. Under the locks of their accounts."""
    found = {ending.owner_id: ending.last_day for ending in ending_rows.standing_of(db, owner_ids)}
    for said in objection_rows.due(db, until, owner_ids):
        if standing_objections.stands(ports, db, said):
            last_day = said.ends_on - timedelta(days=1)
            found[said.owner_id] = min(last_day, found.get(said.owner_id, last_day))
    return {owner_id: day for owner_id, day in found.items() if day < until}
