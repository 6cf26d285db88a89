"""All mapped classes, by subject. Everything of one owner begins its keys with `owner_id`."""

from k5web.storage.tables.accounts import AllocatorRow, BlockRow, DeviceRow, LoginCountRow, SubscriberRow
from k5web.storage.tables.bank import BankClosingRow, BankDoubtRow, BankPaymentRow, BankRuleRow, InvoiceRow, ReceiptRow
from k5web.storage.tables.base import Base
from k5web.storage.tables.books import AccountRow, HoldRow, NameClaimRow, PostingRow, TransactionRow
from k5web.storage.tables.calls import (
    CallRow,
    CdrRow,
    IncidentRow,
    IncidentTickRow,
    RouteHealthRow,
    SwitchEventRow,
    SwitchPositionRow,
)
from k5web.storage.tables.payments import (
    AutoTopUpRow,
    HouseRow,
    NoticeRow,
    OutboxRow,
    RegisterLineRow,
    SavedCardRow,
    TopUpRow,
)
from k5web.storage.tables.prices import DeckRow, RateRow
from k5web.storage.tables.safety import CallLimitRow, OpenedDirectionRow, RefusalRow
from k5web.storage.tables.ways import ApiTokenRow, ContactRow, MissedCallRow, PaceRow, WidgetRow

__all__ = [
    "AccountRow",
    "AllocatorRow",
    "ApiTokenRow",
    "AutoTopUpRow",
    "BankClosingRow",
    "BankDoubtRow",
    "BankPaymentRow",
    "BankRuleRow",
    "Base",
    "BlockRow",
    "CallLimitRow",
    "CallRow",
    "CdrRow",
    "ContactRow",
    "DeckRow",
    "DeviceRow",
    "HoldRow",
    "HouseRow",
    "IncidentRow",
    "IncidentTickRow",
    "InvoiceRow",
    "LoginCountRow",
    "MissedCallRow",
    "NameClaimRow",
    "NoticeRow",
    "OpenedDirectionRow",
    "OutboxRow",
    "PaceRow",
    "PostingRow",
    "RateRow",
    "ReceiptRow",
    "RefusalRow",
    "RegisterLineRow",
    "RouteHealthRow",
    "SavedCardRow",
    "SubscriberRow",
    "SwitchEventRow",
    "SwitchPositionRow",
    "TopUpRow",
    "TransactionRow",
    "WidgetRow",
]
