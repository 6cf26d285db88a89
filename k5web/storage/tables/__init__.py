"""All mapped classes, by subject. Everything of one owner begins its keys with `owner_id`.

A subject is loaded when the first of its classes is asked for: two prices are looked up without mapping a hundred
tables. Whoever asks for `Base` means all of them.
"""

import importlib
from typing import TYPE_CHECKING

from k5web.storage.tables import base

SUBJECTS = {  # the modules here and the classes of each
    "accounts": (
        "AllocatorRow ApiTokenRow BlockRow DeviceRow EmailAddressRow InvitationRow LoginCountRow NameWordRow "
        "PhoneRow ReferralRow SubscriberRow ThrottleRow"
    ),
    "acts": "ActBookRow ActLineRow ActOriginalRow ActRow",
    "bank": "BankClosingRow BankDoubtRow BankPaymentRow BankRuleRow InvoiceRow ReceiptRow",
    "books": (
        "AccountRow ArchiveRow BillDayRow BonusRow ClosedDayRow DayCloseRow HoldRow HouseDayRow NameClaimRow "
        "PostingRow PromisedPaymentRow SealRow TransactionRow VerificationRow"
    ),
    "calls": (
        "CallRow CdrRow ContactRow HeartbeatRow IncidentRow IncidentTickRow MissedCallRow RouteHealthRow "
        "SwitchEventRow SwitchPositionRow TrunkOffRow TrunkPaceRow WidgetRow"
    ),
    "claims": "ClaimRow",
    "contacts": "FavouriteRow",
    "contract": "AcceptanceRow ContractDocumentRow ContractEndRow RefundApplicationRow",
    "desk": "AuditRow StaffRow StaffSessionRow WorkTickRow",
    "exports": "ExportPartRow ExportRow",
    "jobs": "DeskJobPartRow DeskJobRow",
    "messages": "InboundSmsRow NoticeChoiceRow OneTimeCodeRow OutboxRow SmsCountRow SmsDayRow",
    "numbers": "NumberChangeRow NumberRow",
    "payments": (
        "AutoTopUpRow HouseRow NoticeRow RegisterDayRow RegisterFileRow RegisterLineRow RegisterResolutionRow "
        "SavedCardRow TopUpRow"
    ),
    "pbx": (
        "BlackCallerRow ConversationLegRow ConversationRow GreetingRow HoldAheadRow PbxRow PbxRuleRow "
        "PbxUserRow RecordingOrderRow RecordingRow SipAccountRow SwitchQuestionRow WebhookDeliveryRow "
        "WebhookRow"
    ),
    "personal": "ConsentRow PersonalDataRow StaffAccessRow",
    "prices": (
        "DeckRow MarginDayRow MarginLineRow ObjectionRow PlanVersionRow PriceDraftRow PriceWithdrawalRow RateRow"
    ),
    "proposals": "ProposalRow",
    "safety": "CallLimitRow CallStopRow FraudAlarmRow OpenedDirectionRow OwnLimitRow RefusalRow",
    "subscriptions": "SubscriptionPeriodRow SubscriptionRow",
}

if TYPE_CHECKING:
    from k5web.storage.tables.accounts import AllocatorRow as AllocatorRow
    from k5web.storage.tables.accounts import ApiTokenRow as ApiTokenRow
    from k5web.storage.tables.accounts import BlockRow as BlockRow
    from k5web.storage.tables.accounts import DeviceRow as DeviceRow
    from k5web.storage.tables.accounts import EmailAddressRow as EmailAddressRow
    from k5web.storage.tables.accounts import InvitationRow as InvitationRow
    from k5web.storage.tables.accounts import LoginCountRow as LoginCountRow
    from k5web.storage.tables.accounts import NameWordRow as NameWordRow
    from k5web.storage.tables.accounts import PhoneRow as PhoneRow
    from k5web.storage.tables.accounts import ReferralRow as ReferralRow
    from k5web.storage.tables.accounts import SubscriberRow as SubscriberRow
    from k5web.storage.tables.accounts import ThrottleRow as ThrottleRow
    from k5web.storage.tables.acts import ActBookRow as ActBookRow
    from k5web.storage.tables.acts import ActLineRow as ActLineRow
    from k5web.storage.tables.acts import ActOriginalRow as ActOriginalRow
    from k5web.storage.tables.acts import ActRow as ActRow
    from k5web.storage.tables.bank import BankClosingRow as BankClosingRow
    from k5web.storage.tables.bank import BankDoubtRow as BankDoubtRow
    from k5web.storage.tables.bank import BankPaymentRow as BankPaymentRow
    from k5web.storage.tables.bank import BankRuleRow as BankRuleRow
    from k5web.storage.tables.bank import InvoiceRow as InvoiceRow
    from k5web.storage.tables.bank import ReceiptRow as ReceiptRow
    from k5web.storage.tables.base import Base as Base
    from k5web.storage.tables.books import AccountRow as AccountRow
    from k5web.storage.tables.books import ArchiveRow as ArchiveRow
    from k5web.storage.tables.books import BillDayRow as BillDayRow
    from k5web.storage.tables.books import BonusRow as BonusRow
    from k5web.storage.tables.books import ClosedDayRow as ClosedDayRow
    from k5web.storage.tables.books import DayCloseRow as DayCloseRow
    from k5web.storage.tables.books import HoldRow as HoldRow
    from k5web.storage.tables.books import HouseDayRow as HouseDayRow
    from k5web.storage.tables.books import NameClaimRow as NameClaimRow
    from k5web.storage.tables.books import PostingRow as PostingRow
    from k5web.storage.tables.books import PromisedPaymentRow as PromisedPaymentRow
    from k5web.storage.tables.books import SealRow as SealRow
    from k5web.storage.tables.books import TransactionRow as TransactionRow
    from k5web.storage.tables.books import VerificationRow as VerificationRow
    from k5web.storage.tables.calls import CallRow as CallRow
    from k5web.storage.tables.calls import CdrRow as CdrRow
    from k5web.storage.tables.calls import ContactRow as ContactRow
    from k5web.storage.tables.calls import HeartbeatRow as HeartbeatRow
    from k5web.storage.tables.calls import IncidentRow as IncidentRow
    from k5web.storage.tables.calls import IncidentTickRow as IncidentTickRow
    from k5web.storage.tables.calls import MissedCallRow as MissedCallRow
    from k5web.storage.tables.calls import RouteHealthRow as RouteHealthRow
    from k5web.storage.tables.calls import SwitchEventRow as SwitchEventRow
    from k5web.storage.tables.calls import SwitchPositionRow as SwitchPositionRow
    from k5web.storage.tables.calls import TrunkOffRow as TrunkOffRow
    from k5web.storage.tables.calls import TrunkPaceRow as TrunkPaceRow
    from k5web.storage.tables.calls import WidgetRow as WidgetRow
    from k5web.storage.tables.claims import ClaimRow as ClaimRow
    from k5web.storage.tables.contacts import FavouriteRow as FavouriteRow
    from k5web.storage.tables.contract import AcceptanceRow as AcceptanceRow
    from k5web.storage.tables.contract import ContractDocumentRow as ContractDocumentRow
    from k5web.storage.tables.contract import ContractEndRow as ContractEndRow
    from k5web.storage.tables.contract import RefundApplicationRow as RefundApplicationRow
    from k5web.storage.tables.desk import AuditRow as AuditRow
    from k5web.storage.tables.desk import StaffRow as StaffRow
    from k5web.storage.tables.desk import StaffSessionRow as StaffSessionRow
    from k5web.storage.tables.desk import WorkTickRow as WorkTickRow
    from k5web.storage.tables.exports import ExportPartRow as ExportPartRow
    from k5web.storage.tables.exports import ExportRow as ExportRow
    from k5web.storage.tables.jobs import DeskJobPartRow as DeskJobPartRow
    from k5web.storage.tables.jobs import DeskJobRow as DeskJobRow
    from k5web.storage.tables.messages import InboundSmsRow as InboundSmsRow
    from k5web.storage.tables.messages import NoticeChoiceRow as NoticeChoiceRow
    from k5web.storage.tables.messages import OneTimeCodeRow as OneTimeCodeRow
    from k5web.storage.tables.messages import OutboxRow as OutboxRow
    from k5web.storage.tables.messages import SmsCountRow as SmsCountRow
    from k5web.storage.tables.messages import SmsDayRow as SmsDayRow
    from k5web.storage.tables.numbers import NumberChangeRow as NumberChangeRow
    from k5web.storage.tables.numbers import NumberRow as NumberRow
    from k5web.storage.tables.payments import AutoTopUpRow as AutoTopUpRow
    from k5web.storage.tables.payments import HouseRow as HouseRow
    from k5web.storage.tables.payments import NoticeRow as NoticeRow
    from k5web.storage.tables.payments import RegisterDayRow as RegisterDayRow
    from k5web.storage.tables.payments import RegisterFileRow as RegisterFileRow
    from k5web.storage.tables.payments import RegisterLineRow as RegisterLineRow
    from k5web.storage.tables.payments import RegisterResolutionRow as RegisterResolutionRow
    from k5web.storage.tables.payments import SavedCardRow as SavedCardRow
    from k5web.storage.tables.payments import TopUpRow as TopUpRow
    from k5web.storage.tables.pbx import BlackCallerRow as BlackCallerRow
    from k5web.storage.tables.pbx import ConversationLegRow as ConversationLegRow
    from k5web.storage.tables.pbx import ConversationRow as ConversationRow
    from k5web.storage.tables.pbx import GreetingRow as GreetingRow
    from k5web.storage.tables.pbx import HoldAheadRow as HoldAheadRow
    from k5web.storage.tables.pbx import PbxRow as PbxRow
    from k5web.storage.tables.pbx import PbxRuleRow as PbxRuleRow
    from k5web.storage.tables.pbx import PbxUserRow as PbxUserRow
    from k5web.storage.tables.pbx import RecordingOrderRow as RecordingOrderRow
    from k5web.storage.tables.pbx import RecordingRow as RecordingRow
    from k5web.storage.tables.pbx import SipAccountRow as SipAccountRow
    from k5web.storage.tables.pbx import SwitchQuestionRow as SwitchQuestionRow
    from k5web.storage.tables.pbx import WebhookDeliveryRow as WebhookDeliveryRow
    from k5web.storage.tables.pbx import WebhookRow as WebhookRow
    from k5web.storage.tables.personal import ConsentRow as ConsentRow
    from k5web.storage.tables.personal import PersonalDataRow as PersonalDataRow
    from k5web.storage.tables.personal import StaffAccessRow as StaffAccessRow
    from k5web.storage.tables.prices import DeckRow as DeckRow
    from k5web.storage.tables.prices import MarginDayRow as MarginDayRow
    from k5web.storage.tables.prices import MarginLineRow as MarginLineRow
    from k5web.storage.tables.prices import ObjectionRow as ObjectionRow
    from k5web.storage.tables.prices import PlanVersionRow as PlanVersionRow
    from k5web.storage.tables.prices import PriceDraftRow as PriceDraftRow
    from k5web.storage.tables.prices import PriceWithdrawalRow as PriceWithdrawalRow
    from k5web.storage.tables.prices import RateRow as RateRow
    from k5web.storage.tables.proposals import ProposalRow as ProposalRow
    from k5web.storage.tables.safety import CallLimitRow as CallLimitRow
    from k5web.storage.tables.safety import CallStopRow as CallStopRow
    from k5web.storage.tables.safety import FraudAlarmRow as FraudAlarmRow
    from k5web.storage.tables.safety import OpenedDirectionRow as OpenedDirectionRow
    from k5web.storage.tables.safety import OwnLimitRow as OwnLimitRow
    from k5web.storage.tables.safety import RefusalRow as RefusalRow
    from k5web.storage.tables.subscriptions import SubscriptionPeriodRow as SubscriptionPeriodRow
    from k5web.storage.tables.subscriptions import SubscriptionRow as SubscriptionRow
else:

    def __getattr__(name):
        """Return a mapped class, once asked for from its subject. Raises: AttributeError."""
        if name == "Base":
            for subject in SUBJECTS:
                importlib.import_module(f"{__name__}.{subject}")
            return base.Base
        for subject, classes in SUBJECTS.items():
            if name in classes.split():
                found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{subject}"), name)
                return found
        raise AttributeError(name)
