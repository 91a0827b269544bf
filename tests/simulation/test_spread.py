"""A simulation in blocks on a store: what is damaged, left over or refused; workers are here."""

from contextlib import contextmanager
from pathlib import Path

import pytest

import gtmsim
from gtmsim.errors import ClusterError, Interrupted, ResultsError
from gtmsim.simulation import spread
from tests.cli.scenarios import tiny

HOW = {"draws": 6, "replications": 2, "engine": "simpy", "seed": 3, "months": 6}


class OneProcess:
    """Does jobs here; `most` says after how many it is stopped."""

    def __init__(self, most: int):
        self.most = most
        self.made: list[int] = []

    def each(self, job, blocks, done):
        for number, own in blocks.items():
            if len(self.made) == self.most:
                raise Interrupted("Ctrl-C")
            job(number, own)
            self.made.append(number)
            done(number)


@pytest.fixture
def scenario(tmp_path):
    return gtmsim.load_scenario(tiny(tmp_path))


@pytest.fixture
def run(scenario, tmp_path, monkeypatch):
    """Simulate into a folder and return the numbers of the blocks that were made."""

    def simulate(most: int = 99, **changes) -> list[int]:
        workers = OneProcess(most)

        @contextmanager
        def connected(address, folder):
            yield workers

        monkeypatch.setattr(spread, "connected", connected)
        how = {**HOW, "out": tmp_path / "r", "cluster": "tcp://here", **changes}
        gtmsim.simulate(scenario, **how).close()
        return workers.made

    pytest.importorskip("distributed")
    return simulate


def results(folder: Path) -> bytes:
    return (folder / "results.nc").read_bytes()


@pytest.mark.parametrize("file", ["segment/c/1/0/0/0/0/0", "done/c/1"])
def test_a_damaged_block_is_simulated_again(scenario, run, tmp_path, file):
    with pytest.raises(Interrupted, match="3 of 6 blocks are kept"):
        run(most=3)
    harmed = tmp_path / "r" / spread.STORE / file
    harmed.write_bytes(harmed.read_bytes()[:10])
    assert run() == [1, 3, 4, 5]
    gtmsim.simulate(scenario, **HOW, out=tmp_path / "alone").close()
    assert results(tmp_path / "r") == results(tmp_path / "alone")


def test_a_cluster_that_cannot_be_used_leaves_nothing_behind(scenario, tmp_path, monkeypatch):
    @contextmanager
    def connected(address, folder):
        raise ClusterError("nobody answers")
        yield

    monkeypatch.setattr(spread, "connected", connected)
    pytest.importorskip("distributed")
    with pytest.raises(ClusterError, match="nobody answers"):
        gtmsim.simulate(scenario, **HOW, out=tmp_path / "r", cluster="tcp://here")
    assert not (tmp_path / "r").exists()


def test_blocks_of_another_run_are_told_with_what_to_do(run, tmp_path):
    with pytest.raises(Interrupted):
        run(most=3)
    store = tmp_path / "r" / spread.STORE
    told = f"{store} holds blocks of another run that was stopped: draws is 6 there and 7 here"
    with pytest.raises(ResultsError, match=told) as refused:
        run(draws=7)
    text = str(refused.value)
    assert f"Give its command again to go on with it, or remove {store} to give it up" in text
    assert run() == [3, 4, 5]
