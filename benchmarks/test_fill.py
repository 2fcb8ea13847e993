"""Every contender on every case, in turns.

A case is measured in several repetitions, in each of which all contenders run one
after the other: what disturbs the machine for a while disturbs all of them.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import warm_cases

from fastinit.backends.threads import available_threads
from fastinit.compare.cases import Case, plain
from fastinit.compare.contenders import CONTENDERS
from fastinit.compare.memory import Memory
from fastinit.compare.neighbours import Neighbours

REPETITIONS = 3
#: Elements that a round should fill at least, so that it is long against the clock's
#: resolution, and that all rounds of a repetition may fill.
ROUND, TURN = 1 << 17, 1 << 28
_neighbours = Neighbours()
#: The one case that is prepared, with its contenders' actions by name.
_prepared: dict[Case, dict[str, Any]] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Order: case, repetition, contender."""
    repetitions = 1 if metafunc.config.getoption("--quick") else REPETITIONS
    turns = [
        pytest.param(case, turn, name, id=f"{case.id}-{turn}-{name}")
        for case in warm_cases(metafunc.config)
        for turn in range(repetitions)
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
        engine = CONTENDERS[name].engine
        array = engine.array(case, memory)
        actions[name] = engine.bind(case, engine.start(case), array)
        actions[name]()
    return actions[name]


# Numbers, not their quality, belong to the peers: JAX and torch may warn.
@pytest.mark.filterwarnings("default")
def test_fill(case: Case, turn: int, name: str, memory: Memory, benchmark: Any) -> None:
    row = CONTENDERS[name]
    reason = row.lacks(case, available_threads())
    if reason:
        pytest.skip(reason)
    action = _action(case, name, memory)
    benchmark.group = case.id
    time.sleep(max(one.settle for one in CONTENDERS.values()))
    _neighbours.share()
    benchmark.extra_info.update(plain(case), contender=name, turn=turn)
    benchmark.pedantic(
        action,
        rounds=min(50, max(3, TURN // case.size.elements // 16)),
        iterations=max(1, ROUND // case.size.elements),
        warmup_rounds=1,
    )
    benchmark.extra_info["others"] = _neighbours.share()
