"""K5Error, which every refusal is, and the refusals of no one subject."""

from typing import ClassVar, TypeVar

T = TypeVar("T")


class K5Error(Exception):
    """A refusal K5 can explain. `code` is stable; `facts` fill the words, here and in the web's catalogue.

    The text here is English, for the command line and the log; `web/errors.py` holds the subscriber's words.
    """

    code: ClassVar[str] = "fault"
    status: ClassVar[int] = 400
    text: ClassVar[str] = "Something is wrong on our side."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.text.format(**facts))


class WrongSetting(K5Error):
    """Facts: name, reason."""

    code, status, text = "wrong_setting", 500, "{name}: {reason}"


class WrongMoney(K5Error):
    """Text that is no sum of money. Facts: text."""

    code, status, text = "wrong_money", 400, "'{text}' is not a sum of money: write it like 500.00"


class WrongFile(K5Error):
    """Facts: file, reason."""

    code, status, text = "wrong_file", 400, "{file}: {reason}"


class NotFound(K5Error):
    """Facts: what."""

    code, status, text = "not_found", 404, "there is no {what}"

    @classmethod
    def unless(cls, found: T | None, what: str) -> T:
        """Return what was found. Raises: NotFound where it is None."""
        if found is None:
            raise cls(what=what)
        return found


class SeveralFit(K5Error):
    """Text that is one subscriber's phone and another's id. Facts: ids."""

    code, status, text = "several_fit", 409, "this means more than one subscriber: name one by {ids}"


class AlreadyThere(K5Error):
    """Facts: what."""

    code, status, text = "already_there", 409, "{what} is there already"


class Conflict(K5Error):
    """The name is known with another meaning; nothing was moved. Facts: origin, key."""

    code, status, text = (
        "conflict",
        409,
        "{origin}/{key} is known already with other facts: nothing was moved",
    )


class Unavailable(K5Error):
    """Our own trouble (database, lock): nothing is refused, the same request may be repeated."""

    code, status, text = "later", 503, "the database does not answer now: try the same again in a minute"


class DatabaseTrouble(Unavailable):
    """The same, where an operator can mend it; who calls or pays reads what `Unavailable` says. Facts: what, cure."""

    text = "{what}: {cure}"


class DatabaseSlow(Unavailable):
    """The database answers, but so slowly that whoever asked would be gone: nothing was done."""

    text = "the database is too slow now: try the same again in a minute"


class HouseRestored(Unavailable):
    """The database was brought back from a backup: nobody calls or pays until a person opened it."""

    code, text = "restored", "this database was brought back from a backup: k5 db opened says what to do"


class Busy(Unavailable):
    """Too many do the same slow thing now: nothing was done or counted. Facts: wait_s."""

    code, status, text = "busy", 503, "too much at once: try the same again in {wait_s} s"


class NoDatabase(K5Error):
    """Facts: place (a file)."""

    code, status, text = "no_base", 503, "there is no database at {place}: run k5 db upgrade"


class OutdatedDatabase(K5Error):
    """The database answers, but its tables are not there or not of this version."""

    code, status, text = "old_base", 503, "the database is not at the newest version: run k5 db upgrade"


class NewerDatabase(K5Error):
    """A migration was run that this version lacks. Facts: revision."""

    code, status = "newer_base", 503
    text = (
        "the database is at {revision}, which this version of K5 does not know: run the version that made it "
        "(in a checkout: bring the migration back, or begin anew with another database)"
    )


class UnreadableText(K5Error):
    """A field, or what a proxy says, holds what no text and no address holds. Facts: none."""

    code, status, text = "unreadable_text", 400, "the request holds signs that stand in no text"


class UnknownProxy(K5Error):
    """A proxy is in front that K5_TRUSTED_PROXIES does not count: whoever asks seems to be it. Facts: none."""

    code, status, text = "unknown_proxy", 403, "a proxy is in front that K5_TRUSTED_PROXIES does not count"


class WrongKey(K5Error):
    """A key of an operator's file that cannot be used: it stops the start. Facts: key, reason."""

    code, status, text = "wrong_key", 500, "{key}: {reason}"


class TooMany(K5Error):
    """Facts: limit."""

    code, status, text = "too_many", 409, "there are {limit} already: remove one first"


class TooOften(K5Error):
    """Facts: wait_s."""

    code, status, text = "too_often", 429, "too often: wait {wait_s} s"


class WrongRequest(K5Error):
    """A program's request that cannot be read. Facts: where (a field, a header)."""

    code, status, text = "wrong_request", 400, "the request cannot be read: {where}"


class KeyReused(K5Error):
    """An Idempotency-Key that ordered another call already; nothing was ordered. Facts: none."""

    code, status, text = "key_reused", 422, "this Idempotency-Key belongs to a call to another number"
