"""Every contender on every case, in turns.

A case is measured in several repetitions, in each of which all contenders run one
after the other: what disturbs the machine for a while disturbs all of them.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from cases import CASES, Case
from contenders import CONTENDERS, Memory
from neighbours import Neighbours

REPETITIONS = 3
_neighbours = Neighbours()
#: The one case that is prepared, with its contenders' actions by name.
_prepared: dict[Case, dict[str, Any]] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Order: case, repetition, contender."""
    quick = metafunc.config.getoption("--quick")
    turns = [
        pytest.param(case, turn, name, id=f"{case.id}-{turn}-{name}")
        for case in CASES
        if case.size.is_quick or not quick
        for turn in range(1 if quick else REPETITIONS)
        for name in CONTENDERS
    ]
    metafunc.parametrize(("case", "turn", "name"), turns)


def _action(case: Case, name: str, memory: Memory) -> Any:
    """Action of a contender, made once for all repetitions of a case."""
    if case not in _prepared:
        _prepared.clear()
        _prepared[case] = {}
    actions = _prepared[case]
    if name not in actions:
        actions[name] = CONTENDERS[name].prepare(case, memory)
        actions[name]()
    return actions[name]


# Numbers, not their quality, belong to the peers: JAX and torch may warn.
@pytest.mark.filterwarnings("default")
def test_fill(case: Case, turn: int, name: str, memory: Memory, benchmark: Any) -> None:
    reason = CONTENDERS[name].missing(case)
    if reason:
        pytest.skip(reason)
    action = _action(case, name, memory)
    benchmark.group = case.id
    time.sleep(case.size.pause)
    _neighbours.share()
    benchmark.extra_info.update(
        case=case.id,
        initializer=case.initializer,
        dtype=case.dtype,
        size=case.size.name,
        elements=case.size.elements,
        bytes=case.n_bytes,
        layout=case.layout,
        contender=name,
        turn=turn,
    )
    benchmark.pedantic(
        action,
        rounds=case.size.rounds,
        iterations=case.size.calls,
        warmup_rounds=1,
    )
    benchmark.extra_info["others"] = _neighbours.share()
