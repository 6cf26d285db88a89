"""Each kind of job has a name that stays, for rows name it, and says what a person may answer."""

from k5web.errors import LargePayment
from k5web.services.desk.job_kinds import KINDS


def test_a_statement_asks_about_a_large_sum_and_a_register_asks_nothing() -> None:
    assert {name: KINDS[name].asks for name in ("register", "statement")} == {
        "register": (),
        "statement": (LargePayment,),
    }
