"""What ./run prepares before the first start, each step named; all of it repeatable."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from k5web import contracts, pricelists
from k5web.cli.context import open_house, settings
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import echo, echo_lines
from k5web.domain.accounts.contract import DOCUMENT_KINDS
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import FIRST_PLAN
from k5web.errors import UnknownParticular
from k5web.services import demo as services
from k5web.services.accounts import document_files, documents
from k5web.services.prices import exchange, ratedecks
from k5web.storage import schema

if TYPE_CHECKING:
    from k5web.config.settings import Settings
    from k5web.services.ports import Ports

LISTS = ("k5", "clovertel")
SAMPLE = Msisdn("74951234567")  # Moscow fixed: 2.20 a minute from the demo phone


@click.command(hidden=True)
def demo() -> None:
    """Prepare the database, the price lists and the demo subscriber."""
    prepare()
    echo_lines(how_to_try(settings()))


def prepare() -> None:
    """Make what is missing: tables, price lists, the demo subscriber with money, numbers to rent."""
    house = settings()
    if not schema.is_current(house.database_url):
        echo("==> Making the tables")
        schema.upgrade(house.database_url)
    with open_house() as ports:
        there = {version.name for version, _ in ratedecks.versions(ports)}
        for name in LISTS:
            if name not in there:
                echo(f"==> Publishing the price list {name}")
                with shown_progress() as progress:
                    ratedecks.import_deck(ports, pricelists.path(name), name, ports.today(), progress=progress)
        in_som = ports.plans.current(FIRST_PLAN).deck_in("KGS")
        if in_som not in there:
            echo(f"==> Publishing the price list {in_som}")
            exchange.convert_deck(ports, "k5", in_som, "KGS", services.SOM_RATE, ports.today())
        if house.is_tried:  # a real house has no subscriber with money from nowhere, and a contract of its own
            _publish_documents(ports)
            services.open_demo(ports, _password(house))
            services.open_som_demo(ports, _password(house))
            services.open_staff(ports, _password(house), _drawn(house, b"demo staff"))
            services.fill_stock(ports)
            services.open_office(ports, _password(house))


def _publish_documents(ports: Ports) -> None:
    """Publish the offer and the terms that K5 comes with, where the operator's particulars are there."""
    there = {version.document.kind for version in documents.listed(ports)}
    for kind in DOCUMENT_KINDS:
        if kind not in there and ports.payee:
            echo(f"==> Publishing the {kind}")
            text = document_files.read(contracts.HERE / f"{kind}.toml")
            with suppress(UnknownParticular):  # an operator's file of before the contract
                documents.publish(ports, text, ports.today(), "job:demo")


def how_to_try(house: Settings) -> str:
    """Return the words that let a newcomer in."""
    who = [
        f"    Phone:    {services.PHONE}",
        f"    Password: {_password(house)}",
        f"    In som:   {services.SOM_PHONE}, the same password",
        f"    Company:  {services.OFFICE_PHONE}, the same password: a number and a PBX",
        f"    Staff:    {house.public_url}/desk, {' or '.join(services.STAFF)}, same password, code on the page",
        "",
    ]
    link = f"Open a contact's link, see the price, press once: {house.public_url}/{SAMPLE}"
    return "\n".join([*(who if house.is_tried else []), link])


def _password(house: Settings) -> str:
    """Return the demo password: drawn from the secret key, so it is this machine's own and never kept."""
    return base64.b32encode(_drawn(house, b"demo subscriber")).decode().lower()[:10]


def _drawn(house: Settings, what: bytes) -> bytes:
    return hmac.digest(house.secret_keys[0].encode(), what, hashlib.sha256)
