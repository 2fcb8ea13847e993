"""Generators: seeds for calls that name neither a seed nor a tensor."""

from __future__ import annotations

import itertools
import os
import secrets
from typing import Any, NamedTuple

from fastinit.errors import ArgumentError, ArgumentTypeError, shown
from fastinit.identity import check_name, check_seed

__all__ = ["Generator", "Identity", "check_identity", "manual_seed"]


class Generator:
    """A seed, and names for the tensors that come without one.

    Each call without a name gets the child name ``#0``, ``#1``, ...: unnamed
    tensors differ from each other and depend on the order of the calls, as with
    torch.Generator. Named tensors do not consume anything.

    Parameters
    ----------
    seed : int, optional
        In [0, 2^64); drawn from the operating system by default.

    Examples
    --------
    >>> generator = Generator(7)
    >>> generator.seed, generator.next_name(), generator.next_name()
    (7, '#0', '#1')
    """

    def __init__(self, seed: int | None = None) -> None:
        self._is_drawn = seed is None
        self._process = os.getpid()
        self._seed = secrets.randbits(64) if seed is None else check_seed(seed)
        self._calls = itertools.count()

    @property
    def seed(self) -> int:
        """Seed in [0, 2^64); a drawn one is drawn anew in a forked child."""
        if self._is_drawn and self._process != os.getpid():
            # Workers forked from one parent must not all make the same weights.
            self._seed, self._process = secrets.randbits(64), os.getpid()
        return self._seed

    def next_name(self) -> str:
        """Name of the next tensor that has none; safe on several threads.

        Returns
        -------
        name : str
            ``#0``, ``#1``, ...
        """
        return f"#{next(self._calls)}"

    def manual_seed(self, seed: int) -> Generator:
        """Set the seed and start the child names again, as torch.Generator does.

        Parameters
        ----------
        seed : int
            In [0, 2^64).

        Returns
        -------
        generator : Generator
            This object.
        """
        self._seed, self._is_drawn = check_seed(seed), False
        self._calls = itertools.count()
        return self

    def __repr__(self) -> str:
        return f"Generator({self.seed})"


_default = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the process-wide generator that serves calls without seed and generator.

    Parameters
    ----------
    seed : int
        In [0, 2^64).

    Returns
    -------
    generator : Generator
        The process-wide generator.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If `seed` is not an integer in [0, 2^64).

    Examples
    --------
    >>> manual_seed(0).seed
    0
    """
    return _default.manual_seed(seed)


class Identity(NamedTuple):
    """The identity that a call means, before a generator is asked for its part.

    Attributes
    ----------
    source : Generator or None
        Where the seed, and a missing name, come from; None where a seed was given.
    seed : int
        In [0, 2^64); 0 where there is a source.
    name : str or None
        Canonical name.
    """

    source: Generator | None
    seed: int
    name: str | None

    def take(self) -> tuple[int, str]:
        """Seed and name, the name from the source where none was given."""
        if self.source is None:
            return self.seed, self.name or ""
        name = self.source.next_name() if self.name is None else self.name
        return self.source.seed, name


def check_identity(generator: Any, seed: Any, name: Any) -> Identity:
    """Identity that a call means; nothing is taken from a generator yet.

    Parameters
    ----------
    generator : Generator or None
        Used where no seed is given.
    seed : int or None
        Excludes a generator; with it a missing name is ''.
    name : str or None
        Canonical name.

    Returns
    -------
    identity : Identity
        To `take` when all other arguments are known to be right, so that a call
        that raises does not use up a name.

    Raises
    ------
    ArgumentError
        If both a generator and a seed are given, or one is out of its range.
    ArgumentTypeError
        If an argument is of the wrong type.

    Examples
    --------
    >>> check_identity(None, 3, None).take()
    (3, '')
    """
    if name is not None:
        check_name(name)
    if seed is not None:
        if generator is not None:
            raise ArgumentError(
                f"both generator={shown(generator)} and seed={shown(seed)}",
                "a call takes one source of its seed",
                "leave out either generator or seed",
            )
        return Identity(None, check_seed(seed), name)
    source = _default if generator is None else generator
    if not isinstance(source, Generator):
        raise ArgumentTypeError(
            f"generator of type {type(source).__module__}.{type(source).__name__}",
            "generator is a fastinit.Generator or None",
            "pass fastinit.Generator(seed), e.g. of torch_generator.initial_seed()",
        )
    return Identity(source, 0, name)
