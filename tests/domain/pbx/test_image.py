"""What a switch is told of one organisation."""

from dataclasses import replace

from k5web.domain.pbx.image import BY_ID, KeptRule, OwnerFacts, image_of, shared_image
from k5web.domain.pbx.rule import Ring, Rule, Wait
from k5web.domain.pbx.switch_tables import SipLogin

PHONE, SECOND, BROWSER = (SipLogin(f"u8841-{n}", "0" * 32, "phone") for n in (1, 2, 3))
FACTS = OwnerFacts(
    8841,
    is_served=True,
    phone="79160000200",
    numbers=("74951110001", "78001110002"),
    people={1: "201", 2: "202"},
    logins=((PHONE, 1), (SECOND, 2), (BROWSER, None)),
    black=("79161234567",),
)
QUEUED = Rule({"start": Wait(("201", "202"), 60, "")})


def test_a_number_points_at_the_rule_of_its_owner() -> None:
    """D4: an 8-800 number is paid for by whom it belongs to."""
    entries = image_of(FACTS).entries
    version = entries["in/74951110001"].split("|")[1]
    assert entries["in/74951110001"] == f"8841|{version}|free|"
    assert entries["in/78001110002"] == f"8841|{version}|in|"
    assert entries[f"rule/{version}/start"] == "ring|u8841-1&u8841-2&u8841-3|25|out|out|out"
    assert entries["ext/8841/0"] == "u8841-1&u8841-2&u8841-3"
    assert (entries["ext/8841/201"], entries["ext/8841/202"]) == ("u8841-1", "u8841-2")
    assert entries["black/8841/79161234567"] == "1"
    assert "id/8841" not in entries


def test_each_number_has_its_own_rule() -> None:
    rules = {"74951110001": KeptRule(3, QUEUED), "78001110002": KeptRule(1, None)}
    image = image_of(replace(FACTS, rules=rules))
    assert image.entries["in/74951110001"].split("|")[1].startswith("8841r3x")
    assert image.entries["in/78001110002"].split("|")[1].startswith("8841r1x")
    assert [queue.members for queue in image.queues] == [("u8841-1", "u8841-2")]


def test_an_organisation_is_reached_by_its_id() -> None:
    """D6."""
    facts = replace(
        FACTS, is_organisation=True, numbers=(), rules={BY_ID: KeptRule(2, Rule({"start": Ring(("201",))}))}
    )
    entries = image_of(facts).entries
    version = entries["id/8841"].split("|")[1]
    assert entries["id/8841"] == f"8841|{version}|free|"
    assert entries[f"rule/{version}/start"] == "ring|u8841-1|25|||"
    assert shared_image("74952121562").entries["in/74952121562"] == "0|shared|free|"


def test_whoever_is_not_served_has_calls_refused_and_no_phones() -> None:
    image = image_of(replace(FACTS, is_served=False, is_recorded=True))
    assert image.logins == ()
    assert image.entries == {
        "in/74951110001": "8841|8841refused|free|",
        "in/78001110002": "8841|8841refused|free|",
        "rule/8841refused/start": "hang|21",
    }


def test_people_beyond_what_is_paid_for_are_not_there() -> None:
    """B7."""
    image = image_of(FACTS, most_people=1)
    assert image.logins == (PHONE, BROWSER)
    assert "ext/8841/202" not in image.entries
    assert image.entries["ext/8841/0"] == "u8841-1&u8841-3"


def test_a_recorded_organisation_says_so_at_each_number() -> None:
    assert image_of(replace(FACTS, is_recorded=True)).entries["in/74951110001"].endswith("|free|rec")


def test_equal_images_have_equal_versions_and_no_others() -> None:
    images = [
        image_of(FACTS),
        image_of(replace(FACTS, black=())),
        image_of(replace(FACTS, phone=None)),
        image_of(FACTS, 1),
        image_of(replace(FACTS, logins=((replace(PHONE, digest="1" * 32), 1), *FACTS.logins[1:]))),
        image_of(replace(FACTS, rules={"74951110001": KeptRule(3, QUEUED)})),
    ]
    assert image_of(FACTS).version == images[0].version
    assert len({image.version for image in images}) == len(images)
    assert all(0 < image.version < 2**63 for image in images)
