"""Files as banks' programs really write them come to what a person reads in them. Promises: B13."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from k5web.domain.money import rub
from k5web.errors import WrongStatement
from k5web.services.bank.statement_import import import_statement
from k5web.services.bank.suspense import suspense
from tests.bank_samples import Sample, samples
from tests.services.house import House

FIRST_SUBSCRIBER = 100001  # of any new house
SAMPLES = samples(FIRST_SUBSCRIBER)


@pytest.fixture
def k5_of_november(k5: House) -> House:
    k5.clock.now = datetime(2026, 11, 28, 9, tzinfo=UTC)
    assert k5.caller.id == FIRST_SUBSCRIBER
    return k5


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_file_of_the_field_comes_to_what_a_person_reads_in_it(
    k5_of_november: House, tmp_path: Path, sample: Sample
) -> None:
    k5 = k5_of_november
    path = tmp_path / "statement"
    path.write_bytes(sample.content)
    for times in range(2):
        if sample.refused:
            with pytest.raises(WrongStatement, match=sample.refused):
                import_statement(k5.ports, path, sample.own)
            assert (k5.balance(), suspense(k5.ports).amount) == (rub("0.00"), rub("0.00"))
            continue
        done = import_statement(k5.ports, path, sample.own)
        assert bool(done.doubts) == sample.is_doubted
        assert done.doubtful.count == done.pending == 0
        assert (done.credited.count > 0) is (times == 0 and sample.credited != "0.00")
        assert (k5.balance(), suspense(k5.ports).amount) == (rub(sample.credited), rub(sample.suspended))
    k5.assert_sound()


def test_a_number_cut_by_a_piece_is_one_where_only_the_whole_is_an_account(
    k5_of_november: House, tmp_path: Path
) -> None:
    k5 = k5_of_november
    [plain] = [sample for sample in SAMPLES if sample.name == "purpose in pieces alone"]
    content = (
        plain.content.decode("cp1251").replace(f"счета {FIRST_SUBSCRIBER}.", "счета 100").replace("=Без НДС", "=001")
    )
    (tmp_path / "statement").write_bytes(content.encode("cp1251"))
    assert import_statement(k5.ports, tmp_path / "statement", plain.own).credited.count == 1
    assert k5.balance() == rub("100.00")
