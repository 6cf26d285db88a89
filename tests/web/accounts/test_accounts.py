"""Logging in, staying known, going on where one was (A1), and what a stranger learns: nothing (S10-S14)."""

from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask import Flask

from k5web.services.accounts import passwords
from k5web.turns import Turns
from tests.services.house import OWN, House
from tests.web.conftest import PASSWORD, Browser, token_of

CONTACT = "/74951234567"


def test_the_first_visit_asks_and_later_visits_do_not(browser: Browser) -> None:
    assert browser.get("/me/devices").status_code == 303
    assert browser.log_in().status_code == 303
    assert browser.get("/me/devices").status_code == 200
    assert browser.get("/login").headers["Location"] == "/"


def test_the_number_of_the_account_opens_too(browser: Browser, k5: House) -> None:
    assert browser.log_in(str(k5.caller.id)).status_code == 303
    assert browser.get("/me/profile").status_code == 200


def test_after_login_one_stands_where_one_wanted_to_go(browser: Browser) -> None:
    asked = browser.get("/me/devices?x=1")
    assert asked.headers["Location"] == "/login?next=/me/devices?x%3D1"
    page = browser.get(asked.headers["Location"])
    assert 'name="next" value="/me/devices?x=1"' in page.text
    sent = browser.post(
        "/login", csrf_token=token_of(page), login=OWN, password=PASSWORD, remember="1", next="/me/devices?x=1"
    )
    assert (sent.status_code, sent.headers["Location"]) == (303, "/me/devices?x=1")


def test_a_form_sent_after_the_phone_was_logged_out_comes_back_to_its_page(phone: Browser, k5: House) -> None:
    token = token_of(phone.get("/me/profile"))
    phone.client.delete_cookie("k5d")
    sent = phone.post("/confirm", {"Referer": "http://localhost/me/profile"}, csrf_token=token, password=PASSWORD)
    assert sent.headers["Location"] == "/login?next=/me/profile"


# 100 forms in which another site might be written (S14)
EVIL = "evil.example"
SCHEMES = ("javascript", "data", "vbscript", "JaVaScRiPt", "file", "blob", "intent", "tel", "sms")
BLANKS = ("\t", "\n", "\r", "\0", " ", "\x0b", "\u00a0", "\u2028", "\ufeff", "\x1f", "\x7f")
FOREIGN = [
    *(f"{web}{bars}{EVIL}" for web in ("http:", "https:", "HTTPS:", "ftp:", "") for bars in ("//", "///", "////")),
    *(f"{start}{EVIL}" for start in ("\\\\", "/\\", "\\/", "/\\/", "\\", "//\\", "https:", "https:/", "https:\\\\")),
    *(f"/{blank}/{EVIL}" for blank in BLANKS),
    *(f"{blank}//{EVIL}" for blank in BLANKS),
    *(f"//{user}@{EVIL}/" for user in ("a", "localhost", "t.k5.ru", "a:b", "%61", "localhost%2f")),
    *(f"/{sign}{sign}{EVIL}" for sign in ("／", "∕", "⁄", "＼", "⧵", "。", "．", "｡")),
    *(f"//{host}" for host in ("evil。example", "evil．example", "evil%2eexample", "[::1]", "1", "0x7f000001", "x:1")),
    *(f"{scheme}:{rest}" for scheme in SCHEMES for rest in ("alert(1)", "//x")),
    "/../\\evil.example", "/\u202eevil", "@evil.example", "?//evil.example", "#//evil.example", ".//evil.example",
    "..//evil.example", "evil.example", "/\r\nLocation: //evil.example", "/\nSet-Cookie: a=b", "", " ", "/\\\\", "////",
    "/" + "a" * 600, "/é", "/<script>", '/"onload=', "/'|`", "/[x]", "/{x}", "/^", "/ a",
]  # fmt: skip


def test_a_hundred_forms_are_tried() -> None:
    assert len(set(FOREIGN)) >= 100


def test_next_never_leads_to_another_site(browser: Browser) -> None:
    for address in [address for address in FOREIGN if "\0" in address]:  # is no text: refused before it is read
        assert browser.get("/login?next=" + quote(address)).status_code == 400
    forms = [address for address in FOREIGN if "\0" not in address]
    for address in forms:
        page = browser.get("/login?next=" + quote(address))
        assert 'name="next" value="/"' in page.text, ascii(address)
    for address in forms[::25]:
        sent = browser.log_in(next=address)
        assert (sent.status_code, sent.headers["Location"]) == (303, "/"), ascii(address)
        browser.client.delete_cookie("k5d")
    browser.log_in()
    for address in forms:
        onward = browser.get("/login?next=" + quote(address))
        assert (onward.status_code, onward.headers["Location"]) == (303, "/"), ascii(address)


@pytest.mark.parametrize(
    "address",
    ["/", CONTACT, "/+74951234567", "/me/statement?month=2026-11&before=7", "/tariffs?to=%D0%9C", "/a//b", "/%2f%2fx"],
)
def test_next_leads_to_own_pages(browser: Browser, address: str) -> None:
    sent = browser.log_in(next=address)
    landed = urlsplit(urljoin("http://localhost/login", sent.headers["Location"]))
    assert (landed.netloc, sent.headers["Location"]) == ("localhost", address)


def test_a_wrong_password_keeps_the_number_and_says_what_to_do(browser: Browser) -> None:
    page = browser.log_in(" 8 916 123-45-67", "battery staple", remember="0", next="/me")
    assert page.status_code == 403
    assert "Номер или пароль не подходят. Осталось попыток: 4." in page.text
    assert "<title>Ошибка:" in page.text
    assert 'value="8 916 123-45-67"' in page.text
    assert "battery staple" not in page.text
    assert 'value="/me"' in page.text
    assert 'value="0" checked' in page.text
    assert browser.cookie() == ""


def test_unknown_and_wrong_give_the_same_page_to_the_byte(make_app: Callable[..., Flask]) -> None:
    """Status, size and words are the same (S11); only what was typed differs, so it is as long."""
    pages = []
    for login in (OWN, "+79160000000"):
        browser = Browser(make_app().test_client())
        page = browser.log_in(login, "battery staple")
        text = page.text.replace(login, "").replace(token_of(page), "")
        pages.append((page.status_code, text, sorted(page.headers.keys())))
    assert pages[0] == pages[1]


def test_pauses_are_told_in_words(browser: Browser, k5: House) -> None:
    for _ in range(5):
        browser.log_in(password="battery staple")
    page = browser.log_in()
    assert page.status_code == 429
    assert "Подождите 30 секунд." in page.text
    k5.clock.forward(seconds=30)
    browser.log_in(password="battery staple")
    assert "Подождите 1 минуту." in browser.log_in().text


def test_what_was_good_before_the_login_is_not_after_it(browser: Browser) -> None:
    page = browser.get("/login")
    before = browser.cookie("k5s")
    assert (
        browser.post("/login", csrf_token=token_of(page), login=OWN, password=PASSWORD, remember="1").status_code == 303
    )
    assert browser.cookie("k5s") != before
    assert token_of(browser.get("/me/profile")) != token_of(page)


def test_a_planted_cookie_is_never_taken_over(browser: Browser) -> None:
    browser.client.set_cookie("k5d", f"planted-by-thief.{'v' * 43}")
    browser.log_in()
    assert not browser.cookie().startswith("planted")


def test_the_cookie_is_as_strict_as_a_contact_link_allows(browser: Browser) -> None:
    cookie = next(value for value in browser.log_in().headers.getlist("Set-Cookie") if value.startswith("k5d="))
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"HttpOnly", "Path=/", "SameSite=Lax", f"Max-Age={180 * 86_400}"} <= parts
    assert not any(part.startswith("Domain") or part == "Secure" for part in parts)


def test_with_https_the_cookie_is_the_hosts_own(make_app: Callable[..., Flask]) -> None:
    browser = Browser(make_app(public_url="https://t.k5.example").test_client(), "https://t.k5.example")
    cookies = browser.log_in().headers.getlist("Set-Cookie")
    own = next(value for value in cookies if value.startswith("__Host-k5d="))
    assert "; Secure;" in own
    assert "; Path=/" in own
    assert "Domain" not in own
    assert all("__Host-" in value for value in cookies)


def test_a_foreign_phone_forgets_with_the_browser_and_after_half_an_hour(browser: Browser, k5: House) -> None:
    cookie = next(
        value for value in browser.log_in(remember="0").headers.getlist("Set-Cookie") if value.startswith("k5d=")
    )
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie
    k5.clock.forward(minutes=29)
    assert browser.get("/me/profile").status_code == 200
    k5.clock.forward(minutes=30)
    assert browser.get("/me/profile").status_code == 303


def test_a_form_without_remember_is_a_foreign_phone(browser: Browser) -> None:
    browser.press("/login", "/login", login=OWN, password=PASSWORD)
    kept = browser.client.get_cookie("k5d")
    assert kept is not None
    assert kept.expires is None
    assert kept.max_age is None


def test_a_new_address_changes_nothing(phone: Browser) -> None:
    phone.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert phone.get("/me/profile").status_code == 200


def test_a_lost_answer_with_a_new_token_keeps_one_logged_in(phone: Browser, k5: House) -> None:
    phone.get("/me/profile")
    old = phone.cookie()
    k5.clock.forward(days=1)
    phone.get("/me/profile")
    new = phone.cookie()
    assert new != old
    phone.client.set_cookie("k5d", old)  # the answer never arrived
    k5.clock.forward(hours=5)
    assert phone.get("/me/profile").status_code == 200
    assert phone.cookie() not in {old, new}


def test_a_copied_token_closes_this_phone_and_says_so(phone: Browser, k5: House, app: Flask) -> None:
    phone.get("/me/profile")
    copied = phone.cookie()
    k5.clock.forward(days=1)
    phone.get("/me/profile")
    phone.get("/me/profile")
    k5.clock.forward(minutes=3)
    thief = Browser(app.test_client())
    thief.client.set_cookie("k5d", copied)
    assert thief.get("/me/profile").status_code == 303
    assert "его использовали на двух устройствах" in thief.get("/login").text
    assert phone.get("/me/profile").status_code == 303
    phone.log_in()
    assert "закрыт: его использовали на двух устройствах" in phone.get("/me/devices").text


def test_logging_out_is_a_press_that_leaves_nothing_behind(phone: Browser) -> None:
    kept = phone.cookie()
    assert phone.get("/logout").status_code == 405
    left = phone.press("/me/profile", "/logout")
    assert left.status_code == 303
    assert left.headers["Clear-Site-Data"] == '"cookies", "storage"'
    assert (phone.cookie(), phone.cookie("k5s")) == ("", "")
    phone.client.set_cookie("k5d", kept)
    assert phone.get("/me/profile").status_code == 303


@pytest.mark.parametrize(("page", "action"), [("/me", "/logout"), ("/me/devices", "/me/devices/end")])
def test_who_logged_out_is_told_so_above_the_form(phone: Browser, page: str, action: str) -> None:
    left = phone.press(page, action)
    told = phone.get(left.headers["Location"]).text
    assert "<h1>Вы вышли</h1>" in told
    assert 'name="password"' in told
    assert "Вы вышли" not in phone.get("/login").text
    assert "Вы вышли" not in phone.log_in(password="battery staple").text
    phone.log_in()
    assert phone.get(left.headers["Location"]).status_code == 303, "nobody is told so who is in"


def test_the_login_page_is_small_and_one_request(browser: Browser) -> None:
    page = browser.get("/login", **{"Accept-Encoding": "gzip"})
    assert len(page.data) + sum(len(f"{name}: {value}\r\n") for name, value in page.headers) < 10_000
    plain = browser.get("/login").text
    assert "src=" not in plain
    assert "stylesheet" not in plain
    assert 'rel="icon" href="data:,"' in plain


def test_the_form_helps_password_managers(browser: Browser) -> None:
    text = browser.get("/login").text
    for part in ('type="tel"', 'autocomplete="username"', 'autocomplete="current-password"', 'value="1" checked'):
        assert part in text


def test_reading_a_public_page_leaves_no_cookie(browser: Browser) -> None:
    assert "Set-Cookie" not in browser.get("/nothing").headers
    assert "Set-Cookie" not in browser.get("/healthz").headers


def test_a_proxy_is_believed_only_where_it_is_named(make_app: Callable[..., Flask]) -> None:
    places = []
    for trusted in (0, 1):
        browser = Browser(make_app(trusted_proxies=trusted).test_client())
        browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = "10.9.8.7, 198.51.100.7"
        browser.log_in()
        text = browser.get("/me/devices").text
        places.append(("198.51.100.0/24" in text, "10.9.8.0/24" in text))
    assert places == [(False, False), (True, False)]


def test_when_too_many_log_in_the_next_are_told_at_once_and_pages_go_on(
    app: Flask, phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S23: checking passwords takes few threads. Where every place is taken nobody waits and nobody is counted."""
    turns = Turns(at_once=2, waiting=2, patience_s=60)
    monkeypatch.setattr(passwords, "_TURNS", turns)
    with ExitStack() as taken:
        for _ in range(4):
            assert turns._places.acquire(blocking=False)
            taken.callback(turns._places.release)
        for password in (PASSWORD, "battery staple"):
            answer = Browser(app.test_client()).log_in(password=password)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
            assert "Нажмите ещё раз чуть позже" in answer.text
            assert f'value="{OWN}"' in answer.text, "what was typed stays"
        k5.clock.forward(minutes=16)
        assert phone.get("/me").status_code == 200
        busy = phone.press(
            "/me/profile", "/me/profile/password", None, password=PASSWORD, new_password="another long one"
        )
        assert busy.status_code == 503
    assert Browser(app.test_client()).log_in().status_code == 303


def test_the_second_tap_on_the_button_of_the_log_in_goes_on(browser: Browser) -> None:
    """The first one is through and took the form's token with it: whoever is logged in is let on, and only to our own
    pages."""
    form = {"csrf_token": token_of(browser.get("/login")), "login": OWN, "password": PASSWORD, "remember": "1"}
    assert browser.post("/login", None, **form, next="/74951234567").headers["Location"] == "/74951234567"
    again = browser.post("/login", None, **form, next="/74951234567")
    assert (again.status_code, again.headers["Location"]) == (303, "/74951234567")
    assert browser.post("/login", None, **form, next="//evil.example").headers["Location"] == "/"


def test_a_stale_form_of_somebody_not_logged_in_asks_again(browser: Browser) -> None:
    answer = browser.post("/login", None, csrf_token="old", login=OWN, password=PASSWORD, remember="1")
    assert answer.status_code == 400
    assert "Страница была открыта давно. Нажмите ещё раз." in answer.text
