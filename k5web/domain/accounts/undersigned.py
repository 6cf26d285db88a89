"""Who signs a paper beside the operator: the subscriber as the contract names them, with its number and day."""

from dataclasses import dataclass
from datetime import date

from k5web.domain.accounts.profile import Profile
from k5web.domain.prices.number import Msisdn


@dataclass(frozen=True, slots=True)
class Undersigned:
    """A person or an organisation on paper; what is not known is empty and is written by hand."""

    owner_id: int
    name: str
    numbers: str  # of an organisation: «ИНН 7708789018, КПП 772401001, ОГРН 1157746000000»
    address: str
    phone: str
    contract: str  # its number
    contract_day: date

    @classmethod
    def of(
        cls, owner_id: int, title: str, profile: Profile | None, phone: Msisdn | None, contract: tuple[str, date]
    ) -> "Undersigned":
        """Return who signs; `title` is what they are called where they told no particulars."""
        told = profile or Profile("person", {})
        labels = {"inn": "ИНН", "kpp": "КПП", "ogrn": "ОГРН"}
        numbers = [f"{label} {told[key]}" for key, label in labels.items() if told[key]]
        return cls(
            owner_id=owner_id,
            name=profile.title if profile else title,
            numbers=", ".join(numbers),
            address=told["legal_address"] or told["address"],
            phone=phone.grouped if phone else "",
            contract=contract[0],
            contract_day=contract[1],
        )

    @property
    def basis(self) -> str:
        """The contract in words: «Договор № K5-100001 от 01.12.2026, лицевой счёт 100001»."""
        return f"Договор № {self.contract} от {self.contract_day:%d.%m.%Y}, лицевой счёт {self.owner_id}"

    @property
    def full(self) -> str:
        """The name with all that is known: for the head of a paper."""
        return ", ".join(filter(None, (self.name, self.numbers, self.address)))
