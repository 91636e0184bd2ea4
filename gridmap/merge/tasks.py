"""Maps functions over independent tasks: here, in worker processes, or on a Dask cluster, with the same results."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gridmap import terms
from gridmap.errors import MergeError
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from multiprocessing.synchronize import Event

    Progress = Callable[[str, float], None]

Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD = 2
"""Tasks handed out for each worker, so that none waits and no more than these are in memory."""


class CancelledError(MergeError):
    """The person who started the work has stopped it."""


class Pool(Protocol):
    """Maps a function over tasks, which are fetched only when there is somebody to do them."""

    def __call__(
        self,
        function: Callable[[Task, Progress], Result],
        tasks: Iterable[Task],
        progress: Callable[[int, str, float], None],
        /,
    ) -> Generator[tuple[int, Result]]:
        """Give (number, result) of each task as it ends; ``progress`` gets (number, stage, share) and may raise to cancel."""


@contextmanager
def pool(*, workers: int = 1, scheduler: str | None = None) -> Iterator[Pool]:
    """Open what maps: this process, ``workers`` fresh processes, or the Dask cluster whose scheduler listens at ``scheduler``.

    When it closes, tasks not begun are dropped and running ones stop at their next report. Raises MergeError when the cluster
    cannot be reached or has no workers.
    """
    if scheduler is not None:
        with _cluster(scheduler) as mapped:
            yield mapped
    elif workers > 1:
        with _processes(workers) as mapped:
            yield mapped
    else:
        yield _here


def _here(
    function: Callable[[Task, Progress], Result], tasks: Iterable[Task], progress: Callable[[int, str, float], None], /
) -> Generator[tuple[int, Result]]:
    """Run tasks one after the other in this process."""
    for number, task in enumerate(tasks):

        def report(stage: str, share: float, number: int = number) -> None:
            progress(number, stage, share)

        yield number, function(task, report)


@contextmanager
def _processes(workers: int) -> Iterator[Pool]:
    context = multiprocessing.get_context("spawn")
    stop, news = context.Event(), context.Queue()
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(stop, news, terms.language()))

    def mapped(
        function: Callable[[Task, Progress], Result], tasks: Iterable[Task], progress: Callable[[int, str, float], None], /
    ) -> Generator[tuple[int, Result]]:
        waiting = enumerate(tasks)
        running: dict[Future[Result], int] = {}
        more = True
        try:
            while more or running:
                while more and len(running) < AHEAD * workers:
                    item = next(waiting, None)
                    if item is None:
                        more = False
                        break
                    running[executor.submit(_one, function, item[0], item[1])] = item[0]
                done, _ = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
                while not news.empty():
                    progress(*news.get())
                for future in done:
                    yield running.pop(future), future.result()
        except BrokenProcessPool as error:
            raise MergeError("A worker was lost, probably for want of memory; merge with fewer workers.") from error

    try:
        yield mapped
    finally:
        stop.set()
        executor.shutdown(wait=True, cancel_futures=True)


_stop: Event | None = None
_news: Any = None


def _begin(stop: Event, news: Any, language: str) -> None:  # noqa: ANN401 -- multiprocessing's queue has no public type
    global _stop, _news
    _stop, _news = stop, news
    terms.use(language)


def _one(function: Callable[[Any, Progress], Result], number: int, task: Any) -> Result:  # noqa: ANN401 -- any task
    def report(stage: str, share: float) -> None:
        if _stop is not None and _stop.is_set():
            raise CancelledError("The work was stopped.")
        _news.put((number, stage, share))

    return function(task, report)


@contextmanager
def _cluster(scheduler: str) -> Iterator[Pool]:
    """Open a Dask cluster. Only as many tasks are handed out as the workers can hold (two a thread)."""
    import distributed as dask  # noqa: PLC0415 -- half a second that only those with a cluster should pay

    distributed: Any = dask

    try:
        client = distributed.Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise MergeError("No Dask scheduler answers at {address}.", address=scheduler) from error

    def mapped(
        function: Callable[[Task, Progress], Result], tasks: Iterable[Task], progress: Callable[[int, str, float], None], /
    ) -> Generator[tuple[int, Result]]:
        threads = sum(client.nthreads().values())
        if threads == 0:
            raise MergeError("The Dask cluster at {address} has no workers.", address=scheduler)
        ended = distributed.as_completed(loop=client.loop)
        numbers: dict[str, int] = {}
        waiting = enumerate(tasks)

        def hand_out() -> None:
            for number, task in waiting:
                data = client.scatter(task, hash=False)
                future = client.submit(_far, function, data, pure=False)
                numbers[future.key] = number
                ended.add(future)
                break

        for _ in range(AHEAD * threads):
            hand_out()
        for future in ended:
            number = numbers.pop(future.key)
            try:
                result = future.result()
            except (distributed.KilledWorker, distributed.CancelledError) as error:
                raise MergeError("A worker was lost, probably for want of memory; give the workers more.") from error
            future.release()
            hand_out()
            progress(number, key("Streets"), 1.0)
            yield number, result

    with client:
        yield mapped


def _far(function: Callable[[Any, Progress], Result], task: Any) -> Result:  # noqa: ANN401 -- any task
    return function(task, _silent)


def _silent(_stage: str, _share: float) -> None:
    """Take a report that nobody can hear from a cluster's worker."""
