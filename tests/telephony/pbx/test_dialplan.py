"""What the dialplan repeats of K5's own tables is the same there."""

import re

from k5web.domain.calls.endings import LAST_WORDS
from k5web.telephony.simulator.dialplan import NO, YES
from tests.processes import ROOT

FOLDER = ROOT / "deploy" / "asterisk"
PAGE = 400  # lines


def test_the_last_words_of_carriers_are_those_of_k5() -> None:
    assert f"\nK5_LAST_WORDS = {LAST_WORDS}\n" in (FOLDER / "extensions.conf").read_text("utf-8")


def test_a_page_of_the_dialplan_is_a_page() -> None:
    for path in FOLDER.glob("extensions*.conf"):
        assert len(path.read_text("utf-8").splitlines()) <= PAGE, path.name


def test_the_simulated_switch_takes_the_same_answers() -> None:
    text = (FOLDER / "extensions_pbx.conf").read_text("utf-8")
    [shape] = re.findall(r'REGEX\("\^(.+)\$" ', text)
    assert re.sub(r"\((?!rec)|(?<!rec)\)", "", YES.pattern) == shape
    assert '"${K5_SAID:0:3}" = "' + NO + '"' in text


def test_no_answer_of_k5_is_run_as_dialplan_before_it_is_checked() -> None:
    """K5_SAID goes into a regular expression or a CUT of one part, never into an application of its own."""
    text = (FOLDER / "extensions_pbx.conf").read_text("utf-8")
    uses = [line for line in text.splitlines() if "${K5_SAID" in line or "K5_SAID," in line]
    assert uses
    safe = re.compile(
        r"REGEX\(|\$\{CUT\(K5_SAID,\||FILTER\(a-z_,\$\{K5_SAID:3:20\}\)|\"\$\{K5_SAID(:0:3)?\}\" = \"(no\|)?\""
    )
    assert [line for line in uses if not safe.search(line)] == []
