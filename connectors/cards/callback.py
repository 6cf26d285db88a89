"""The gateway's call-back: its parameters, wherever they stand, and the checksum over all of them."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.cards import wire
from k5web.domain import strict_json
from k5web.domain.payments.notice import WireRequest

Parameters = Mapping[str, str]

HASHES: Mapping[str, hashes.HashAlgorithm] = {"sha512": hashes.SHA512(), "sha256": hashes.SHA256()}

UNSIGNED = frozenset({"checksum", "sign_alias"})
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_MORE = "additionalParams"  # a table of the JSON generation, which signs nothing; nothing in it is used
_MOST_PARAMETERS = 100


class Seal(Protocol):
    """One key of the gateway that a checksum may be made with."""

    def fits(self, text: bytes, checksum: str) -> bool:
        """Return whether this key made the checksum of the text."""


@dataclass(frozen=True, slots=True)
class HmacSeal:
    """A token both sides know."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str) -> "HmacSeal":
        """Return the seal of this token. Raises: ValueError where it is empty: everybody could sign."""
        if not secret:
            raise ValueError("one is empty")
        return cls(secret.encode())

    def fits(self, text: bytes, checksum: str) -> bool:
        """Return whether the token made the checksum; its letters may be small."""
        return hmac.compare_digest(self.checksum(text), checksum.upper())

    def checksum(self, text: bytes) -> str:
        """Return the checksum as the gateway writes it."""
        return hmac.new(self.key, text, hashlib.sha256).hexdigest().upper()


@dataclass(frozen=True, slots=True)
class RsaSeal:
    """The gateway's public key. What `sign_alias` says of the algorithm is wrong in the gateway's own samples."""

    key: rsa.RSAPublicKey = field(repr=False)
    digest: hashes.HashAlgorithm

    @classmethod
    def of(cls, pem: str, digest: str) -> "RsaSeal":
        """Return the seal of this key, a PEM text. Raises: ValueError where it is no RSA key."""
        try:
            key = serialization.load_pem_public_key(pem.encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ValueError("one is no public key in PEM form") from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("one is no RSA key")
        return cls(key, HASHES[digest])

    def fits(self, text: bytes, checksum: str) -> bool:
        """Return whether the key's owner signed the text."""
        try:
            self.key.verify(bytes.fromhex(checksum), text, padding.PKCS1v15(), self.digest)
        except InvalidSignature:
            return False
        return True


def signed_text(parameters: Parameters) -> bytes:
    """Return what the checksum is made of: every parameter that came, known or not, sorted by name."""
    names = sorted(set(parameters) - UNSIGNED)
    return "".join(f"{name};{parameters[name]};" for name in names).encode()


def is_authentic(parameters: Parameters, seals: Iterable[Seal]) -> bool:
    """Return whether one of the gateway's keys made the checksum."""
    checksum = parameters.get("checksum", "")
    if not _HEX.fullmatch(checksum):
        return False
    text = signed_text(parameters)
    return any(seal.fits(text, checksum) for seal in seals)


def read_parameters(request: WireRequest) -> Parameters:
    """Return the decoded parameters, each once.

    Raises: ValueError where they cannot be read in one way only: a name twice, in two places, nested, not UTF-8.
    """
    if not request.body:
        return _plain(_decoded(request.query))
    if request.query:
        raise ValueError("parameters in the address and in the body")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "content-encoding" in request.headers:
        raise ValueError("a packed body")
    if kind == JSON:
        fields = wire.read_fields(request.body)
        return _plain({name: value for name, value in fields.items() if name != _MORE})
    if kind == FORM:
        return _plain(_decoded(request.body.decode("ascii")))
    raise ValueError("neither a form nor JSON")


def _decoded(text: str) -> Mapping[str, str]:
    pairs = parse_qsl(
        text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_PARAMETERS
    )
    return strict_json.each_once(pairs)


def _plain(parameters: Mapping[str, object]) -> Parameters:
    """Return the parameters as texts. Raises: ValueError for a list, a table, a truth, a name like `status[]`."""
    plain = {name: value for name, value in parameters.items() if isinstance(value, str) and _NAME.fullmatch(name)}
    if len(plain) != len(parameters):
        raise ValueError("a parameter that is no plain text")
    return plain
