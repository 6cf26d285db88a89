"""A wallet behind the simulated menu that writes down what it was asked."""

INN = "01234567890123"


class FakePhone:
    """A wallet that writes down what it was asked."""

    def __init__(self, pin: str = "1234") -> None:
        self.pin = pin
        self.asked: list[tuple[str, ...]] = []
        self.knows = True

    def register(self, name: str, inn: str) -> str:
        self.asked.append(("register", name, inn))
        self.pin = "4321"
        return self.pin

    def refusal(self, pin: str) -> str:
        return "" if pin == self.pin else "Неверный PIN."

    def change_pin(self, pin: str) -> None:
        self.pin = pin

    def balance(self) -> str:
        return "50000.00"

    def check(self, account: str, amount: str) -> tuple[bool, str]:
        self.asked.append(("check", account, amount))
        return self.knows, "О. Р." if self.knows else "счёт не найден"

    def pay(self, account: str, amount: str) -> tuple[bool, str]:
        self.asked.append(("pay", account, amount))
        return True, "SMS: код платежа 1"
