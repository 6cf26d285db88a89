"""Whatever a register, a statement or a job can turn out to be has its words in Russian."""

from flask import Flask

from k5web.domain.books.bill_check import BillFault
from k5web.domain.desk.job import JobState
from k5web.domain.money import rub
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.register_day import DIFFERENCES, DifferenceName, HowResolved, RegisterPair
from k5web.services.desk.job_kinds import KINDS
from k5web.web.desk import register_words as words


def test_everything_has_its_own_words(app: Flask) -> None:
    with app.test_request_context():
        said = [
            [words.kind_word(kind) for kind in KINDS],
            [words.state_word(state) for state in JobState],
            [words.verdict_word(verdict.value) for verdict in RegisterVerdict],
            [words.how_word(how) for how in HowResolved],
            [words.bill_fault(fault) for fault in BillFault],
            [words.what_to_do(pair_of(verdict)) for verdict in DIFFERENCES],
        ]
    for each in said:
        assert len(set(each)) == len(each)
        assert all(word and not word.isascii() for word in each)


def pair_of(verdict: RegisterVerdict) -> RegisterPair:
    return RegisterPair(DifferenceName("net:bank", "1", verdict), rub("1.00"), None, None)
