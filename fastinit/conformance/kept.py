"""Properties that are computed once.

`functools.cached_property` takes a lock before Python 3.12, one for all objects of a
class: checks on several threads would wait for one another, and a child that was forked
during a check of another thread would wait for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["kept_property"]

T = TypeVar("T")


class kept_property(Generic[T]):  # noqa: N801 - named as property is
    """Property whose first value stays with the object; two threads may compute it.

    Parameters
    ----------
    compute : callable
        compute(object) -> value.

    Examples
    --------
    >>> class Circle:
    ...     radius = 1.0
    ...     area = kept_property(lambda circle: 3.14 * circle.radius**2)
    >>> circle = Circle()
    >>> circle.area, vars(circle)
    (3.14, {'area': 3.14})
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, holder: None, owner: type) -> kept_property[T]: ...

    @overload
    def __get__(self, holder: object, owner: type) -> T: ...

    def __get__(self, holder: object | None, owner: type) -> T | kept_property[T]:
        if holder is None:
            return self
        # No data descriptor: from now on the value is found before this is asked.
        value: T = vars(holder).setdefault(self._name, self._compute(holder))
        return value
