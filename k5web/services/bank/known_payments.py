"""Which payments of a statement are known, which are new, and which differ from a known one in one part alone.

The same payment comes by several files, formats and spellings; equal payments of one file are as many payments as there
are. docs/bank.md tells the rule, and why.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from k5web.domain.bank.parts import plain_number
from k5web.domain.bank.payment import (
    DAYS_APART,
    Mention,
    Part,
    known_by,
    names,
    only_difference,
    words_of,
)
from k5web.domain.bank.statement import BankDocument
from k5web.domain.books.ledger import EventName
from k5web.services.payments.payers import account_hash
from k5web.services.ports import Ports
from k5web.storage.accounts.subscribers import PayableAccount
from k5web.storage.bank import bank_payments, doubt_rows
from k5web.storage.bank.doubt_rows import Doubt, Resembling
from k5web.storage.books import ledger

Group = list[BankDocument]  # payments that are equal but for their purposes, in the order of the file
Destination = Callable[[Session, BankDocument], object]  # whom a document is for: a PayableAccount, or why nobody

CROWD = 50  # so many alike are looked at once, not for each payment anew
HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class New:
    """A payment to book, and the name it gets. `ends`: the doubt about it, which this file has ended."""

    document: BankDocument
    name: EventName
    ends: Doubt | None


@dataclass
class Sorted:
    """What a batch holds."""

    new: list[New] = field(default_factory=list)
    known: int = 0
    doubtful: list[tuple[BankDocument, Doubt]] = field(default_factory=list)  # number 0: nobody wrote it down yet


@dataclass(frozen=True, slots=True)
class _Taken:
    """A name of a group that is taken, and by what. `owner_id` None: nobody's yet."""

    name: EventName
    words: bytes | None
    owner_id: int | None
    doubt: Doubt | None = None


class KnownPayments:
    """Sorts the payments of one file; `told` are the identities of all its payments, by its parts."""

    def __init__(self, ports: Ports, told: Mapping[int, Set[bytes]], destination: Destination, dry_run: bool) -> None:
        self._ports = ports
        self._destination = destination
        self._dry_run = dry_run
        self._foreseen: dict[EventName, bytes] = {}  # the names that a dry run would have given
        self._alike = _Alike(told)

    def sort(self, db: Session, batch: list[Group]) -> Sorted:
        """Return what is new of a batch, with the names it gets, what is known, and what a person must look at."""
        found = Sorted()
        taken = self._taken(db, batch)
        self._alike.load(db, [document for group in batch for document in group])
        for group in batch:
            self._sort_group(db, group, taken, found)
        return found

    def mention(self, document: BankDocument) -> Mention:
        """Return a document by the parts it is compared by."""
        account = document.payer_account
        hashes = frozenset(self._hash(key, account) for key in self._ports.lookup_keys) if account else frozenset()
        return Mention(
            document.payee_account,
            document.number,
            document.day,
            hashes,
            document.payer_bic,
            document.amount,
        )

    def payer_hash(self, document: BankDocument) -> bytes:
        """Return by what a payer's account is known again without being kept; empty where none is told."""
        return self._hash(self._ports.lookup_keys[0], document.payer_account) if document.payer_account else b""

    @staticmethod
    def _hash(key: bytes, account: str) -> bytes:
        return account_hash(key, account)[:HASH_BYTES]

    # --- by name

    def _taken(self, db: Session, batch: list[Group]) -> dict[EventName, _Taken]:
        keys: dict[str, list[str]] = {}  # by origin
        for group in batch:
            for n in range(len(group)):
                keys.setdefault(origin_of(group[0]), []).extend(dict.fromkeys(names(group[0], n + 1)))
        found: dict[EventName, _Taken] = {}
        for origin, some in keys.items():
            for key, doubt in doubt_rows.known(db, origin, some).items():
                found[EventName(origin, key)] = _Taken(EventName(origin, key), doubt.words, None, doubt)
            for key, owner_id in bank_payments.known(db, origin, some).items():
                name = EventName(origin, key)
                found[name] = self._booked(db, name, owner_id)
            for key in some if self._foreseen else ():
                name = EventName(origin, key)
                if name in self._foreseen:
                    found[name] = _Taken(name, self._foreseen[name], None)
        return found

    @staticmethod
    def _booked(db: Session, name: EventName, owner_id: int) -> _Taken:
        return _Taken(name, bank_payments.words(db, owner_id, name), owner_id or None)

    def _sort_group(self, db: Session, group: Group, taken: dict[EventName, _Taken], found: Sorted) -> None:
        origin, size = origin_of(group[0]), len(group)
        of_group = {n: one for n in range(1, size + 1) if (one := _one_of(taken, origin, group[0], n))}
        booked = [one for one in of_group.values() if one.doubt is None]
        left, joined = self._match(group, list(of_group.values()), found)
        surplus = max(0, size - joined - len(booked))
        if left and of_group:  # this file may tell a later one of the equal payments only
            beyond = self._beyond(db, group, size + 1)
            of_group |= beyond
            left, _joined = self._match(left, list(beyond.values()), found)
        free = (n for n in count(1) if n not in of_group)
        waiting = [one.doubt for one in of_group.values() if one.doubt is not None and one.doubt.state == "open"]
        for at, document in enumerate(left):
            words = words_of(document.purpose)
            doubt = next((doubt for doubt in waiting if doubt.words == words), waiting[0] if waiting else None)
            if doubt is not None:
                waiting.remove(doubt)
            name = doubt.name if doubt else EventName(origin, names(document, next(free))[0])
            if at < surplus:
                self._tell_apart(db, New(document, name, doubt), found)
            else:
                self._other_words(db, New(document, name, doubt), [one for one in booked if one.doubt is None], found)

    @staticmethod
    def _match(group: Group, taken: list[_Taken], found: Sorted) -> tuple[Group, int]:
        """Return the payments whose purposes are not those of names that are taken, and how many were joined.

        The others are counted as known.
        """
        left, joined = [], 0
        rest = [one for one in taken if one.doubt is None or one.doubt.state != "open"]
        for document in group:
            words = words_of(document.purpose)
            one = next((one for one in rest if one.words == words), None)
            if one is None:
                left.append(document)
                continue
            rest.remove(one)
            found.known += 1
            joined += one.doubt is not None
        return left, joined

    def _beyond(self, db: Session, group: Group, first: int) -> dict[int, _Taken]:
        found: dict[int, _Taken] = {}
        origin = origin_of(group[0])
        for n in count(first):
            keys = names(group[0], n)
            doubts = doubt_rows.known(db, origin, keys)
            owners = {key: owner for key in keys if (owner := ledger.claimant(db, EventName(origin, key))) is not None}
            if owners:
                key, owner_id = next(iter(owners.items()))
                found[n] = self._booked(db, EventName(origin, key), owner_id)
            elif doubts:
                doubt = next(iter(doubts.values()))
                found[n] = _Taken(doubt.name, doubt.words, None, doubt)
            else:
                return found
        return found

    def _other_words(self, db: Session, new: New, booked: list[_Taken], found: Sorted) -> None:
        """Count a payment whose purpose is cut or worded otherwise, or doubt it where it is for somebody else."""
        payer = self._destination(db, new.document)
        is_for_same = isinstance(payer, PayableAccount) and any(one.owner_id == payer.owner_id for one in booked)
        if new.document.number and is_for_same:
            found.known += 1
        else:
            self._doubt(new, Part.PURPOSE, booked[0].name if booked else new.name, found)

    # --- by likeness

    def _tell_apart(self, db: Session, new: New, found: Sorted) -> None:
        mention = self.mention(new.document)
        for known, is_beside in self._alike.of(new.document):
            part = None if known.name == new.name else self._difference(db, new.document, mention, known)
            if part is not None and (part is Part.BIC or not is_beside):
                self._doubt(new, part, known.name, found)
                return
        found.new.append(new)
        self._alike.add(self._resembling(new))
        if self._dry_run:
            self._foreseen[new.name] = words_of(new.document.purpose)

    def _difference(self, db: Session, document: BankDocument, mention: Mention, known: Resembling) -> Part | None:
        """Return the one part in which a known payment differs; None where this is another payment."""
        origin = known.name.origin.partition(":")[2]
        payer = None if known.payer_hash is None else frozenset([known.payer_hash] if known.payer_hash else [])
        there = Mention(
            origin,
            plain_number(known.document_no),
            known.day,
            payer,
            known.payer_bic,
            known.amount,
        )
        difference = only_difference(mention, there)
        if difference is None:
            return None
        part, is_told = difference
        if part in {Part.ACCOUNT, Part.BIC, Part.PURPOSE} or (part is not Part.NUMBER and not is_told):
            return part
        if known.is_in_doubt or words_of(document.purpose) == known.words:
            return part
        return part if self._is_same_owner(db, document, known) else None

    def _resembling(self, new: New) -> Resembling:
        document = new.document
        return Resembling(
            name=new.name,
            document_no=document.number,
            day=document.day,
            amount=document.amount,
            payer_hash=self.payer_hash(document),
            payer_bic=document.payer_bic,
            words=words_of(document.purpose),
            owner_id=None,
            recorded_at=self._ports.clock(),
        )

    def _is_same_owner(self, db: Session, document: BankDocument, known: Resembling) -> bool:
        payer = self._destination(db, document)
        return (payer.owner_id if isinstance(payer, PayableAccount) else None) == known.owner_id

    def _doubt(self, new: New, part: Part, known: EventName, found: Sorted) -> None:
        """Put a payment to those that a person must look at; who waits already keeps the number."""
        document = new.document
        doubt = Doubt(
            name=new.name,
            document_no=document.number,
            day=document.day,
            received_on=document.came_on,
            amount=document.amount,
            words=words_of(document.purpose),
            payer_hash=self.payer_hash(document),
            payer_bic=document.payer_bic,
            payer=document.payer,
            payer_inn=document.payer_inn,
            purpose=document.purpose,
            purpose_apart=document.purpose_apart,
            differs=part.value,
            known=known,
        )
        found.doubtful.append((document, new.ends or doubt))


class _Alike:
    """Known payments that may be the same as some of a batch: those of its numbers, and those of its days and sums.

    What the same part tells beside it is another payment, for a bank tells one once, unless number, payer, day and sum
    are one: then only the BIC is told in two ways.
    """

    def __init__(self, told: Mapping[int, Set[bytes]]) -> None:
        self._told = told  # by part
        self._part = -1
        self._by: dict[_Key, dict[EventName, Resembling]] = {}
        self._beside: dict[tuple[str, date, int], list[Resembling]] = {}  # told by the same part
        self._crowds: dict[_Key, datetime] = {}  # until when a crowd was read
        self._days = (date.max, date.min)  # between which crowds were read

    def load(self, db: Session, batch: list[BankDocument]) -> None:
        """Read what may be alike; a batch is of one part."""
        if not batch:
            return
        days = [document.day for document in batch]
        first, last = min(days) - timedelta(DAYS_APART), max(days) + timedelta(DAYS_APART)
        if batch[0].part != self._part or not self._days[0] <= first <= last <= self._days[1]:
            self._part, self._days, self._crowds = batch[0].part, (first, last), {}
        self._by = {key: members for key, members in self._by.items() if key in self._crowds}
        self._beside = {}
        numbers: dict[_Key, set[str]] = {}
        for document in batch:
            if document.number:
                numbers.setdefault(document.number, set()).update((document.number, document.cells.number))
        sums: set[_Key] = {_sum_of(document) for document in batch}
        few = numbers.keys() - self._crowds.keys()
        self._put(doubt_rows.numbered(db, set().union(*(numbers[key] for key in few)), *self._days), few)
        few = sums - self._crowds.keys()
        self._put(doubt_rows.of_sums(db, [key for key in few if isinstance(key, tuple)]), few)
        for key in (numbers.keys() | sums) & self._crowds.keys():
            since = self._crowds[key]
            if isinstance(key, str):
                self._put(doubt_rows.numbered(db, [key], *self._days, since), {key})
            else:
                self._put(doubt_rows.of_sums(db, [key], since), {key})

    def of(self, document: BankDocument) -> Iterator[tuple[Resembling, bool]]:
        """Yield the known payments with this number, and those of this day and sum; and whether the part tells them."""
        for key in (document.number, _sum_of(document)):
            yield from ((known, False) for known in self._by.get(key, {}).values())
        if document.number:
            yield from ((known, True) for known in self._beside.get((document.number, *_sum_of(document)), ()))

    def add(self, known: Resembling) -> None:
        """Note a payment that the part tells."""
        self._beside.setdefault((known.document_no, known.day, known.amount.minor), []).append(known)

    def _put(self, rows: list[Resembling], keys: Set["_Key"]) -> None:
        sizes: Counter[_Key] = Counter()
        told = self._told.get(self._part, frozenset())
        for row in rows:
            for key in (plain_number(row.document_no), (row.day, row.amount.minor)):
                if key not in keys:
                    continue
                sizes[key] += 1
                if sizes[key] > CROWD or key in self._crowds:
                    self._crowds[key] = max(row.recorded_at, self._crowds.get(key, row.recorded_at))
                if known_by(row.name.key) not in told:
                    self._by.setdefault(key, {})[row.name] = row
                elif isinstance(key, str):
                    self.add(replace(row, document_no=key))


_Key = str | tuple[date, int]


def _sum_of(document: BankDocument) -> tuple[date, int]:
    return document.day, document.amount.minor


def origin_of(document: BankDocument) -> str:
    """Return the origin of the names of an account's payments."""
    return f"bank:{document.payee_account}"


def _one_of(taken: dict[EventName, _Taken], origin: str, document: BankDocument, n: int) -> _Taken | None:
    found = [one for key in names(document, n) if (one := taken.get(EventName(origin, key)))]
    return next((one for one in found if one.doubt is None), found[0] if found else None)
