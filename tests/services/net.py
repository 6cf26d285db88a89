"""The house with a made-up payment network in front of it, and its notices as a test delivers them."""

from dataclasses import replace

from sqlalchemy import select

from k5web.config.table import PartnerTable
from k5web.domain.payments.notice import WireRequest
from k5web.services.accounts import blocking
from k5web.services.payments import notices
from k5web.services.ports import Connectors
from k5web.storage.payments import notice_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.connector import PARTNER, FakeConnector, query
from tests.services.house import House

PHONE = "79161234567"


class Net(House):
    """The house with a made-up payment network in front of it."""

    def __init__(self, sessions: Sessions, clock: Clock, **partner: object) -> None:
        super().__init__(sessions, clock)
        self.connector = FakeConnector(PartnerTable({**PARTNER, **partner}, ()).partner({"plain"}))
        self.ports = replace(self.ports, connectors=Connectors([self.connector]))

    def change(self, **changes: object) -> None:
        """Change the partner's facts."""
        self.connector.partner = replace(self.connector.partner, **changes)  # type: ignore[arg-type]

    def says(self, **fields: str) -> str:
        """Deliver a notice; return the answer's words."""
        request = WireRequest("GET", "/hooks/fake/bank", query(**fields), {}, b"", "127.0.0.1", self.clock())
        return notices.take_notice(self.ports, self.connector, request).body.decode()

    def pays(self, key: str = "700100200300", account: str = PHONE, sum: str = "250.00", **more: str) -> str:
        """Deliver a payment."""
        return self.says(do="pay", key=key, account=account, sum=sum, **more)

    def checks(self, account: str = PHONE, **more: str) -> str:
        """Ask whether an account may be paid."""
        return self.says(do="check", account=account, **more)

    def rows(self) -> list[tuple[str, str, str]]:
        """Kind, verdict and reason of every notice that was kept."""
        with self.ports.sessions.read() as db:
            found = select(notice_rows.NOTICE).order_by(notice_rows.NOTICE.c.at, notice_rows.NOTICE.c.id)
            return [(row.kind, row.verdict, row.why) for row in db.execute(found)]

    def requests(self) -> list[str]:
        """What was kept of the requests."""
        with self.ports.sessions.read() as db:
            return list(db.scalars(select(notice_rows.NOTICE.c.request)))

    def block(self, is_blocked: bool = True) -> None:
        """Block the subscriber."""
        (blocking.block if is_blocked else blocking.unblock)(self.ports, self.caller.id, "staff:test", "trial")


def number(answer: str) -> str:
    """The payment's number in an answer."""
    word, found, *_ = answer.split()
    assert word == "paid", answer
    assert found.isdigit()
    return found
