"""Long work runs beside the pages, tells how far it is, and stops when asked, leaving nothing running."""

import threading

import pytest

from gridmap import access, terms
from gridmap.errors import AccessError, MergeError
from gridmap.web import guard, jobs, visitor


def ended(job):
    for thread in threading.enumerate():
        if thread.name == f"job-{job.name}":
            thread.join(10)
    return job


def test_work_gives_its_result_and_its_progress():
    def work(progress):
        progress("Clean", 0.5)
        return 42

    job = ended(jobs.Jobs().start("merge", work))
    assert (job.state, job.result, job.stage, job.share) == ("done", 42, "Clean", 0.5)


def test_a_reader_can_stop_the_work_at_its_next_report():
    begun, goes_on = threading.Event(), threading.Event()

    def work(progress):
        begun.set()
        goes_on.wait(10)
        progress("Overlay", 0.5)
        return "never"

    job = jobs.Jobs().start("merge", work)
    begun.wait(10)
    job.stop()
    assert job.stopping
    goes_on.set()
    assert ended(job).state == "stopped"
    assert job.result is None


def test_one_work_of_a_name_runs_at_a_time():
    gate = threading.Event()
    calls = []

    def work(progress):
        calls.append(1)
        gate.wait(10)

    registry = jobs.Jobs()
    first = registry.start("merge", work)
    assert registry.start("merge", work) is first
    gate.set()
    ended(first)
    assert calls == [1]


def test_a_known_error_keeps_its_sentence_and_an_unknown_one_says_where_to_look(caplog):
    def known(progress):
        raise MergeError("The layer {layer} has no grids.", layer="x")

    def unknown(progress):
        raise ZeroDivisionError

    registry = jobs.Jobs()
    assert ended(registry.start("a", known)).error.sentence("en") == "The layer x has no grids."
    assert "log" in ended(registry.start("b", unknown)).error.sentence("en")
    assert "ZeroDivisionError" in caplog.text


def test_progress_never_goes_back():
    def work(progress):
        progress("Clean", 0.6)
        progress("Overlay", 0.2)

    assert ended(jobs.Jobs().start("merge", work)).share == pytest.approx(0.6)


def test_an_ended_job_can_be_cleared_but_a_running_one_cannot():
    gate = threading.Event()
    registry = jobs.Jobs()
    job = registry.start("merge", lambda _: gate.wait(10))
    registry.forget("merge")
    assert registry.latest("merge") is job
    gate.set()
    ended(job)
    registry.forget("merge")
    assert registry.latest("merge") is None


def test_work_is_done_for_whoever_started_it_also_after_they_are_gone(monkeypatch):
    gate = threading.Event()
    mine = visitor.Visit(access.Actor("li", "leader", "990199001"))
    monkeypatch.setattr(visitor, "of", lambda *_, **__: mine)
    job = jobs.Jobs().start("a", lambda _: gate.wait(10) and guard.actor())
    monkeypatch.setattr(visitor, "of", lambda *_, **__: None)  # their browser is closed
    gate.set()
    assert ended(job).result == mine.actor
    with pytest.raises(AccessError):
        guard.actor()


def test_work_speaks_the_language_of_the_reader_who_started_it():
    before = terms.language()
    terms.use("zh")
    try:
        assert ended(jobs.Jobs().start("merge", lambda _: terms.language())).result == "zh"
    finally:
        terms.use(before)
