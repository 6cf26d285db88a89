"""The first press on the call page: a real browser slowed to a cheap phone on a poor network, the real server.

Measured is when a press on «Позвонить» is first obeyed: the page is drawn, its script runs, and the guard against the
second tap of two lets it through. Chromium slows requests but no handshakes, so a cold start adds them.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Any

import click
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from bench import Measure
from bench.house import CALL_PAGE, house, serving
from k5web.domain.languages import NAMES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
K5 = ("k5web", "serve", "--port", "{port}", "--processes", "1")
ROUNDS = 5
PATIENCE_S = 60
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "locale": "ru-RU", "has_touch": True}
LATENCY_S = 0.4
BYTES_A_SECOND = 400_000 // 8
SLOWER = 6  # times
HANDSHAKES_S = 3 * LATENCY_S  # name, TCP, TLS 1.3
WARM_S, COLD_S = 1.5, 3.0  # allowed

# Presses every 10 ms until one is obeyed, keeps that moment and sends nothing
PRESSES = """
addEventListener('submit', function (e) {
  e.preventDefault();
  e.stopImmediatePropagation();
  document.documentElement.dataset.obeyed = performance.now();
}, true);
addEventListener('DOMContentLoaded', function () {
  var button = document.querySelector('#call button');
  var timer = setInterval(function () {
    if (document.documentElement.dataset.obeyed || !button) return clearInterval(timer);
    if (performance.getEntriesByName('first-contentful-paint').length) button.click();
  }, 10);
});
"""


def run() -> Iterator[Measure]:
    """Yield, for each language, warm and cold, the time allowed against the median of the rounds and their slowest."""
    if CHROMIUM is None:
        raise click.ClickException("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield from measured(browser, ROUNDS, tuple(NAMES))
        browser.close()


def measured(browser: Browser, rounds: int, languages: Iterable[str]) -> Iterator[Measure]:
    """Yield what `run` does, by so many rounds of this browser in each language."""
    with house() as environ, serving(environ, *K5) as (address, _):
        for language in languages:
            state = _log_in(browser, address, language, environ["BENCH_PHONE"], environ["BENCH_PASSWORD"])
            presses = [_presses(browser, state, address) for _ in range(rounds)]
            yield from _measures(f"warm, {language}", WARM_S, [warm for _cold, warm in presses])
            yield from _measures(f"cold, {language}", COLD_S, [cold for cold, _warm in presses])


def _log_in(browser: Browser, address: str, language: str, phone: str, password: str) -> StorageState:
    """Return the cookies of a phone that chose this language and is remembered."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(f"{address}/login?lang={language}")
    page.fill("#login", phone)
    page.fill("#password", password)
    with page.expect_navigation():
        page.click("button.button")
    state = context.storage_state()
    context.close()
    return state


def _presses(browser: Browser, state: StorageState, address: str) -> tuple[float, float]:
    """Return the seconds to the first press of a browser that keeps nothing but its cookies, and of the same later."""
    context = browser.new_context(**PHONE, storage_state=state)
    page = context.new_page()
    page.add_init_script(PRESSES)
    devtools = context.new_cdp_session(page)
    slow = {"offline": False, "latency": LATENCY_S * 1000}
    slow |= {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    cold = _first_press(page, address) + HANDSHAKES_S
    page.goto(f"{address}/me")  # between two calls one looks at the account; the connection stays
    warm = _first_press(page, address)
    context.close()
    return cold, warm


def _first_press(page: Page, address: str) -> float:
    page.goto(address + CALL_PAGE)
    page.wait_for_selector("html[data-obeyed]", state="attached", timeout=PATIENCE_S * 1000)
    return float(page.evaluate("document.documentElement.dataset.obeyed")) / 1000


def _measures(what: str, allowed: float, taken: Sequence[float]) -> Iterator[Measure]:
    yield Measure(f"first press, {what}: allowed", allowed, f"median of {len(taken)}", median(taken), "s", 1.0)
    yield Measure(f"first press, {what}: allowed", allowed, f"slowest of {len(taken)}", max(taken), "s")
