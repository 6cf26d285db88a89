"""Providers simulated: what a connector's folder offers so that its protocol can be tried without its provider.

A simulated provider speaks the real protocol over HTTP to K5 and has pages for people. It is for trying only: it knows
the partner's secrets, which are made at random for it.

Where K5 is tried its pages lead to `try` below a provider's address, and from there the payer stands before the page
that pays what the query names: the `partner` with the `account` to pay to and the `sum`, or the `order` that K5 began,
by the number that the provider knows. Either may have `back`, the page of K5 to come back to.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from wsgiref.types import WSGIApplication


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What a simulated provider is told when it opens."""

    url: str  # its own address without the last slash: "http://127.0.0.1:8090/<code>"
    k5_url: str  # where its notices go, without the last slash
    folder: str  # for its daily registers; it exists
    clock: Callable[[], datetime]  # now in UTC
    pages_url: str = ""  # where people come back to, without the last slash; "": where the notices go

    @property
    def people_url(self) -> str:
        """K5 as people find it, without the last slash."""
        return self.pages_url or self.k5_url

    def back(self, asked: str) -> str:
        """Return the page of K5 that people come back to: the one asked for, where it is one."""
        return asked if asked.startswith(f"{self.people_url}/") else f"{self.people_url}/"


class Sandbox(Protocol):
    """A module `sandbox` of a connector's folder, as the registry names it."""

    def demo_tables(self, url: str, secret: Callable[[], str]) -> list[Mapping[str, object]]:
        """Return the partners' tables for trying: texts, whole numbers, truths, lists of texts and tables of texts.

        `url`: where the simulated provider will be; `secret` makes a new random one at each call.
        """

    def create(self, tables: Iterable[Mapping[str, object]], options: SandboxOptions) -> WSGIApplication:
        """Return the provider for these partners, its pages and its interface; it is mounted below `options.url`."""
