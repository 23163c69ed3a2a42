"""A batch on several computers, through dask.distributed: the same children, with the same limits, elsewhere.

The computers share a folder under one path; a worker starts the child, and the results lie in the shared folder until
the computer of the batch puts them in place. A worker that is lost costs a repetition on another one, as often as the
scheduler allows (``distributed.scheduler.allowed-failures``, 3); after that the row of the submission says so.
"""

import asyncio
import concurrent.futures
import contextlib
import importlib
import logging
import re
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any

from urbanform.batch.child import Outcome, Task
from urbanform.batch.words import BatchError, say
from urbanform.batch.worker import WANTED, Sign, Unfit, installed, review_on_worker, unfitness
from urbanform.wording import Words

_ADDRESS = re.compile(r"(tcp|tls)://([^\s:/@]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_REACH_S = 5
_LOOK_EVERY_S = 2.0
_ALONE_S = 60.0
_REPETITIONS = 2


def cluster(address: str) -> "Cluster":
    """The scheduler at an address, for :func:`urbanform.batch.run.run_batch`; to be closed after it.

    Parameters
    ----------
    address
        ``tcp://HOST:PORT`` of a ``dask scheduler``.

    Raises
    ------
    BatchError
        dask.distributed is not installed, the address is none or does not answer within seconds, or nobody works
        there.
    """
    if not _ADDRESS.fullmatch(address):
        raise BatchError(say("cluster-address", address=address))
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise BatchError(say("cluster-missing", why=str(error))) from error
    # What goes wrong on other computers stands in the rows; the library would write it to the console as well.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        found_kind = asyncio.run(_kind(distributed, address))
        if found_kind != "Scheduler":
            raise ValueError(found_kind)
        # Versions are compared by ourselves, and of what figures depend on.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = distributed.Client(address, timeout=_REACH_S, set_as_default=False)
    except Exception as error:  # What listens at an address may be anything, and answer anything.
        raise _unreachable(address, error) from error
    found = Cluster(client, address)
    if not found.jobs:
        found.close()
        raise BatchError(say("cluster-empty", address=address))
    return found


async def _kind(distributed: Any, address: str) -> str:
    """What a dask server at an address says that it is."""
    async with asyncio.timeout(_REACH_S):
        async with distributed.rpc(address, timeout=_REACH_S) as server:
            return str((await server.identity())["type"])


class Cluster:
    """Runs children on the workers of a scheduler; looks like an executor to a batch.

    Parameters
    ----------
    client
        A ``distributed.Client`` that is connected; closed with this.
    address
        Where its scheduler is, as the user is told.

    Attributes
    ----------
    jobs
        How many workers there were at the beginning.
    """

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address
        self._executor = client.get_executor(pure=False, retries=_REPETITIONS)
        self._waiting: set[concurrent.futures.Future[Outcome]] = set()
        self._sign: Sign | None = None
        self._closed = threading.Event()
        self.jobs = self._workers()
        threading.Thread(target=self._look_after, name="urbanform-cluster", daemon=True).start()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, function: Callable[[Task], Outcome], task: Task, /) -> "concurrent.futures.Future[Outcome]":
        """Run a task on a worker.

        The future has an outcome whatever happens to the workers, or is cancelled; it raises nothing.

        Raises
        ------
        BatchError
            With the first task: a worker does not see the folder, or has other versions or packs.
        OSError
            The work folder cannot be written to.
        """
        first = self._sign is None
        sign = self._sign or Sign(uuid.uuid4().hex, task.options.rules, installed(task.options.rules))
        task.work.mkdir(parents=True)
        (task.work / WANTED).write_text(sign.mark, encoding="ascii")
        if first:
            self._refuse_unfit(task, sign)
            self._sign = sign
        future: concurrent.futures.Future[Outcome] = concurrent.futures.Future()
        self._waiting.add(future)
        try:
            inner = self._executor.submit(review_on_worker, function, task, sign)
        except (OSError, RuntimeError, ValueError) as error:
            self._settle(future, _lost(_told(error)))
            return future
        inner.add_done_callback(partial(self._pass_on, future))
        future.add_done_callback(partial(_call_off, inner))
        return future

    def close(self) -> None:
        """Leave the scheduler; what still runs there ends when its work folder is removed."""
        self._closed.set()
        with contextlib.suppress(OSError, RuntimeError):
            self._client.close(timeout=_REACH_S)

    def _refuse_unfit(self, task: Task, sign: Sign) -> None:
        """Refuse the batch while nothing is done, rather than row by row."""
        faults: list[Words] = []
        try:
            told = self._client.run(unfitness, task.work, sign, on_error="return")
        except (OSError, RuntimeError, ValueError) as error:
            raise _unreachable(self._address, error) from error
        for worker, found in told.items():
            if isinstance(found, BaseException):
                faults.append(say("worker-unusable", host=worker, why=_told(found)))
            elif found is not None:
                faults.append(found)
        if faults:
            raise BatchError(dict.fromkeys(faults))

    def _pass_on(
        self, future: "concurrent.futures.Future[Outcome]", inner: "concurrent.futures.Future[Outcome]"
    ) -> None:
        """Hand the end of a task on a worker to the batch."""
        if inner.cancelled():
            self._settle(future, _lost("cancelled"))
            return
        error = inner.exception()
        if error is None:
            self._settle(future, inner.result())
        elif isinstance(error, Unfit):
            self._settle(future, Outcome(None, "worker", (error.fault,)))
        else:
            self._settle(future, _lost(_told(error)))

    def _settle(self, future: "concurrent.futures.Future[Outcome]", outcome: Outcome) -> None:
        """Give a future its outcome, once: whoever comes later is not heard."""
        self._waiting.discard(future)
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            future.set_result(outcome)

    def _workers(self) -> int:
        """How many workers there are; 0 where the scheduler does not answer."""
        try:
            return len(self._client.nthreads())
        except Exception:  # A client that has lost its scheduler raises what it happens to meet, at any moment.
            return 0

    def _look_after(self) -> None:
        """Give up what waits for workers where there have been none for a while; the scheduler would wait for ever."""
        seen = time.monotonic()
        while not self._closed.wait(_LOOK_EVERY_S):
            if self._workers():
                seen = time.monotonic()
            elif time.monotonic() - seen > _ALONE_S:
                for future in list(self._waiting):
                    self._settle(future, Outcome(None, "worker", (say("workers-gone", seconds=round(_ALONE_S)),)))


def _call_off(inner: "concurrent.futures.Future[Outcome]", future: "concurrent.futures.Future[Outcome]") -> None:
    """Call off on the scheduler what the batch has called off."""
    if future.cancelled():
        with contextlib.suppress(OSError, RuntimeError):
            inner.cancel()


def _unreachable(address: str, error: BaseException) -> BatchError:
    return BatchError(say("cluster-unreachable", address=address, seconds=_REACH_S, why=_told(error)))


def _lost(why: str) -> Outcome:
    return Outcome(None, "worker", (say("died-worker", why=why),))


def _told(error: BaseException) -> str:
    """The kind of an error and the beginning of what it says."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
