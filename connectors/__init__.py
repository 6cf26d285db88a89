"""The registry of the ways to pay: one folder and one entry each."""

from collections.abc import Mapping

from connectors.cards import sandbox as card_sandbox
from connectors.cards.connector import open_partners as open_cards
from connectors.elsom import sandbox as wallet_sandbox
from connectors.elsom.connector import open_connectors as open_elsom
from connectors.qiwi import sandbox as qiwi_sandbox
from connectors.qiwi.connector import open_connectors as open_qiwi
from k5web.domain.payments.connector import Opener
from k5web.domain.payments.sandbox import Sandbox

OPENERS: Mapping[str, Opener] = {
    "cards": open_cards,
    "elsom": open_elsom,
    "qiwi": open_qiwi,
}

SANDBOXES: Mapping[str, Sandbox] = {  # the same providers simulated, for ./run and `k5 sandbox`
    "cards": card_sandbox,
    "elsom": wallet_sandbox,
    "qiwi": qiwi_sandbox,
}
