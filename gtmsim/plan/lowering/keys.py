"""Keys of streams and draws: made of names, never of positions."""

from typing import NamedTuple

import numpy as np

from gtmsim.draws.keys import check_collisions, name_key
from gtmsim.errors import CapacityError
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Keys, Purpose

KeyNames = tuple[tuple[str, ...], ...]


class StructureKeys(NamedTuple):
    """The key columns of ``Structure``, under its names."""

    purpose_key: Keys
    stream_key: Keys
    segment_key: Keys
    team_key: Keys
    round_key: Keys
    stage_key: Keys
    patience_key: Keys
    contract_key: Keys
    clock_key: Keys
    attempt_key: Keys
    work_key: Keys


class _KeyNames(NamedTuple):
    purpose: KeyNames
    stream: KeyNames
    segment: KeyNames
    team: KeyNames
    round: KeyNames
    stage: KeyNames
    patience: KeyNames
    contract: KeyNames
    clock: KeyNames
    attempt: KeyNames
    work: KeyNames

    @property
    def owners(self) -> KeyNames:
        """Of what has luck of its own."""
        return self.stream + self.segment + self.team + self.round

    @property
    def draws(self) -> KeyNames:
        """Of what is drawn for an owner."""
        named = self.stage + self.patience + self.contract + self.clock + self.attempt + self.work
        return self.purpose + named


def lower_keys(names: Names) -> StructureKeys:
    """Key every stream, segment, team and round, and every kind of draw.

    Raises
    ------
    CapacityError
        If two names share a key; one of them has to be renamed.
    """
    key_names = _key_names(names)
    _check(key_names)
    return StructureKeys(*(_keys(column) for column in key_names))


def _key_names(names: Names) -> _KeyNames:
    # A draw's name leaves its segment out, since the owner's key carries it.
    stages = [part.name for part in names.funnel]
    playbooks = [part.name for part in names.playbooks]
    return _KeyNames(
        purpose=tuple(("purpose", purpose.name.lower()) for purpose in Purpose),
        stream=tuple(stream.key_names for stream in names.streams),
        segment=_named("segment", names.segments),
        team=_named("team", names.teams),
        round=_named("round", names.rounds),
        stage=_named("stage", stages),
        patience=_named("patience", stages),
        contract=_named("contract", [part.name for part in names.contracts]),
        clock=_named("expansion_clock", playbooks),
        attempt=_named("expansion_attempt", playbooks),
        work=_named("expansion_work", playbooks),
    )


def _named(kind: str, names: tuple[str, ...] | list[str]) -> KeyNames:
    return tuple((kind, name) for name in names)


def _keys(key_names: KeyNames) -> Keys:
    return np.array([name_key(*parts) for parts in key_names], np.uint64)


def _check(key_names: _KeyNames) -> None:
    owners, draws = (
        {" ".join(parts): name_key(*parts) for parts in group}
        for group in (key_names.owners, key_names.draws)
    )
    try:
        check_collisions(owners, draws)
    except ValueError as error:
        raise CapacityError(str(error)) from error
