"""The simulated gateway's orders: registered, paid by test cards, taken, given back; nothing here knows HTTP."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from uuid import uuid4

from connectors.cards.acquirer import Acquirer
from connectors.cards.wire import OrderState

TRIES: Final = 3
LATE_S: Final = 15.0

Told = Callable[["SandboxOrder", str, bool], None]  # an order, an operation, whether it succeeded


class Behaviour(Enum):
    """What a test card does."""

    PAYS = "оплата проходит"
    ASKS_ISSUER = "банк спрашивает код (3-D Secure: 123456)"
    DECLINES = "отказ банка"
    TIMES_OUT = "банк не отвечает, время заказа вышло"
    PAYS_LATE = "деньги приходят позже, чем вернулся плательщик"


CARDS: Final[Mapping[str, Behaviour]] = {
    "4111111111111111": Behaviour.PAYS,
    "5555555555554444": Behaviour.ASKS_ISSUER,
    "4000000000000002": Behaviour.DECLINES,
    "4000000000000119": Behaviour.TIMES_OUT,
    "4000000000000341": Behaviour.PAYS_LATE,
}
ISSUER_CODE: Final = "123456"


class Refused(Exception):
    """The gateway says no: an error code of its interface."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class SandboxOrder:
    """One order. Units: sums are minor."""

    number: str
    amount: int
    currency: str
    return_url: str
    expires_at: datetime
    is_two_stage: bool
    registered_at: datetime
    description: str = ""
    client_id: str = ""
    is_automatic: bool = False
    sbp_link: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))
    state: OrderState = OrderState.REGISTERED
    action: str = "-100"
    tries: int = 0
    approved: int = 0
    deposited: int = 0
    refunded: int = 0
    reversals: int = 0
    taken_at: datetime | None = None
    card: str = ""
    card_expires: str = ""
    binding_id: str = ""
    telling: str = "once"  # how its call-backs go out: once, twice, late, never
    moves: list[tuple[datetime, str, int]] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)  # card and action code of each declined try

    @property
    def is_payable(self) -> bool:
        """True while the payer may still try."""
        return self.is_waiting and self.tries < TRIES

    @property
    def is_waiting(self) -> bool:
        """True while nothing was taken and its time is not over."""
        waiting = {OrderState.REGISTERED, OrderState.AT_ISSUER, OrderState.DECLINED}
        return self.state in waiting and self.action != "-2007"


@dataclass
class Binding:
    """A card the gateway keeps for a client."""

    id: str
    client_id: str
    card: str
    expires: str
    is_active: bool = True


class Bank:
    """One acquirer's side of the gateway. All of it is in memory; one lock guards it."""

    def __init__(self, acquirer: Acquirer, clock: Callable[[], datetime], tell: Told, late_s: float = LATE_S) -> None:
        self.acquirer = acquirer
        self.orders: dict[str, SandboxOrder] = {}
        self.bindings: dict[str, Binding] = {}
        self.clock = clock
        self._tell = tell
        self._late_s = late_s
        self._lock = threading.RLock()

    def register(self, order: SandboxOrder) -> SandboxOrder:
        """Take a new order. Raises: Refused."""
        with self._lock:
            if any(known.number == order.number for known in self.orders.values()):
                raise Refused("1", "Заказ с таким номером уже обработан")
            self.orders[order.id] = order
        return order

    def find(self, order_id: str, number: str = "") -> SandboxOrder:
        """Return an order, its time looked at. Raises: Refused."""
        with self._lock:
            found = self.orders.get(order_id) or next(
                (order for order in self.orders.values() if number and order.number == number), None
            )
            if found is None:
                raise Refused("6", "Неверный номер заказа")
            if found.is_payable and self.clock() >= found.expires_at:
                self._end(found)
            return found

    def pay(self, order: SandboxOrder, card: str, expires: str, keeps: bool) -> Behaviour:
        """Try a card typed on the page. Raises: Refused where the order takes none any more."""
        behaviour = CARDS.get(card, Behaviour.DECLINES)
        with self._lock:
            self._start_try(order, card, expires)
            if keeps and order.client_id:
                order.binding_id = self._keep(order)
            self._behave(order, behaviour)
        return behaviour

    def pay_by_link(self, order: SandboxOrder) -> None:
        """Pay from a bank's app. Raises: Refused."""
        with self._lock:
            self._start_try(order, "", "")
            self._take(order)

    def pay_by_binding(self, order: SandboxOrder, binding_id: str) -> Behaviour:
        """Charge a kept card. Raises: Refused."""
        with self._lock:
            binding = self.bindings.get(binding_id)
            if binding is None or binding.client_id != order.client_id:
                raise Refused("1", "Связка не найдена")
            if not binding.is_active:
                raise Refused("2", "Связка неактивна")
            self._start_try(order, binding.card, binding.expires)
            order.binding_id = binding_id
            behaviour = CARDS[binding.card]
            if order.is_automatic and behaviour is Behaviour.ASKS_ISSUER:
                behaviour = Behaviour.PAYS  # AUTO_PAYMENT: the issuer is not asked
            self._behave(order, behaviour)
        return behaviour

    def prove(self, order: SandboxOrder, code: str) -> bool:
        """Take the issuer's word for the payer. Raises: Refused."""
        with self._lock:
            if order.state is not OrderState.AT_ISSUER:
                raise Refused("5", "Неверное состояние заказа")
            is_proved = code == ISSUER_CODE
            if is_proved:
                self._take(order)
            else:
                self._decline(order, "-2011")
        return is_proved

    def unbind(self, binding_id: str) -> None:
        """Forget a card. Raises: Refused."""
        with self._lock:
            binding = self.bindings.get(binding_id)
            if binding is None or not binding.is_active:
                raise Refused("2", "Связка неактивна")
            binding.is_active = False

    def deposit(self, order: SandboxOrder, amount: int) -> None:
        """Take what was held. Raises: Refused."""
        with self._lock:
            if order.state is not OrderState.HELD or not 0 < amount <= order.approved:
                raise Refused("5", "Неверное состояние заказа или сумма")
            self._book(order, "deposited", amount)

    def reverse(self, order: SandboxOrder, amount: int | None) -> None:
        """Give back before the day is settled; a part only once. Raises: Refused."""
        with self._lock:
            part = order.approved if amount is None else amount
            if order.state not in {OrderState.HELD, OrderState.TAKEN} or order.reversals or not part > 0:
                raise Refused("5", "Неверное состояние заказа")
            if part > order.approved:
                raise Refused("5", "Неверная сумма")
            if order.taken_at and order.taken_at.date() != self.clock().date():
                raise Refused("7", "День закрыт: делайте возврат")
            order.reversals += 1
            self._book(order, "reversed", part)

    def refund(self, order: SandboxOrder, amount: int) -> None:
        """Give back all or a part. Raises: Refused."""
        with self._lock:
            if order.state not in {OrderState.TAKEN, OrderState.REFUNDED}:
                raise Refused("7", "Платёж должен быть в корректном состоянии")
            if not 0 < amount <= order.deposited - order.refunded:
                raise Refused("5", "Сумма возврата превышает сумму заказа")
            self._book(order, "refunded", amount)

    def decline(self, order: SandboxOrder) -> None:
        """Cancel an unpaid order. Raises: Refused."""
        with self._lock:
            if not order.is_payable:
                raise Refused("5", "Неверное состояние заказа")
            self._end(order)

    def tell_again(self, order: SandboxOrder) -> None:
        """Send the call-back of the last move once more."""
        operation = order.moves[-1][1] if order.moves else "declinedByTimeout"
        self._tell(order, operation, True)

    def _start_try(self, order: SandboxOrder, card: str, expires: str) -> None:
        if not order.is_payable or self.clock() >= order.expires_at:
            raise Refused("5", "Заказ уже оплачен или время вышло")
        order.card, order.card_expires = card, expires
        order.tries += 1

    def _behave(self, order: SandboxOrder, behaviour: Behaviour) -> None:
        match behaviour:
            case Behaviour.PAYS:
                self._take(order)
            case Behaviour.ASKS_ISSUER:
                order.state = OrderState.AT_ISSUER
            case Behaviour.TIMES_OUT:
                self._end(order)
            case Behaviour.PAYS_LATE:
                order.state = OrderState.AT_ISSUER
                timer = threading.Timer(self._late_s, self._take, [order])
                timer.daemon = True
                timer.start()
            case Behaviour.DECLINES:
                self._decline(order, "116")

    def _take(self, order: SandboxOrder) -> None:
        with self._lock:
            if not order.is_waiting:  # paid or ended while the late money was on its way
                return
            order.approved, order.action = order.amount, "0"
            if order.is_two_stage:
                order.state = OrderState.HELD
                self._tell(order, "approved", True)
            else:
                self._book(order, "deposited", order.amount)

    def _decline(self, order: SandboxOrder, action: str) -> None:
        order.state = OrderState.DECLINED
        order.action = "-2013" if order.tries >= TRIES else action
        order.failures.append((order.card, action))
        self._tell(order, "deposited", False)

    def _end(self, order: SandboxOrder) -> None:
        order.state, order.action = OrderState.DECLINED, "-2007"
        self._tell(order, "declinedByTimeout", True)

    def _book(self, order: SandboxOrder, operation: str, amount: int) -> None:
        now = self.clock()
        match operation:
            case "deposited":
                order.state, order.deposited, order.taken_at = OrderState.TAKEN, amount, now
            case "reversed":
                order.approved -= amount
                order.deposited = max(0, order.deposited - amount)
                order.state = order.state if order.approved else OrderState.REVERSED
            case "refunded":
                order.state, order.refunded = OrderState.REFUNDED, order.refunded + amount
        order.moves.append((now, operation, amount))
        self._tell(order, operation, True)

    def _keep(self, order: SandboxOrder) -> str:
        known = next(
            (b.id for b in self.bindings.values() if (b.client_id, b.card) == (order.client_id, order.card)), ""
        )
        binding_id = known or f"bind-{secrets.token_hex(12)}"
        self.bindings[binding_id] = Binding(binding_id, order.client_id, order.card, order.card_expires)
        return binding_id


def lifetime(seconds: str, now: datetime, default_s: int) -> datetime:
    """Return when an order ends. Raises: Refused."""
    if seconds and not (seconds.isascii() and seconds.isdigit()):
        raise Refused("4", "sessionTimeoutSecs")
    return now + timedelta(seconds=int(seconds or default_s))
