"""Work on the processes of a dask cluster, which share a disk with this one.

A job is asked for by number. It writes what it makes into a `BlockStore` on the shared disk, and
hands back nothing: so a worker that dies loses the jobs that it had begun, which the scheduler
gives to another one; and when this process dies, the next one finds what was done in the store.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from gtmsim.errors import ClusterError, GtmsimError, Interrupted, SimulationError
from gtmsim.results.provenance import libraries, own_version
from gtmsim.simulation.runner import default_workers, interrupts_held_back

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECTION_SECONDS = 15.0
"""How long a scheduler may take to answer, and its first worker to be there."""

_LOCAL = re.compile(r"local(?::([1-9][0-9]{0,2}))?")
_LIKE_LOCAL = re.compile(r"\s*local\s*(:.*)?", re.IGNORECASE | re.DOTALL)
_MOST_NAMED = 3


class Job(Protocol):
    """Makes one block after the other and writes it; picklable."""

    def __call__(self, number: int, own: Any) -> None:
        """Make a block, from what is its own among the blocks."""


class Cluster:
    """A cluster whose workers have this gtmsim and see the store; see `connected`."""

    def __init__(self, client: "Client", address: str) -> None:
        self._client = client
        self._address = address

    def each(
        self,
        job: Job,
        blocks: Mapping[int, Any],
        done: Callable[[int], None],
        failed: Callable[[int, Exception], None] | None = None,
    ) -> None:
        """Do a job for every block.

        Parameters
        ----------
        job
            What to do; sent to a worker once.
        blocks
            By number what the job needs of its own for a block.
        done
            Called with the number of a block that was done, in any order.
        failed
            Called with the number of a block that failed, and why; the others go on. By default
            the first error ends everything.

        Raises
        ------
        Interrupted
            If the user pressed Ctrl-C.
        SimulationError
            If the cluster went away.
        """
        run = uuid4().hex  # names of tasks are never used twice: a cluster remembers results
        held = self._client.submit(_itself, job, key=f"gtmsim-job-{run}", pure=False)
        futures = {
            self._client.submit(_do, held, number, own, key=f"gtmsim-{run}-{number}"): number
            for number, own in blocks.items()
        }
        try:
            for future in self._finished(list(futures)):
                number, problem = futures[future], self._problem(future)
                if problem is None:
                    done(number)
                elif failed is None or isinstance(problem, ClusterError):
                    raise problem
                else:
                    failed(number, problem)
        except KeyboardInterrupt:
            raise Interrupted("Stopped") from None
        finally:
            with suppress(Exception):  # the cluster may be gone
                self._client.cancel([held, *futures])

    def _finished(self, futures: Sequence["Future"]) -> Iterator["Future"]:
        from distributed import as_completed  # noqa: PLC0415  only where there is a cluster

        yield from as_completed(futures)

    def _problem(self, future: "Future") -> Exception | None:
        """Return what a task failed with, in the project's own words; None if it did not."""
        if future.cancelled():
            return SimulationError(
                f"The cluster at {self._address} went away. What was done is kept: the same "
                "command goes on from there"
            )
        error = future.exception()
        if error is None or isinstance(error, GtmsimError):
            return error
        if type(error).__name__ == "KilledWorker":
            return SimulationError(
                "Workers died one after the other at the same block; is their memory too small?"
            )
        return error if isinstance(error, Exception) else SimulationError(repr(error))


def _itself(job: Job) -> Job:
    return job


def _do(job: Job, number: int, own: Any) -> None:
    job(number, own)


@contextmanager
def connected(address: str, folder: Path) -> Iterator[Cluster]:
    """Connect to a cluster, or start one of this machine's processes.

    Parameters
    ----------
    address
        Of a dask scheduler, such as ``tcp://10.0.0.1:8786``; or ``local`` for a process on each
        core of this machine, ``local:N`` for N.
    folder
        Exists, and every worker must see and write it under this path.

    Yields
    ------
    Cluster
        Whose workers have been checked.

    Raises
    ------
    ClusterError
        If dask is not installed, nobody answers at the address, there is no worker, or a worker
        has other versions or does not see the folder.
    """
    check_address(address)
    with ExitStack() as stack:
        client = stack.enter_context(_client(address))
        _check_workers(client, address, folder)
        yield Cluster(client, address)


def check_address(address: str) -> None:
    """Refuse what no cluster can be at, before anything is written or waited for.

    Raises
    ------
    ClusterError
        If the address is not valid, or dask is not installed.
    """
    if not address.strip():
        raise ClusterError("--cluster names no address; `local` takes the cores of this machine")
    if _LIKE_LOCAL.fullmatch(address) and not _LOCAL.fullmatch(address):
        raise ClusterError(
            "--cluster takes `local`, `local:N` with N processes from 1 to 999, or the address "
            f"of a dask scheduler such as tcp://10.0.0.1:8786; got {address!r}"
        )
    try:
        import distributed  # noqa: F401, PLC0415  only where there is a cluster
    except ImportError as error:
        raise ClusterError(
            f"--cluster needs dask, which cannot be imported ({error}): pip install gtmsim[cluster]"
        ) from error


@contextmanager
def _client(address: str) -> "Iterator[Client]":
    from distributed import Client  # noqa: PLC0415  only where there is a cluster

    with ExitStack() as stack:
        local = _LOCAL.fullmatch(address)
        if local:
            target: Any = stack.enter_context(_local_cluster(int(local[1] or default_workers())))
        else:
            target = address
        # In two steps: a client that could not connect must be closed, lest it holds up whatever
        # thread collects it.
        client = Client.__new__(Client)
        try:
            client.__init__(target, timeout=CONNECTION_SECONDS)
        except (OSError, ValueError) as error:
            with suppress(Exception):
                client.close()
            raise ClusterError(
                f"No dask scheduler answers at {address} ({_first_line(error)}). Is it running, "
                "and reachable from here? `--cluster local` takes the cores of this machine"
            ) from error
        stack.enter_context(client)
        yield client


@contextmanager
def _local_cluster(n: int) -> Iterator[Any]:
    from multiprocessing import resource_tracker  # noqa: PLC0415  only where there is a cluster

    from distributed import LocalCluster  # noqa: PLC0415

    # Ctrl-C is for this process, which then ends the others. Their mask is that of the thread that
    # starts them, and the tracker, once it starts, would lift it there.
    resource_tracker.ensure_running()
    with interrupts_held_back():
        cluster = LocalCluster(
            n_workers=n,
            threads_per_worker=1,
            processes=True,
            dashboard_address="localhost:0",  # any free port
            silence_logs=logging.CRITICAL,
        )
    with cluster:
        yield cluster


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


# --- workers ---------------------------------------------------------------------------------


@cache
def versions() -> str:
    """Versions that must be the same everywhere, lest numbers differ."""
    return f"gtmsim {own_version()}, {libraries()}"


def check_versions(wanted: str) -> None:
    """Raise a ClusterError where this process has other versions; for workers that come late."""
    if versions() != wanted:
        raise ClusterError(f"A worker has other versions: {_difference(wanted, versions())}")


_getting_ready = Lock()


def make_ready_once(make_ready: Callable[[], None]) -> None:
    """Make an engine ready on a worker, whose threads may ask for it at the same time."""
    with _getting_ready:
        make_ready()


def _probe() -> Callable[[str], Mapping[str, Any]]:
    """Return a function that travels to workers as a whole, for gtmsim may not be there."""

    def probe(token: str) -> Mapping[str, Any]:
        import os  # noqa: PLC0415
        import uuid  # noqa: PLC0415

        try:
            from gtmsim.simulation.cluster import versions  # noqa: PLC0415

            found = versions()
        except ImportError:
            found = ""
        trial = f"{token}-{uuid.uuid4().hex}"
        try:
            with open(trial, "x"):
                pass
            os.remove(trial)
            writes = True
        except OSError:
            writes = False
        return {"versions": found, "sees": os.path.exists(token), "writes": writes}

    return probe


def _check_workers(client: "Client", address: str, folder: Path) -> None:
    """Ask every worker what it has and sees."""
    _await_workers(client, address)
    token = folder.resolve() / f".cluster-{uuid4().hex}"
    token.touch()
    try:
        answers: Mapping[str, Any] = client.run(_probe(), str(token), on_error="return")
    finally:
        token.unlink(missing_ok=True)
    problems = {worker: _told(answer, folder) for worker, answer in answers.items()}
    wrong = [f"  {worker}: {text}" for worker, text in problems.items() if text]
    if wrong:
        more = [f"  and {len(wrong) - _MOST_NAMED} more"] if len(wrong) > _MOST_NAMED else []
        raise ClusterError("\n".join(["Workers cannot be used:", *wrong[:_MOST_NAMED], *more]))


def _await_workers(client: "Client", address: str) -> None:
    deadline = time.monotonic() + CONNECTION_SECONDS
    while not client.scheduler_info()["workers"]:
        if time.monotonic() > deadline:
            raise ClusterError(f"The scheduler at {address} has no workers; start some")
        time.sleep(0.1)


def _told(answer: Any, folder: Path) -> str:
    """Say what is wrong with a worker, from its answer."""
    if isinstance(answer, BaseException):
        return f"does not answer ({_first_line(answer)})"
    if not answer["versions"]:
        return "has no gtmsim; install there what is installed here"
    if answer["versions"] != versions():
        return f"has other versions: {_difference(versions(), answer['versions'])}"
    if not answer["sees"]:
        return f"does not see {folder.resolve()}; put --out on a disk that all machines share"
    return "" if answer["writes"] else f"cannot write into {folder.resolve()}"


def _difference(here: str, there: str) -> str:
    pairs = zip(there.split(", "), here.split(", "), strict=False)
    return ", ".join(f"{its} (here {mine})" for its, mine in pairs if its != mine)
