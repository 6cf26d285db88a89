"""One acquirer as the partners' file describes it: the gateway's generation, its address, our login, what it signs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from connectors.cards import callback
from connectors.cards.receipt import NO_RECEIPT, ReceiptTerms, read_terms
from k5web.config.table import PartnerTable
from k5web.domain.payments.partner import Partner
from k5web.errors import WrongKey

Protocol = Literal["rbs", "rbs-ecom"]

REST_PATHS: Mapping[str, str] = {"rbs": "/payment/rest", "rbs-ecom": "/ecomm/gw/partner/api/v1"}

_KEYS = frozenset(
    {"base_url", "rest_path", "user", "password", "token", "path", "callback_secrets", "checksum", "checksum_hash"}
    | {"two_stage", "sbp", "saves_cards", "lifetime_s", "ca_file", "server_ip", "receipt", "merchant_login"}
)
_SECRET_PATH = re.compile(r"[A-Za-z0-9_-]{16,100}", re.ASCII)  # random, of the length of a password at least
_LIFETIME_S = range(60, 86_401)


@dataclass(frozen=True, slots=True)
class Acquirer:
    """What talking to this acquirer's gateway needs. Secrets are kept out of `repr`."""

    partner: Partner
    protocol: Protocol
    base_url: str
    rest_path: str
    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)  # instead of user and password
    path: str = field(repr=False)  # the secret last part of /hooks/cards/<path>
    seals: tuple[callback.Seal, ...] = field(repr=False)  # newest first; none: a call-back is a hint only
    is_two_stage: bool
    asks_sbp: bool
    saves_cards: bool
    lifetime_s: int
    ca_file: str  # authorities to believe instead of the system's
    merchant_login: str  # of the shop, where the gateway wants it named to end an order
    server_ip: str  # told where the gateway wants a payer's address and there is none
    receipt: ReceiptTerms | None

    @property
    def login(self) -> Mapping[str, str]:
        """Return the fields that every request carries."""
        return {"token": self.token} if self.token else {"userName": self.user, "password": self.password}


def read(values: Mapping[str, object]) -> Acquirer:
    """Return the acquirer of one table of the partners' file. Raises: WrongKey naming the key."""
    table = PartnerTable(values, _KEYS)
    partner = table.partner(REST_PATHS)
    token = table.text("token", "")
    path = table.text("path")
    if not _SECRET_PATH.fullmatch(path):
        raise WrongKey(key="path", reason="needs 16 to 100 random letters, digits, '-' or '_'")
    lifetime_s = table.whole("lifetime_s", 1200)
    if lifetime_s not in _LIFETIME_S:
        raise WrongKey(key="lifetime_s", reason=f"must be from {_LIFETIME_S[0]} to {_LIFETIME_S[-1]}")
    asks_sbp = table.truth("sbp", False)
    if asks_sbp and partner.currency != "RUB":
        raise WrongKey(key="sbp", reason="pays in roubles only")
    hidden = (path, *table.texts("callback_secrets"))  # what may not stand in a kept notice
    return Acquirer(
        partner=replace(partner, secrets=hidden),
        protocol=cast(Protocol, partner.protocol),
        base_url=table.address("base_url"),
        rest_path=table.text("rest_path", REST_PATHS[partner.protocol]).rstrip("/"),
        user="" if token else table.text("user"),
        password="" if token else table.text("password"),
        token=token,
        path=path,
        seals=_seals(table),
        is_two_stage=table.truth("two_stage", False),
        asks_sbp=asks_sbp,
        saves_cards=table.truth("saves_cards", True),
        lifetime_s=lifetime_s,
        ca_file=table.text("ca_file", ""),
        merchant_login=table.text("merchant_login", ""),
        server_ip=table.text("server_ip", "127.0.0.1"),
        receipt=read_terms(table.names("receipt", NO_RECEIPT), partner.protocol),
    )


def _seals(table: PartnerTable) -> tuple[callback.Seal, ...]:
    secrets = table.texts("callback_secrets")
    kind = table.choice("checksum", {"hmac", "rsa", "none"}, "hmac" if secrets else "none")
    if (kind == "none") == bool(secrets):
        raise WrongKey(key="callback_secrets", reason="belong to checksum hmac or rsa, and only there")
    try:
        if kind == "rsa":
            digest = table.choice("checksum_hash", callback.HASHES, "sha512")
            return tuple(callback.RsaSeal.of(pem, digest) for pem in secrets)
        return tuple(callback.HmacSeal.of(secret) for secret in secrets)
    except ValueError as error:
        raise WrongKey(key="callback_secrets", reason=str(error)) from error
