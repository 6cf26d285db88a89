"""The browser as a phone, whole: Chromium with a made-up microphone, nginx, K5, its worker, a real switch (B7)."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Request
from sqlalchemy import select, update

from k5web.domain.calls.call import CallKind
from k5web.domain.money import rub
from k5web.services.accounts import numbers
from k5web.services.pbx import people
from k5web.services.prices import steps, subscriptions
from k5web.storage.accounts import subscribers
from k5web.storage.tables import CallRow, SipAccountRow
from k5web.telephony.switch_files import ACCOUNTS
from tests import test_nginx
from tests.browser.conftest import PHONE, House, Member
from tests.processes import PATIENCE_S, Processes, do_without, free_port, running, wait_for
from tests.services.accounts import stock
from tests.telephony import real
from tests.telephony.pbx.phone import Phone
from tests.telephony.real import RealSwitch
from tests.test_nginx import PUBLIC, Front

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asterisk,
    pytest.mark.nginx,
    pytest.mark.xdist_group("asterisk-browser"),
]

SMALL: dict[str, Any] = PHONE | {"viewport": {"width": 320, "height": 640}, "ignore_https_errors": True}
OUTSIDE = "+74951234567"
READY, TALKING, OVER = "На связи", "Разговор", "Разговор закончен"
SOUND = """async (phone) => {
  const found = {};
  for (const pc of window.talks ?? []) (await pc.getStats()).forEach((one) => {
    if (one.type === "inbound-rtp") found.heard = (found.heard ?? 0) + one.packetsReceived;
    if (one.type === "outbound-rtp") found.sent = (found.sent ?? 0) + one.packetsSent;
  });
  return found;
}"""
# What the page's script opens is kept, so that its packets can be counted
KEEP_TALKS = """
const Real = window.RTCPeerConnection;
window.talks = [];
window.RTCPeerConnection = class extends Real { constructor(...how) { super(...how); window.talks.push(this); } };
"""


@dataclass(frozen=True)
class Outside:
    """A house with a real switch behind nginx, and the phone that its trunk leads to."""

    house: House
    front: Front
    switch: RealSwitch
    carrier: Phone

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"https://{PUBLIC}:{self.front.port}"


@pytest.fixture(scope="module")
def outside(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """All of it, on loopback."""
    real.require()
    if test_nginx.NGINX is None:
        do_without("no nginx here: apt-get install nginx")
    var = tmp_path_factory.mktemp("phone")
    var.chmod(0o755)
    shutil.copyfile(sqlite_template, var / "k5.db")
    port = free_port()
    with ExitStack() as stack:
        carrier = Phone("127.0.0.1:9", name="carrier")
        stack.callback(carrier.close)
        carrier.speaks = True
        processes = Processes(f"sqlite:///{var / 'k5.db'}", var, 1, K5_TRUSTED_PROXIES="1")
        processes.environ["K5_PUBLIC_URL"] = f"https://{PUBLIC}:{port}"
        place = stack.enter_context(real.folder())
        switch = RealSwitch(place, {"trunk-a": carrier.address}, k5_url=f"http://127.0.0.1:{processes.web_port}")
        stack.callback(switch.kill)
        switch.start()
        host, _, sip_port = switch.sip_address.rpartition(":")
        carrier.server = (host, int(sip_port))
        processes.environ.update(switch.environ)
        stack.enter_context(running(processes))
        processes.start("worker", f"serve --port {processes.web_port} --processes 1")
        wait_for(lambda: test_nginx.listens(processes.web_port), "the web listens")
        certificate = test_nginx.certificate(var)
        switch_port = int(switch.settings.ari_url.rpartition(":")[2].partition("/")[0])
        front = Front(processes, processes, port, free_port(), certificate, switch_port)
        stack.enter_context(test_nginx.nginx(test_nginx.NGINX, front, var))
        house = House(processes, f"https://{PUBLIC}:{port}")
        yield Outside(house, front, switch, carrier)
        house.ports.sessions.dispose()


@pytest.fixture
def phone(outside: Outside, new_phone: Callable[..., BrowserContext]) -> Callable[[Member], Page]:
    """Open the page of the phone for somebody, and wait until the switch knows the browser."""

    def opened(member: Member) -> Page:
        page = new_phone(**SMALL).new_page()
        page.add_init_script(KEEP_TALKS)
        member.log_in(page)
        page.goto(f"{outside.url}/me/phone")
        says(page, READY)
        return page

    outside.carrier.on_invite = "answer"
    return opened


def says(page: Page, words: str) -> None:
    """Wait until the page says this of its state."""
    page.wait_for_function("(words) => document.getElementById('state').textContent.startsWith(words)", arg=words)


def packets(page: Page) -> tuple[int, int]:
    """How many packets of sound the browser heard and sent."""
    found = page.evaluate(SOUND)
    return found.get("heard", 0), found.get("sent", 0)


def talks(page: Page) -> None:
    """Wait until sound goes both ways."""
    wait_for(lambda: min(packets(page)) > 20, "sound goes both ways", look_every_s=0.2)


def dial(page: Page, number: str) -> str:
    """Type a number, ask for its price, press the button that names it; return what was said of it."""
    page.fill("#number", number)
    page.click("#go")
    page.wait_for_function("() => document.getElementById('go').textContent.startsWith('Позвонить')")
    said = page.inner_text("#price")
    page.click("#go")
    return said


def test_a_member_without_a_phone_calls_outside_and_pays_the_other_leg(
    outside: Outside, phone: Callable[[Member], Page]
) -> None:
    """The price stands there before; the talk costs the other leg's minute and nothing for the browser's."""
    member = outside.house.member("10.00")
    page = phone(member)
    assert "0,45" in dial(page, OUTSIDE)
    says(page, TALKING)
    talks(page)
    wait_for(lambda: outside.carrier.heard > 4000, "the other phone hears the browser")
    page.wait_for_function("() => document.getElementById('time').textContent >= '0:04'")
    page.click("#hang")
    says(page, OVER)
    outside.carrier.wait("over", "idle")
    wait_for(member.call_is_over, "the call is settled")
    [call] = member.calls()
    assert call.cost == rub("0.45")
    assert (call.kind, call.quote.b_number) == (CallKind.OUTGOING, "74951234567")
    assert (str(call.quote.a.per_minute), str(call.quote.b.per_minute)) == ("0.00", "0.45")


def test_a_colleague_with_a_telephone_talks_to_the_browser_for_nothing(
    outside: Outside, phone: Callable[[Member], Page]
) -> None:
    member = outside.house.member("1000.00")
    ports, owner = outside.house.ports, member.subscriber.id
    step = steps.look_at(ports, member.subscriber, "plan", "go-100")
    subscriptions.connect(ports, member.subscriber, "plan", "go-100", "form", step.now)
    person = people.add_person(ports, owner, "Анна")
    account, password = people.make_account(ports, owner, person.n)
    desk = Phone(outside.switch.users_address, account.login, password, host="127.0.0.2")
    try:
        desk.speaks = True
        wait_for(lambda: desk.register() == 200, "the switch knows the telephone", look_every_s=0.5)
        page = phone(member)
        assert "бесплатно" in dial(page, person.extension)
        says(page, TALKING)
        talks(page)
        wait_for(lambda: desk.heard > 4000, "the telephone hears the browser")
        desk.bye()
        says(page, OVER)
    finally:
        desk.close()
    with ports.sessions.read() as db:
        assert db.scalars(select(CallRow).where(CallRow.owner_id == owner)).all() == []
        assert subscribers.get(db, owner).plan_code == "go-100"


def test_who_calls_ones_number_reaches_the_browser(outside: Outside, phone: Callable[[Member], Page]) -> None:
    """A number without a rule rings everybody, the owner's own browser too, and costs its owner nothing."""
    member = outside.house.member("1000.00")
    ports, owner = outside.house.ports, member.subscriber.id
    step = steps.look_at(ports, member.subscriber, "plan", "go-100")
    subscriptions.connect(ports, member.subscriber, "plan", "go-100", "form", step.now)
    stock.fill(ports, stock.A)
    numbers.reserve(ports, owner, stock.A)
    numbers.connect(ports, owner, stock.A, "form", numbers.offer(ports, owner, "495").fee)
    page = phone(member)
    wait_for(lambda: _is_told(outside, f"in/{stock.A}"), "the switch knows the number", look_every_s=0.2)
    caller = Phone(outside.switch.sip_address, name="79161234567")
    try:
        caller.speaks = True
        with ThreadPoolExecutor(1) as calling:
            answer = calling.submit(caller.call, stock.A)
            says(page, "Вам звонят")
            assert page.inner_text("#other") == "+79161234567"
            page.click("#answer")
            says(page, TALKING)
            assert answer.result(PATIENCE_S) == 200
        talks(page)
        wait_for(lambda: caller.heard > 4000, "the caller hears the browser")
        page.click("#hang")
        says(page, OVER)
        caller.wait("over")
    finally:
        caller.close()
    assert member.calls() == []


def test_a_call_that_nobody_answered_says_so_and_not_that_a_talk_is_over(
    outside: Outside, phone: Callable[[Member], Page]
) -> None:
    """By the cause, where it has words of its own; nothing is charged."""
    member = outside.house.member("1000.00")
    page = phone(member)
    said: tuple[tuple[Any, str], ...] = ((486, "Занято."), (500, "Звонок не состоялся. Деньги не списаны."))
    for answer, words in said:
        outside.carrier.on_invite = answer
        dial(page, OUTSIDE)
        says(page, words)
        page.wait_for_selector("#dial:not([hidden])")
    outside.carrier.on_invite = "ring"
    dial(page, OUTSIDE)
    says(page, "Ждём ответа")
    page.click("#hang")
    says(page, "Вы отменили звонок. Деньги не списаны.")
    outside.carrier.wait("over", "idle")
    wait_for(lambda: all(call.state.is_over for call in member.calls()), "the calls are settled")
    assert member.calls()
    assert not any(call.cost and call.cost.minor for call in member.calls())


def test_an_account_that_is_over_may_not_dial(outside: Outside, phone: Callable[[Member], Page]) -> None:
    """Its page is still open, the switch refuses it by itself."""
    member = outside.house.member("10.00")
    page = phone(member)
    page.fill("#number", OUTSIDE)
    page.click("#go")
    page.wait_for_function("() => document.getElementById('go').textContent.startsWith('Позвонить')")
    with outside.house.ports.sessions.begin() as db:
        over = outside.house.ports.clock() - timedelta(seconds=1)
        db.execute(update(SipAccountRow).where(SipAccountRow.owner_id == member.subscriber.id).values(until=over))
    wait_for(lambda: not _accounts(outside, member), "the worker ends it")
    rung = outside.carrier.invites
    page.click("#go")
    page.wait_for_selector("#dial:not([hidden])")
    assert page.inner_text("#state") != TALKING
    assert outside.carrier.invites == rung


def test_only_our_own_pages_reach_the_switch(outside: Outside) -> None:
    """Another site's page, no page at all, and the switch's REST interface beside it."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "sip"}
    for origin in ({"Origin": "https://evil.example"}, {"Origin": f"https://{PUBLIC}.evil.example"}, {}):
        assert outside.front.get("/phone", **upgrade, **origin).status_code == 403
    for path in ("/ari/asterisk/info", "/phone/ari", "/ws"):
        answer: requests.Response = outside.front.get(path, Origin=outside.url)
        assert "build" not in answer.text
        assert answer.status_code in {404, 302, 303}, path


def test_the_page_asks_nobody_but_us(outside: Outside, new_phone: Callable[..., BrowserContext]) -> None:
    """Its policies as served, and every request and socket of it."""
    member = outside.house.member("10.00")
    # A browser fetches a service worker by its own rules: no exception for the certificate that this nginx made itself
    page = new_phone(**SMALL, service_workers="block").new_page()
    asked: list[str] = []
    broken: list[str] = []
    page.on("request", lambda request: asked.append(_origin(request)))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("wss:", "https:").partition("/phone")[0]))
    page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
    member.log_in(page)
    served = page.goto(f"{outside.url}/me/phone")
    says(page, READY)
    assert set(asked) == {outside.url}
    assert broken == []
    assert served is not None
    assert "microphone=(self)" in served.headers["permissions-policy"]
    assert "connect-src 'self'" in served.headers["content-security-policy"]


def _is_told(outside: Outside, key: str) -> bool:
    """Whether the switch finds this key in its file."""
    assert outside.switch.settings.directory
    with closing(sqlite3.connect(outside.switch.settings.directory / ACCOUNTS)) as file:
        return file.execute("select 1 from k5 where key = ?", (key,)).fetchone() is not None


def _origin(request: Request) -> str:
    return "/".join(request.url.split("/")[:3])


def _accounts(outside: Outside, member: Member) -> list[SipAccountRow]:
    with outside.house.ports.sessions.read() as db:
        theirs = (SipAccountRow.owner_id == member.subscriber.id, SipAccountRow.removed_at.is_(None))
        return list(db.scalars(select(SipAccountRow).where(*theirs)))
