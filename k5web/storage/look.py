"""One look at the database that several readers share: a page asks its questions in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from k5web.storage.session import Sessions


class Look(Sessions):
    """The doors of one request. Whoever reads shares one transaction, begun by the first and ended by `close()`: all
    sees one moment.

    Writing ends it too, before and afterwards: the next reader sees what was written. It belongs to one thread, and
    nothing may reach out of the house while it is open.
    """

    def __init__(self, of: Sessions) -> None:
        super().__init__(of.write, of._read, of.standby)
        self._of = of
        self._shared: Session | None = None

    @contextmanager
    def begin(self, patience_s: float | None = None, until: float | None = None) -> Iterator[Session]:
        """Open one writing transaction, as the doors of the house do."""
        self.close()
        try:
            with self._of.begin(patience_s, until) as session:
                yield session
        finally:
            self.close()

    def ask(self) -> None:
        """Let pass who may write now."""
        self._of.ask()

    @contextmanager
    def _reader(self) -> Iterator[Session]:
        if self._shared is None:
            self._shared = Session(self.read_still, expire_on_commit=False)
        try:
            yield self._shared
        except DBAPIError:
            self.close()  # a transaction that met an error answers nothing more
            raise

    def close(self) -> None:
        """End the transaction, if one is open; a reader that comes later begins another."""
        if self._shared is not None:
            self._shared.close()
