"""Two plans are the same where every letter of their files is."""

from dataclasses import replace

from k5web.domain.prices.plan_version import PlanText

TEXT = PlanText("a.toml", "plan", "groups")


def test_the_digest_is_that_of_both_texts_and_not_of_the_name() -> None:
    assert replace(TEXT, file="b.toml").digest == TEXT.digest
    others = [replace(TEXT, plan="plan "), replace(TEXT, groups=""), PlanText("a.toml", "plang", "roups")]
    assert len({TEXT.digest, *(other.digest for other in others)}) == 4
