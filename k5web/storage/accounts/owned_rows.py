"""Everything that is kept of one subscriber, table by table: what of it they get as a file, and what an erasure does.

A table with `owner_id` that is missing here fails a test. Hashes are never given away, nor what is secret, the house's
own, or another person's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, RowMapping, Select, delete, exists, inspect, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.accounts.bonus import ORIGIN as BONUS
from k5web.domain.books.transfer import RECEIVED
from k5web.domain.payments.top_up import TopUpState
from k5web.storage.tables import (
    AcceptanceRow,
    AccountRow,
    ActLineRow,
    ActOriginalRow,
    ActRow,
    ApiTokenRow,
    AuditRow,
    AutoTopUpRow,
    BankClosingRow,
    BankPaymentRow,
    Base,
    BlackCallerRow,
    BlockRow,
    BonusRow,
    CallLimitRow,
    CallRow,
    CdrRow,
    ClaimRow,
    ConsentRow,
    ContactRow,
    ContractEndRow,
    ConversationLegRow,
    ConversationRow,
    DayCloseRow,
    DeviceRow,
    EmailAddressRow,
    ExportPartRow,
    ExportRow,
    FavouriteRow,
    FraudAlarmRow,
    GreetingRow,
    HoldAheadRow,
    HoldRow,
    InboundSmsRow,
    IncidentRow,
    IncidentTickRow,
    InvitationRow,
    InvoiceRow,
    MissedCallRow,
    NameClaimRow,
    NameWordRow,
    NoticeChoiceRow,
    NoticeRow,
    NumberChangeRow,
    NumberRow,
    ObjectionRow,
    OneTimeCodeRow,
    OpenedDirectionRow,
    OutboxRow,
    OwnLimitRow,
    PbxRow,
    PbxRuleRow,
    PbxUserRow,
    PersonalDataRow,
    PhoneRow,
    PostingRow,
    PromisedPaymentRow,
    ProposalRow,
    ReceiptRow,
    RecordingOrderRow,
    RecordingRow,
    ReferralRow,
    RefundApplicationRow,
    RefusalRow,
    SavedCardRow,
    SipAccountRow,
    StaffAccessRow,
    SubscriberRow,
    SubscriptionPeriodRow,
    SubscriptionRow,
    SwitchEventRow,
    SwitchQuestionRow,
    TopUpRow,
    TransactionRow,
    WebhookDeliveryRow,
    WebhookRow,
    WidgetRow,
    WorkTickRow,
)

Erasure = Literal["deleted", "emptied", "kept"]
READ_AT_ONCE: Final = 500  # rows


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of a table's rows. `hidden`: columns that the subscriber does not get; None: no row at all."""

    erasure: Erasure
    hidden: frozenset[str] | None = frozenset()


def _rule(erasure: Erasure, hidden: str = "") -> Rule:
    return Rule(erasure, frozenset(hidden.split()))


NOT_GIVEN: Final = Rule("kept", None)  # the house's own notes, or the same facts once more
RULES: Final[Mapping[type[Base], Rule]] = {
    SubscriberRow: _rule("emptied", "password_hash"),
    PhoneRow: _rule("deleted"),
    NameWordRow: Rule("deleted", None),
    PersonalDataRow: _rule("deleted"),
    EmailAddressRow: _rule("deleted"),
    ConsentRow: _rule("kept"),
    StaffAccessRow: _rule("kept", "actor"),
    AuditRow: NOT_GIVEN,  # numbers and the words of the staff
    DeviceRow: _rule("deleted", "selector"),
    ApiTokenRow: _rule("deleted", "selector"),
    BlockRow: _rule("kept", "actor reason"),
    InvitationRow: _rule("emptied"),
    ReferralRow: _rule("kept", "sponsor_id"),
    AcceptanceRow: _rule("kept"),
    ContractEndRow: _rule("kept", "actor reason"),
    RefundApplicationRow: _rule("emptied", "actor"),
    ClaimRow: _rule("emptied", "form_key opened_by answered_by paid_by"),
    ObjectionRow: _rule("kept", "actor"),
    AccountRow: _rule("kept"),
    PostingRow: _rule("kept"),
    TransactionRow: NOT_GIVEN,
    NameClaimRow: NOT_GIVEN,
    HoldRow: NOT_GIVEN,
    DayCloseRow: NOT_GIVEN,
    BonusRow: _rule("kept", "newcomer_id"),
    PromisedPaymentRow: _rule("kept", "form_key"),
    SubscriptionRow: _rule("kept", "form_key"),
    SubscriptionPeriodRow: _rule("kept"),
    CallRow: _rule("kept", "form_key risk switch trunks_a trunks_b"),
    CdrRow: _rule("kept", "leg_uuid switch source trunk carrier_cost_minor carrier_currency"),
    SwitchEventRow: NOT_GIVEN,
    MissedCallRow: _rule("deleted", "switch record"),
    ContactRow: _rule("deleted"),
    FavouriteRow: _rule("deleted"),
    WidgetRow: _rule("deleted"),
    CallLimitRow: _rule("kept"),
    OwnLimitRow: _rule("deleted"),
    OpenedDirectionRow: _rule("kept"),
    RefusalRow: _rule("kept"),
    FraudAlarmRow: _rule("kept", "decided_by reason undone_by"),
    PbxRow: _rule("kept", "switch"),  # how often it changed, by which the switch is told
    PbxRuleRow: _rule("deleted", "actor"),
    PbxUserRow: _rule("deleted"),
    SipAccountRow: _rule("deleted", "password_digest device"),
    BlackCallerRow: _rule("deleted"),
    GreetingRow: _rule("deleted", "actor sound"),
    SwitchQuestionRow: Rule("deleted", None),  # numbers of others
    HoldAheadRow: NOT_GIVEN,
    ConversationRow: _rule("deleted", "switch told"),
    ConversationLegRow: _rule("deleted", "switch leg_uuid"),
    RecordingOrderRow: _rule("kept"),
    RecordingRow: _rule("emptied", "switch leg_uuid"),
    WebhookRow: _rule("deleted", "secret"),
    WebhookDeliveryRow: _rule("deleted"),
    IncidentRow: NOT_GIVEN,
    IncidentTickRow: NOT_GIVEN,
    WorkTickRow: NOT_GIVEN,
    TopUpRow: _rule("emptied", "form_key pay_url qr payer_key saved_card_id return_url"),
    SavedCardRow: _rule("emptied", "card_id"),
    AutoTopUpRow: _rule("emptied"),
    NoticeRow: NOT_GIVEN,
    ReceiptRow: _rule("kept"),
    InvoiceRow: _rule("kept", "form_key"),
    ActRow: _rule("kept"),
    ActLineRow: _rule("kept"),
    ActOriginalRow: _rule("kept", "actor"),
    BankPaymentRow: _rule("kept"),
    BankClosingRow: NOT_GIVEN,
    ProposalRow: NOT_GIVEN,  # the postings tell what came of it
    ExportPartRow: Rule("deleted", None),  # parts go before what they are of
    ExportRow: _rule("deleted", "token form_key maker letter_link"),
    NumberRow: _rule("kept"),
    NumberChangeRow: _rule("kept", "actor order_key"),
    NoticeChoiceRow: _rule("deleted"),
    OutboxRow: _rule("emptied", "facts ref"),
    InboundSmsRow: _rule("deleted", "reply"),
}
NAMING_OTHERS: Final = (RECEIVED, BONUS)  # origins of postings whose key names another subscriber


def given(db: Session, owner_id: int) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Return the rows that a subscriber gets, table by table in the order of `RULES`; each is read a part at a time."""
    for table, rule in RULES.items():
        if rule.hidden is not None:
            yield table.__tablename__, _rows(db, _of(table, owner_id), rule.hidden)


def _of(table: type[Base], owner_id: int) -> Select[Any]:
    columns = table.__table__.c
    owner = columns["id"] if table is SubscriberRow else columns["owner_id"]
    return select(table.__table__).where(owner == owner_id).order_by(*inspect(table).primary_key)


def _rows(db: Session, found: Select[Any], hidden: frozenset[str]) -> Iterator[dict[str, Any]]:
    for row in db.execute(found.execution_options(yield_per=READ_AT_ONCE)).mappings():
        unseen = hidden | {"key"} if _names_another(row) else hidden
        yield {name: _plain(value) for name, value in row.items() if name not in unseen and type(value) is not bytes}


def _names_another(row: RowMapping) -> bool:
    """Return whether the key of a posting, or of the one that it reverses, names another subscriber."""
    origin, key = str(row.get("origin")), str(row.get("key"))
    return (key.partition(" ")[0] if origin == "reversal" else origin) in NAMING_OTHERS


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def is_owing(db: Session, owner_id: int, units: tuple[str, ...]) -> bool:
    """Return whether any account of the owner holds money, owes some, or keeps some aside."""
    moved = or_(AccountRow.balance_minor != 0, AccountRow.held_minor != 0)
    return bool(db.scalar(select(exists().where(AccountRow.owner_id == owner_id, AccountRow.unit.in_(units), moved))))


def is_paying(db: Session, owner_id: int, now: datetime) -> bool:
    """Return whether a top-up is begun that may still be paid, or a card is being charged by itself."""
    unpaid = TopUpRow.state.in_((TopUpState.NEW, TopUpState.WAITING))
    may_be_paid = or_(TopUpRow.expires_at > now, TopUpRow.is_automatic)
    return bool(db.scalar(select(exists().where(TopUpRow.owner_id == owner_id, unpaid, may_be_paid))))


def erase(db: Session, owner_id: int, addresses: list[str], now: datetime) -> None:
    """Delete or empty what `RULES` says. `addresses`: phones and e-mails, by which messages and codes are found.

    Cards are the caller's: their providers are to be told. The caller holds the account's lock.
    """
    for table, rule in RULES.items():
        if rule.erasure == "deleted":
            db.execute(delete(table).where(table.__table__.c["owner_id"] == owner_id))
    forget_messages(db, addresses, now)
    _empty(db, OutboxRow.owner_id == owner_id, now)
    db.execute(update(TopUpRow).where(TopUpRow.owner_id == owner_id).values(payer_phone=""))
    # Their files go with the worker's next round, as those past their days do
    kept = (RecordingRow.owner_id == owner_id, RecordingRow.deleted_at.is_(None))
    db.execute(update(RecordingRow).where(*kept).values(day=date.min))
    db.execute(update(RecordingRow).where(RecordingRow.owner_id == owner_id).values(box="", linked_id=""))
    whom = {"recipient": "", "account": "", "bank": ""}
    db.execute(update(RefundApplicationRow).where(RefundApplicationRow.owner_id == owner_id).values(**whom))
    db.execute(update(ClaimRow).where(ClaimRow.owner_id == owner_id).values(**whom, text=""))
    links = (InvitationRow.owner_id == owner_id, InvitationRow.revoked_at.is_(None))
    db.execute(update(InvitationRow).where(*links).values(revoked_at=now))
    nobody = {"phone": None, "phone_verified_at": None, "name": "", "password_hash": None, "inn_hash": None}
    db.execute(update(SubscriberRow).where(SubscriberRow.id == owner_id).values(**nobody, language=None, erased_at=now))


def forget_messages(db: Session, addresses: list[str], now: datetime) -> None:
    """Delete the codes for these addresses, and empty the messages that went or go there, whoever had them sent."""
    db.execute(delete(OneTimeCodeRow).where(OneTimeCodeRow.address.in_(addresses)))
    _empty(db, OutboxRow.address.in_(addresses), now)


def _empty(db: Session, messages: ColumnElement[bool], now: datetime) -> None:
    db.execute(update(OutboxRow).where(messages, OutboxRow.done_at.is_(None)).values(state="dropped", done_at=now))
    db.execute(update(OutboxRow).where(messages).values(facts={}, address=None))
