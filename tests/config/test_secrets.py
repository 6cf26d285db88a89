"""Where a secret is: in the file itself, in the environment, in a file of its own."""

from pathlib import Path

import pytest

from k5web.config.secrets import Secrets
from k5web.errors import WrongKey


def test_a_secret_is_found_where_the_text_leads(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("in a file\n")
    secrets = Secrets({"K5_KEPT": "in the environment"})
    given = ["env:K5_KEPT", f"file:{tmp_path}/kept", "plain"]
    assert secrets.resolve("secrets", given) == ["in the environment", "in a file", "plain"]


@pytest.mark.parametrize("word", ["env", "file", "", "https://t.k5.example"])
def test_a_text_that_leads_nowhere_is_itself(word: str) -> None:
    assert Secrets({}).found("title", word) == word


@pytest.mark.parametrize("text", ["env:K5_ABSENT", "env:", "file:/nowhere/kept"])
def test_what_is_not_there_is_named_by_its_key(text: str) -> None:
    with pytest.raises(WrongKey) as refused:
        Secrets({}).found("secret", text)
    assert refused.value.facts["key"] == "secret"
