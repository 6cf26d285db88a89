"""What both dialects of the wallet as a payer share: who it is, its register, the QR that pays to an account."""

from collections.abc import Iterable, Iterator

from connectors.elsom import elqr, register, ways
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import RegisterLine
from k5web.domain.payments.payment_way import Payer, Way
from k5web.errors import WrongKey


class Biller:
    """A wallet that pays to our accounts."""

    code = "elsom"
    tells_back = True
    key_prefix = "ELS-"  # of a TrnID; payers read its digits aloud

    def __init__(self, table: PartnerTable, protocol: str) -> None:
        """Raises: WrongKey."""
        self.partner = table.partner({protocol})
        self.origin = f"{self.code}:{self.partner.code}"
        self.address = f"{self.code}/{self.partner.code}"
        self._qr = elqr.service(table)

    def read_register(self, lines: Iterable[str]) -> Iterator[RegisterLine]:
        """Yield the payments of a daily register. Raises: WrongRegister."""
        return register.read_register(lines)

    def qr(self, account: str, amount: Money | None = None) -> str:
        """Return the text of the QR that pays to an account; empty where the partner has none."""
        return self._qr.link(account, amount) if self._qr else ""

    def explain(self, payer: Payer | None) -> Way:
        """Return how a person pays by the wallet."""
        return ways.to_account(self.partner.title, payer)

    def _needs_secret(self, what: str) -> None:
        if not self.partner.secrets:
            raise WrongKey(key="secrets", reason=f"is missing: {what}")
