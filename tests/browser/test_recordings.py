"""Recordings on a small phone: listened to from any place, deleted after a question, with and without scripts. B7."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from k5web.domain.pbx.recording import Recording, SoundKind
from k5web.services.pbx import recordings
from k5web.storage.pbx import recording_rows
from tests.browser.conftest import House, Member, follow
from tests.browser.looks import assert_axe_finds_nothing, assert_fits

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}
TONE = (b"\x2a" * 8 + b"\xaa" * 8) * 2500  # five seconds
# Resolves to the length and the place that was sought, when the sound there begins to play
LISTEN = """async ([sound, place]) => {
    sound.preload = 'auto';
    await new Promise((done, failed) => {
        sound.onloadedmetadata = done; sound.onerror = () => failed(new Error(sound.error.message)); sound.load();
    });
    const sought = new Promise(done => { sound.onseeked = done; });
    sound.currentTime = place;
    await sought;
    sound.muted = true;
    await sound.play();
    return [Math.round(sound.duration), Math.round(sound.currentTime)];
}"""


@pytest.fixture
def member(house: House) -> Member:
    """Somebody with a recorded talk, whose file lies where the simulated switch would write it."""
    found = house.member("10.00")
    owner_id, uuid = found.subscriber.id, "k5-1796117400.1"
    [(switch, _tables)] = house.ports.switch_tables.items()
    folder = house.processes.settings.switches[0].directory
    assert folder is not None
    file = folder / "spool" / "recording" / f"rec-{owner_id}-{uuid}.alaw"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(TONE)
    now = house.ports.clock()
    talk = Recording(
        owner_id, switch, file.name, SoundKind.TALK, "", uuid, uuid, now, house.ports.today(), len(TONE), *[None] * 3
    )
    with house.ports.sessions.begin() as db:
        recording_rows.add(db, talk)
    return found


def kept(house: House, member: Member) -> int:
    return len(recordings.page(house.ports, member.subscriber.id, SoundKind.TALK).entries)


def test_a_talk_is_listened_to_from_any_place(
    house: House, member: Member, new_phone: Callable[..., BrowserContext]
) -> None:
    page = new_phone(viewport=SMALL).new_page()
    member.log_in(page, "/me/recordings")
    assert_fits(page)
    sound = page.locator("audio").element_handle()
    assert page.evaluate(LISTEN, [sound, 3]) == [5, 3]


def test_a_talk_is_deleted_after_a_question_without_scripts(
    house: House, member: Member, new_phone: Callable[..., BrowserContext]
) -> None:
    page = new_phone(java_script_enabled=False, viewport=SMALL).new_page()
    member.log_in(page, "/me")
    follow(page.get_by_role("link", name="Записи разговоров"))
    assert_fits(page)
    follow(page.get_by_role("link", name="Удалить"))
    assert_fits(page)
    follow(page.get_by_role("link", name="Не удалять"))
    assert kept(house, member) == 1
    follow(page.get_by_role("link", name="Удалить"))
    page.get_by_role("button", name="Удалить").click()
    expect(page.get_by_role("status")).to_contain_text("Запись удалена.")
    assert kept(house, member) == 0


@pytest.mark.parametrize("path", ["/me/recordings", "/me/hooks"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages(
    house: House, member: Member, new_phone: Callable[..., BrowserContext], path: str, scheme: str
) -> None:
    page = new_phone(viewport=SMALL, color_scheme=scheme).new_page()
    member.log_in(page, path)
    assert_fits(page)
    assert_axe_finds_nothing(page)
