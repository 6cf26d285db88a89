"""Places by the prefixes of their numbers, in Russian and English."""

import subprocess
import sys

import pytest

from k5web.domain.prices.places import place_names


@pytest.mark.parametrize(
    ("prefix", "named"),
    [
        ("7343", "ekaterinburg"),
        ("73432123456", "ekaterinburg"),  # a longer one by its beginning
        ("3592", "sofia"),
        ("78432", "республика татарстан"),
    ],
)
def test_a_prefix_has_the_names_of_its_place_in_small_letters(prefix: str, named: str) -> None:
    assert named in place_names(prefix)


@pytest.mark.parametrize("prefix", ["", "7", "9", "99631", "abc"])
def test_a_prefix_without_a_known_place_has_no_name(prefix: str) -> None:
    assert place_names(prefix) == frozenset()


@pytest.mark.parametrize(("prefix", "name"), [("7812", "санкт-петербург"), ("3742322", "аштарак, арагацотн")])
def test_names_carry_no_stress_and_no_mark_of_a_town(prefix: str, name: str) -> None:
    assert name in place_names(prefix)


def test_a_program_that_asks_for_no_place_does_not_carry_the_table() -> None:
    said = "import sys, k5web.cli; print('phonenumbers.geodata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
