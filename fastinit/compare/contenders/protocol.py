"""What a contender is: a row of facts, and an engine that fills arrays its way."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from fastinit.compare.cases import Case
from fastinit.compare.memory import Memory

__all__ = [
    "FAILURES",
    "PARTS",
    "SEED",
    "Action",
    "Contender",
    "Engine",
    "Part",
    "failure",
]

#: What a library that is not ours may fail with: that is a reason, not a defect.
FAILURES = (
    ImportError,
    AttributeError,
    TypeError,
    ValueError,
    OSError,
    RuntimeError,
    ArithmeticError,
    MemoryError,
)
#: Fills once, and returns when the values are there.
Action = Callable[[], object]
#: How an array may be made; its bits should not depend on it.
Part = Literal["whole", "in order", "alone", "transposed"]
PARTS: tuple[Part, ...] = ("whole", "in order", "alone", "transposed")
SEED = 0
#: Eighths of the rows in the first of two parts: not a half, which might hide that
#: a library splits arrays there itself.
_FIRST_PART = 3


def failure(error: BaseException) -> str:
    """Words for what a library failed with.

    Parameters
    ----------
    error : BaseException
        One of `FAILURES`.

    Returns
    -------
    text : str
        One line.

    Examples
    --------
    >>> failure(RuntimeError("out of memory"))
    'it fails: RuntimeError: out of memory'
    """
    lines = str(error).strip().splitlines() or ["no further detail"]
    return f"it fails: {type(error).__name__}: {lines[0]}"


class Engine(ABC):
    """How one library fills arrays, in the way that its users would.

    An engine imports its library when it is used, never before. This class draws in
    parts as libraries do whose generators have a state.
    """

    #: Package that must be installed.
    package: str = ""

    def unavailable(self) -> str:
        """Reason why nothing of this engine can be measured here, or ''."""
        if importlib.util.find_spec(self.package) is None:
            return f"{self.package} is not installed"
        return ""

    def lacks(self, case: Case) -> str:  # noqa: ARG002
        """Reason why it cannot do a case, or ''.

        Parameters
        ----------
        case : Case
            What is to be done.
        """
        return ""

    @abstractmethod
    def array(self, case: Case, memory: Memory) -> Any:
        """Array that the engine fills, on the shared memory where it can.

        Parameters
        ----------
        case : Case
            Shape, dtype and layout.
        memory : Memory
            At least `case.reach` bytes.
        """

    @abstractmethod
    def start(self, case: Case) -> Any:
        """Generator at the start of its stream; None for libraries without.

        Parameters
        ----------
        case : Case
            Threads that it may use.
        """

    @abstractmethod
    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Action that fills an array.

        Parameters
        ----------
        case : Case
            The initializer; std and bound are those of its whole shape.
        generator : object
            Made by `start`.
        array : object
            Made by `array`, or a part of it.
        """

    @abstractmethod
    def values(self, array: Any) -> Any:
        """Values of an array in host memory.

        Parameters
        ----------
        array : object
            Made by `array` and filled.

        Returns
        -------
        values : numpy.ndarray
            In the logical order of the case.
        """

    def draw(self, case: Case, how: Part) -> Any:
        """Values of a whole array that is made in a given way.

        Parameters
        ----------
        case : Case
            Contiguous.
        how : Part
            'whole': in one call. 'in order': two calls of one generator. 'alone': each
            part as a worker would that has nothing else, the last one first.
            'transposed': in transposed storage.

        Returns
        -------
        values : numpy.ndarray or None
            None where the library cannot write such memory.
        """
        if how == "transposed":
            case = _transposed(case)
            if self.lacks(case):
                return None
        array = self.array(case, Memory(case.reach))
        cut = case.size.shape[0] * _FIRST_PART // 8
        parts = {"in order": [array[:cut], array[cut:]]}
        parts["alone"] = parts["in order"][::-1]
        generator = self.start(case)
        for part in parts.get(how, [array]):
            self.bind(case, generator, part)()
            if how == "alone":
                generator = self.start(case)
        return self.values(array)


def _transposed(case: Case) -> Case:
    return Case(
        case.initializer, case.dtype, case.size, case.threads, layout="transposed"
    )


@dataclass(frozen=True)
class Contender:
    """A row of the table of contenders.

    Attributes
    ----------
    name : str
        Name in results and on the command line.
    label : str
        Name in reports.
    library : str
        Module that its user imports.
    does : str
        What it runs.
    waits : str
        How a measurement knows that the values are there.
    threads : {'any', 'process', 'one'}
        Whether the number of threads can be chosen for a call, is fixed for the
        process, or is one.
    engine : Engine
        How it fills.
    device : {'cpu', 'gpu'}
        Where the array lies.
    is_roof : bool
        True for what only touches memory: the speed that no initializer can pass.
    settle : float
        Seconds after its last call in which its threads may still spin.
    environment : dict of str to str
        For a process of its own.
    """

    name: str
    label: str
    library: str
    does: str
    waits: str
    threads: Literal["any", "process", "one"]
    engine: Engine
    device: Literal["cpu", "gpu"] = "cpu"
    is_roof: bool = False
    settle: float = 0.0
    environment: dict[str, str] = field(default_factory=dict, hash=False)

    @functools.cached_property
    def reason(self) -> str:
        """Reason why it cannot run here at all, or ''.

        An installed library may be broken, or may have no device to run on.
        """
        try:
            return self.engine.unavailable() or self._import()
        except FAILURES as error:
            return failure(error)

    def _import(self) -> str:
        importlib.import_module(self.library)
        return ""

    def lacks(self, case: Case, default_threads: int) -> str:
        """Reason why a case cannot be measured here, or ''.

        Parameters
        ----------
        case : Case
            What is to be done.
        default_threads : int
            Threads of a process that was told nothing.

        Returns
        -------
        reason : str
            '' where it can.
        """
        if self.reason:
            return self.reason
        possible = {default_threads, *([1] if self.threads == "one" else [])}
        if self.threads != "any" and case.threads not in possible:
            has = "one thread" if self.threads == "one" else "threads of its process"
            return f"{self.label} uses {has}, whatever a call asks for"
        if self.device == "gpu" and (
            case.touch != "warm" or case.layout != "contiguous"
        ):
            return "device memory is compared warm and contiguous"
        if self.device == "gpu" and case.threads != default_threads:
            return "a device has no threads to choose"
        return self.engine.lacks(case)
