"""Consent to the processing of personal data: its texts, given and withdrawn.

A text is a file named by its version; once published it is never edited, and a change is a new file.
"""

from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from k5web.domain.accounts.consent import Consent, ConsentText, in_force
from k5web.errors import NotFound
from k5web.services.ports import Ports
from k5web.storage.accounts import consent_rows, owned_rows, personal_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.session import transactional

FOLDER = Path(__file__).parents[2] / "consents"


@cache
def texts() -> dict[int, ConsentText]:
    """Return every version of the text by its number, oldest first."""
    found = (_read(path) for path in FOLDER.glob("*.txt"))
    return {text.version: text for text in sorted(found, key=lambda text: text.version)}


def _read(path: Path) -> ConsentText:
    since, title, *rest = path.read_text("utf-8").splitlines()
    return ConsentText(int(path.stem), date.fromisoformat(since), title, [line for line in rest if line])


def text(version: int) -> ConsentText:
    """Return one version. Raises: NotFound."""
    if version not in texts():
        raise NotFound(what=f"version {version} of the consent")
    return texts()[version]


def current(ports: Ports) -> ConsentText:
    """Return the text that is in force today; before the first one's day, the first."""
    first, *later = texts().values()
    return [first, *(each for each in later if each.since <= ports.today())][-1]


def note(ports: Ports, db: Session, owner_id: int, way: str) -> None:
    """Keep a consent to the text in force, in the caller's transaction, where this text has none yet."""
    version = current(ports).version
    given = in_force(consent_rows.history(db, owner_id))
    if given is None or given.version != version:
        consent_rows.add(db, owner_id, Consent(version, is_given=True, at=ports.clock(), way=way))


@transactional
def give(ports: Ports, owner_id: int, way: str) -> None:
    """Keep a consent to the text in force; a second time changes nothing."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        note(ports, db, owner_id, way)


@transactional
def withdraw(ports: Ports, owner_id: int, way: str) -> None:
    """Take the consent back, and forget what is kept by it alone: particulars and e-mail, also in old messages.

    A second time changes nothing.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        given = in_force(consent_rows.history(db, owner_id))
        if given is None:
            return
        consent_rows.add(db, owner_id, Consent(given.version, is_given=False, at=now, way=way))
        owned_rows.forget_messages(db, personal_rows.emails(db, owner_id), now)
        personal_rows.forget(db, owner_id)
        subscribers.set_name(db, owner_id, "")


@transactional
def history(ports: Ports, owner_id: int) -> list[Consent]:
    """Return every time that a subscriber gave or withdrew it, oldest first."""
    with ports.sessions.read() as db:
        return consent_rows.history(db, owner_id)
