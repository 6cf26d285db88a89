"""`k5 offer`: documents checked, published, listed with whether they say what was published."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import create_engine, text

from k5web import contracts

K5 = Callable[..., Result]
PAYEE = Path(contracts.__file__).parents[1] / "config/payee.toml"
OFFER = str(contracts.HERE / "offer.toml")


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"K5_PAYEE": str(PAYEE)}


def test_both_documents_of_k5_are_checked_and_published_once(k5: K5) -> None:
    checked = k5("offer", "check", OFFER, str(contracts.HERE / "terms.toml"))
    assert checked.exit_code == 0, checked.output
    assert "offer 1 is fine" in checked.output
    assert "nothing is published" in k5("offer", "list").output
    publishing = ("offer", "publish", OFFER, "--effective", "2026-12-01")
    assert "nothing was published" in k5(*publishing, "--dry-run").output
    done = k5(*publishing)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("offer 1 is in force from 2026-12-01, digest ")
    assert "nothing was written" in k5(*publishing).output
    assert k5("offer", "list").output.startswith("* offer    1 from 2026-12-01, by staff:")


def test_a_wrong_file_is_named_and_a_day_too_soon_is_refused(k5: K5, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("kind = 1")
    wrong = k5("offer", "check", str(tmp_path / "wrong.toml"), OFFER)
    assert wrong.exit_code == 1
    assert "kind must be offer or terms" in wrong.output
    assert "offer 1 is fine" in wrong.output
    assert k5("offer", "publish", OFFER, "--effective", "2026-12-01").exit_code == 0
    second = (
        Path(OFFER).read_text("utf-8").replace("number = 1", "number = 2").replace("worsens = false", "worsens = true")
    )
    (tmp_path / "second.toml").write_text(second, "utf-8")
    soon = k5("offer", "publish", str(tmp_path / "second.toml"), "--effective", "2026-12-10")
    assert soon.exit_code == 1
    assert "choose 2026-12-11 or later" in soon.output
    assert k5("offer", "publish", str(tmp_path / "second.toml"), "--effective", "2026-12-11").exit_code == 0


def test_a_document_that_was_changed_in_the_database_is_told(k5: K5, sqlite_url: str) -> None:
    assert k5("offer", "publish", OFFER, "--effective", "2026-12-01").exit_code == 0
    with create_engine(sqlite_url).begin() as owner:  # who owns the tables may take the guards away
        owner.execute(text("DROP TRIGGER contract_document_no_update"))
        owner.execute(text("UPDATE contract_document SET content = replace(content, '30 дней', '90 дней')"))
    listed = k5("offer", "list")
    assert listed.exit_code == 1
    assert "offer 1 does not say what was published" in listed.output


def test_without_the_operators_particulars_nothing_is_published(k5: K5, environ: dict[str, str]) -> None:
    del environ["K5_PAYEE"]
    refused = k5("offer", "publish", OFFER, "--effective", "2026-12-01")
    assert refused.exit_code == 1
    assert "K5_PAYEE" in refused.output


def test_a_subscribers_contract_is_shown(k5: K5, subscriber: int) -> None:
    assert k5("offer", "publish", OFFER, "--effective", "2026-12-01").exit_code == 0
    assert "contract:  offer 1, not accepted yet" in k5("subscriber", "show", str(subscriber)).output
    assert k5("subscriber", "credit", str(subscriber), "10.00", "--document", "1").exit_code == 0
    assert (
        "contract:  offer 1, accepted 2026-12-01 12:00:00 by payment"
        in k5("subscriber", "show", str(subscriber)).output
    )
