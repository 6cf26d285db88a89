"""A file that staff hand in is worked on once, whoever is killed meanwhile. Promises: S26, R21."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from k5web.domain.desk.job import LEASE, MOST_ATTEMPTS, Job, JobState, JobWish
from k5web.errors import LargePayment, NotFound, Unavailable, WrongFile
from k5web.services.desk import jobs
from k5web.services.desk.job_kinds import JobKind, Progress
from k5web.services.ports import Ports
from tests.services.house import House

LONG = b"a line of many\n" * 40_000  # more than one part
ANNA = "staff:anna"


class Killed(BaseException):
    """The worker dies here: nothing after it runs."""


class Work:
    """A kind of job whose doings the test decides."""

    def __init__(self) -> None:
        self.troubles: list[BaseException] = []
        self.seen: list[tuple[str, bytes, Mapping[str, Any]]] = []

    def __call__(self, ports: Ports, job: Job, path: Path, progress: Progress) -> Mapping[str, Any]:
        progress("reading", 1, 4)
        self.seen.append((path.suffix, path.read_bytes(), job.options))
        if self.troubles:
            raise self.troubles.pop(0)
        progress("booking", 4, 4)
        return {"lines": 4}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """The only kind there is."""
    found = Work()
    monkeypatch.setattr(jobs, "KINDS", {"test": JobKind(found, asks=(LargePayment,))})
    return found


def hand_in(k5: House, form_key: str = "f1", content: bytes = LONG) -> Job:
    wish = JobWish("test", "день.csv", form_key, {"origin": "net"})
    return jobs.begin(k5.ports, ANNA, wish, BytesIO(content))


def test_a_job_is_done_once_with_its_whole_file_and_its_result_is_kept(k5: House, work: Work) -> None:
    job = hand_in(k5)
    assert (job.state, job.size) == (JobState.WAITING, len(LONG))
    assert (jobs.run_due(k5.ports), jobs.run_due(k5.ports)) == (1, 0)
    assert work.seen == [(".csv", LONG, {"origin": "net"})]
    ended = jobs.find(k5.ports, job.id)
    assert (ended.state, ended.result, ended.doing, ended.percent) == (JobState.DONE, {"lines": 4}, "booking", 100)
    assert ended.ended_at == k5.clock()
    assert jobs.page(k5.ports) == [ended]


def test_the_same_form_twice_makes_one_job(k5: House, work: Work) -> None:
    assert hand_in(k5).id == hand_in(k5, content=b"another file").id
    jobs.run_due(k5.ports)
    assert hand_in(k5).state is JobState.DONE
    assert len(work.seen) == 1


def test_a_file_that_is_not_believed_ends_the_job_with_the_reason(k5: House, work: Work) -> None:
    job = hand_in(k5)
    work.troubles = [WrongFile(file="день.csv", reason="the file is empty")]
    assert jobs.run_due(k5.ports) == 1
    refused = jobs.find(k5.ports, job.id)
    assert refused.state is JobState.REFUSED
    assert refused.result == {"code": "wrong_file", "words": "день.csv: the file is empty", "line": None, "facts": {}}


def test_a_job_that_asks_goes_on_when_a_person_says_it_is_right(k5: House, work: Work) -> None:
    job = hand_in(k5)
    work.troubles = [LargePayment(line=3, reason="large", amount="9.00", most="1.00")]
    jobs.run_due(k5.ports)
    assert jobs.find(k5.ports, job.id).state is JobState.ASKING
    assert jobs.run_due(k5.ports) == 0, "it waits for the person"
    assert jobs.say_right(k5.ports, job.id).options == {"origin": "net", "is_sure": True}
    assert jobs.say_right(k5.ports, job.id).state is JobState.WAITING
    assert jobs.run_due(k5.ports) == 1
    assert jobs.say_right(k5.ports, job.id).state is JobState.DONE, "too late to say anything"
    with pytest.raises(NotFound):
        jobs.say_right(k5.ports, job.id + 1)


def test_a_job_that_asks_can_be_given_up(k5: House, work: Work) -> None:
    job = hand_in(k5)
    work.troubles = [LargePayment(line=3, reason="large", amount="9.00", most="1.00")]
    jobs.run_due(k5.ports)
    jobs.give_up(k5.ports, job.id)
    assert jobs.find(k5.ports, job.id).state is JobState.REFUSED
    assert jobs.run_due(k5.ports) == 0


def test_a_killed_workers_job_is_taken_again_when_its_lease_has_run_out(k5: House, work: Work) -> None:
    job = hand_in(k5)
    work.troubles = [Killed()]
    with pytest.raises(Killed):
        jobs.run_due(k5.ports)
    assert (jobs.find(k5.ports, job.id).state, jobs.run_due(k5.ports)) == (JobState.RUNNING, 0)
    k5.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert jobs.run_due(k5.ports) == 1
    assert (jobs.find(k5.ports, job.id).state, jobs.find(k5.ports, job.id).attempts) == (JobState.DONE, 2)


def test_a_slow_worker_whose_job_another_took_writes_nothing(
    k5: House, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = hand_in(k5)

    def slow(ports: Ports, slow_job: Job, path: Path, progress: Progress) -> Mapping[str, Any]:
        k5.clock.forward(seconds=LEASE.total_seconds() + 1)
        monkeypatch.setattr(jobs, "KINDS", {"test": JobKind(work)})
        assert jobs.run_due(ports) == 1
        progress("booking", 1, 4)
        raise AssertionError("it had to stop here")

    monkeypatch.setattr(jobs, "KINDS", {"test": JobKind(slow)})
    assert jobs.run_due(k5.ports) == 0
    ended = jobs.find(k5.ports, job.id)
    assert (ended.state, ended.attempts, ended.result) == (JobState.DONE, 2, {"lines": 4})


@pytest.mark.parametrize("trouble", [Unavailable(), RuntimeError("a bug")])
def test_our_own_trouble_refuses_nothing_and_too_much_of_it_ends_the_job(
    k5: House, work: Work, trouble: Exception
) -> None:
    job = hand_in(k5)
    work.troubles = [trouble] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS):
        assert jobs.run_due(k5.ports) == 0
        assert jobs.find(k5.ports, job.id).state is JobState.RUNNING
        k5.clock.forward(seconds=LEASE.total_seconds() + 1)
    jobs.sweep(k5.ports)
    assert jobs.find(k5.ports, job.id).state is JobState.FAILED
    assert jobs.run_due(k5.ports) == 0


def test_what_nobody_answers_is_given_up_after_a_day(k5: House, work: Work) -> None:
    job = hand_in(k5)
    work.troubles = [LargePayment(line=3, reason="large", amount="9.00", most="1.00")]
    jobs.run_due(k5.ports)
    k5.clock.forward(hours=23)
    jobs.sweep(k5.ports)
    assert jobs.find(k5.ports, job.id).state is JobState.ASKING
    k5.clock.forward(hours=2)
    jobs.sweep(k5.ports)
    assert jobs.find(k5.ports, job.id).state is JobState.REFUSED


def test_no_job_is_not_found(k5: House) -> None:
    with pytest.raises(NotFound):
        jobs.find(k5.ports, 1)
