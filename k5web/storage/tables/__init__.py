"""All mapped classes, by subject. Everything of one owner begins its keys with `owner_id`."""

from k5web.storage.tables.accounts import (
    AllocatorRow,
    ApiTokenRow,
    BlockRow,
    DeviceRow,
    LoginCountRow,
    SubscriberRow,
    ThrottleRow,
)
from k5web.storage.tables.bank import BankClosingRow, BankDoubtRow, BankPaymentRow, BankRuleRow, InvoiceRow, ReceiptRow
from k5web.storage.tables.base import Base
from k5web.storage.tables.books import AccountRow, HoldRow, NameClaimRow, PostingRow, PromisedPaymentRow, TransactionRow
from k5web.storage.tables.calls import (
    CallRow,
    CdrRow,
    ContactRow,
    IncidentRow,
    IncidentTickRow,
    MissedCallRow,
    RouteHealthRow,
    SwitchEventRow,
    SwitchPositionRow,
    WidgetRow,
)
from k5web.storage.tables.numbers import NumberChangeRow, NumberRow
from k5web.storage.tables.payments import (
    AutoTopUpRow,
    HouseRow,
    NoticeRow,
    OutboxRow,
    RegisterLineRow,
    SavedCardRow,
    TopUpRow,
)
from k5web.storage.tables.prices import DeckRow, PlanObjectionRow, PlanVersionRow, RateRow
from k5web.storage.tables.safety import CallLimitRow, OpenedDirectionRow, RefusalRow
from k5web.storage.tables.subscriptions import SubscriptionPeriodRow, SubscriptionRow

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
    "NumberChangeRow",
    "NumberRow",
    "OpenedDirectionRow",
    "OutboxRow",
    "PlanObjectionRow",
    "PlanVersionRow",
    "PostingRow",
    "PromisedPaymentRow",
    "RateRow",
    "ReceiptRow",
    "RefusalRow",
    "RegisterLineRow",
    "RouteHealthRow",
    "SavedCardRow",
    "SubscriberRow",
    "SubscriptionPeriodRow",
    "SubscriptionRow",
    "SwitchEventRow",
    "SwitchPositionRow",
    "ThrottleRow",
    "TopUpRow",
    "TransactionRow",
    "WidgetRow",
]
