"""Whether a statement is whole: what the bank says each account's documents come to, against the documents."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from k5web.domain.bank.payment import identity, identity_as_written
from k5web.domain.bank.statement import (
    AccountTotals,
    BankDocument,
    Direction,
    Lenience,
    Notes,
    OtherDocument,
    PartEnd,
    Record,
)
from k5web.domain.money import Money
from k5web.errors import WrongStatement


class Undated(Enum):
    """Which of the documents that do not tell the day they came did come: the bank's totals decide."""

    ALL = "all"
    NONE = "none"
    UNSENT = "unsent"  # those that do not tell either that they only left the payer's account


class _Told(IntEnum):
    """Which day a document tells."""

    RECEIVED = 0
    NEITHER = 1
    SPENT = 2  # only that it left the payer's account


@dataclass
class _Moved:
    """What the documents of one account in one part come to. Units: minor."""

    came: list[int] = field(default_factory=lambda: [0, 0, 0])  # by what they tell
    times: list[int] = field(default_factory=lambda: [0, 0, 0])  # payments from outside, likewise
    spent: int = 0
    incoming: int = 0  # how many
    documents: int = 0  # how many there are at all
    has_unreadable: bool = False


@dataclass
class _Mentions:
    """A payment that one part tells several times, and what each mention tells. Units: minor."""

    payer_account: str
    payee_account: str
    amount: int
    told: list[_Told]


Place = tuple[int, str]  # a part of the file and an account


@dataclass
class Audit:
    """Takes the records of a file, one by one, and says at its end what may be believed."""

    own: frozenset[str]
    notes: Notes
    doubts: list[str] = field(default_factory=list)
    undated: dict[Place, Undated] = field(default_factory=dict)
    repeated: set[tuple[int, bytes]] = field(default_factory=set)  # equal payments of one part
    once: set[tuple[int, bytes]] = field(default_factory=set)  # of these: one transfer, told by both accounts
    known_by: dict[int, set[bytes]] = field(default_factory=dict)  # of all payments, by part
    pending: int = 0  # payments that have not come yet
    came_to: Money = field(default_factory=lambda: Money(0))
    _moved: dict[Place, _Moved] = field(default_factory=dict)
    _said: dict[Place, list[AccountTotals]] = field(default_factory=dict)
    _between: dict[tuple[int, tuple[str, ...]], OtherDocument] = field(default_factory=dict)
    _first: dict[bytes, _Told] = field(default_factory=dict)
    _mentions: dict[bytes, _Mentions] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take one more record. Raises: WrongStatement at the end of a part that cannot be believed."""
        match record:
            case BankDocument():
                self._add_incoming(record)
            case OtherDocument():
                self._add_other(record)
            case AccountTotals():
                self._said.setdefault((record.part, record.account), []).append(record)
            case PartEnd():
                self._end(record)

    def came(self, document: BankDocument) -> bool:
        """Return whether a document's money is there, after the whole file was taken."""
        if document.received_on is not None:
            return True
        undated = self.undated.get((document.part, document.payee_account), Undated.UNSENT)
        return undated is Undated.ALL or (undated is Undated.UNSENT and document.spent_on is None)

    # --- taking

    def _add_incoming(self, document: BankDocument) -> None:
        moved = self._of(document.part, document.payee_account)
        told = _told(document.received_on is not None, document.spent_on is not None)
        moved.incoming += 1
        moved.documents += 1
        moved.came[told] += document.amount.minor
        moved.times[told] += 1
        known_by = identity(document)
        self.known_by.setdefault(document.part, set()).update((known_by, identity_as_written(document)))
        if known_by not in self._first:
            self._first[known_by] = told
            return
        self.repeated.add((document.part, known_by))
        mentions = self._mentions.get(known_by)
        if mentions is None:
            accounts = document.payer_account, document.payee_account
            mentions = _Mentions(*accounts, document.amount.minor, [self._first[known_by]])
            self._mentions[known_by] = mentions
        mentions.told.append(told)

    def _add_other(self, document: OtherDocument) -> None:
        for account in {document.payer_account, document.payee_account} & self.own:
            self._of(document.part, account).documents += 1
        if document.direction is Direction.BETWEEN:
            self._add_between(document)
        elif document.direction is Direction.OUTGOING:
            moved = self._of(document.part, document.payer_account)
            moved.has_unreadable |= document.amount is None
            moved.spent += document.amount.minor if document.amount else 0

    def _add_between(self, document: OtherDocument) -> None:
        """Count a transfer between our accounts once on each side, though both accounts' parts tell it."""
        twin = self._between.get((document.part, document.name))
        self.notes[Lenience.TWICE] += twin is not None
        amount = document.amount.minor if document.amount else 0
        received = self._of(document.part, document.payee_account)
        if twin is None:
            self._of(document.part, document.payer_account).spent += amount
        elif document.is_received and not twin.is_received:
            received.came[_told(False, twin.is_spent)] -= amount
        else:
            return
        received.came[_told(document.is_received, document.is_spent)] += amount
        self._between[document.part, document.name] = document

    def _of(self, part: int, account: str) -> _Moved:
        return self._moved.setdefault((part, account), _Moved())

    # --- the end of a part

    def _end(self, end: PartEnd) -> None:
        named = end.accounts - {""}
        if named and not named & self.own:
            reason = f"this is a statement of the account {', '.join(sorted(named))}, which is not ours"
            raise WrongStatement(line=end.line, reason=reason)
        self._fold_transfers(end.part, named | self.own)
        told = {account for (_part, account), moved in self._moved.items() if moved.incoming}
        places = [
            account
            for account in dict.fromkeys([*told, *(account for _part, account in self._said)])
            if account in self.own
        ]
        proven = [self._believe((end.part, account)) for account in places]
        if not end.is_marked and not (proven and all(proven)):
            reason = "the file ends too early: there is no КонецФайла, and no totals prove that it is whole"
            raise WrongStatement(line=end.line, reason=reason)
        self.notes[Lenience.NO_END] += not end.is_marked
        for account in places:
            self._sum_up((end.part, account))
        if not places:
            self.doubts.append("no documents and no totals of an account of ours")
        self._moved, self._said, self._first, self._mentions = {}, {}, {}, {}

    def _sum_up(self, place: Place) -> None:
        moved, undated = self._of(*place), self.undated.get(place, Undated.UNSENT)
        last = {Undated.NONE: _Told.RECEIVED, Undated.UNSENT: _Told.NEITHER, Undated.ALL: _Told.SPENT}[undated]
        self.came_to += Money(sum(moved.came[: last + 1]))
        self.pending += sum(moved.times[last + 1 :])

    def _fold_transfers(self, part: int, accounts: frozenset[str]) -> None:
        """Count payments from another account of this very statement once: both accounts' parts tell them."""
        for known_by, told in self._mentions.items():
            if told.payer_account not in accounts:
                continue
            moved = self._of(part, told.payee_account)
            for mention in sorted(told.told)[1:]:
                moved.came[mention] -= told.amount
                moved.times[mention] -= 1
            moved.incoming -= len(told.told) - 1
            self.once.add((part, known_by))
            self.notes[Lenience.TWICE] += 1

    def _believe(self, place: Place) -> bool:
        """Compare the totals of an account with its documents; return whether what came is proven.

        Raises: WrongStatement where they differ.
        """
        moved, said = self._of(*place), self._said.get(place, [])
        documents = [totals.documents for totals in said if totals.documents is not None]
        if documents and sum(documents) not in {moved.incoming, moved.documents}:
            reason = (
                f"{sum(documents)} documents by the bank's totals, {moved.incoming} came by the documents of the file"
            )
            raise WrongStatement(line=said[-1].line, reason=reason)
        sums = [totals for totals in said if totals.documents is None or totals.received is not None]
        checks = [self._check_section(totals) for totals in sums]
        received = _sum(received for received, _spent in checks)
        spent = _sum(spent for _received, spent in checks)
        self._compare_spent(moved, sums, spent)
        if received is not None:
            self.undated[place] = _decide(moved, sums, received)
            return True
        self._doubt_received(place, moved, sums)
        return False

    def _check_section(self, totals: AccountTotals) -> tuple[Money | None, Money | None]:
        """Return what came and went by one section, told or reckoned. Raises: WrongStatement."""
        opening, received, spent, closing = totals.opening, totals.received, totals.spent, totals.closing
        if opening is not None and closing is not None:
            if received is not None and spent is not None and opening + received - spent != closing:
                reason = "opening, received and spent do not come to the closing balance"
                raise WrongStatement(line=totals.line, reason=reason)
            if received is None and spent is not None:
                received = closing - opening + spent
            elif spent is None and received is not None:
                spent = opening + received - closing
        elif totals.has_balances and received is not None:
            self.doubts.append(f"line {totals.line}: a balance is missing: the totals could not be checked against it")
        return received, spent

    @staticmethod
    def _compare_spent(moved: _Moved, said: list[AccountTotals], spent: Money | None) -> None:
        if spent is None or spent.minor == moved.spent or moved.has_unreadable:
            return
        raise _differ(said[-1], spent, moved.spent, "spent")

    def _doubt_received(self, place: Place, moved: _Moved, said: list[AccountTotals]) -> None:
        """Say that nothing proves what came; where both balances are told, their difference must fit all the same."""
        for totals in said:
            if len(said) == 1 and totals.opening is not None and totals.closing is not None:
                change = totals.closing - totals.opening
                found = sum(moved.came[: _Told.SPENT]) - moved.spent
                if change.minor != found and not moved.has_unreadable:
                    raise _differ(totals, change, found, "change")
        self.doubts.append(f"no totals of the account {place[1]} prove that every payment is here")


def _decide(moved: _Moved, said: list[AccountTotals], received: Money) -> Undated:
    net = moved.spent if any(totals.may_be_net for totals in said) else 0
    for less in {0, net}:
        for undated, found in (
            (Undated.UNSENT, sum(moved.came[: _Told.SPENT])),
            (Undated.ALL, sum(moved.came)),
            (Undated.NONE, moved.came[_Told.RECEIVED]),
        ):
            if found - less == received.minor:
                return undated
    raise _differ(said[-1], received, sum(moved.came[: _Told.SPENT]), "received")


def _differ(totals: AccountTotals, said: Money, found: int, what: str) -> WrongStatement:
    reason = f"{said} {what} by the bank's totals, {Money(found)} by the documents of the file"
    return WrongStatement(line=totals.line, reason=reason)


def _sum(parts: Iterable[Money | None]) -> Money | None:
    """Return the sum of what is told; None where nothing is, or not all of it."""
    found = list(parts)
    if not found or any(part is None for part in found):
        return None
    return Money(sum(part.minor for part in found if part is not None))


def _told(is_received: bool, is_spent: bool) -> _Told:
    return _Told.RECEIVED if is_received else _Told.SPENT if is_spent else _Told.NEITHER
