"""Run an initializer of another library, and judge what it drew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastinit.conformance import CheckResult, SectionsResult, check
from fastinit.dtypes import dtype_of
from fastinit.errors import ArgumentError, FastinitError, OutOfMemoryError
from fastinit.identity import check_seed
from fastinit.libraries.protocol import Call, Library
from fastinit.libraries.table import library_of
from fastinit.spec import Spec, as_spec
from fastinit.view import check_shape

__all__ = ["DEFAULT_SHAPE", "Drawing", "conform", "draw"]

#: 4 million elements: a std that is off by 0.3 % is found, in a second.
DEFAULT_SHAPE = (2048, 2048)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What an initializer of a library drew, and the law that it promises.

    Attributes
    ----------
    library : str
        Name of the library.
    version : str
        Its version; that of Keras with its backend.
    call : str
        The initializer with its arguments.
    values : array, of the shape that was asked for
        What it drew.
    spec : Spec
        The law to hold it against.
    """

    library: str
    version: str
    call: str
    values: Any
    spec: Spec

    @property
    def subject(self) -> str:
        """What was drawn, for texts."""
        return f"{self.call} of {self.library} {self.version}"


def draw(
    library: str,
    scheme: str,
    shape: Any = DEFAULT_SHAPE,
    *,
    dtype: Any = None,
    seed: int = 0,
    against: Spec | str | None = None,
    transposed: bool = False,
) -> Drawing:
    """Run an initializer of another library.

    Parameters
    ----------
    library : str
        As `conform` takes it, like all other parameters.
    scheme : str
        The library's own name of the initializer, with its own arguments.
    shape : int or sequence of int
        Shape of the array.
    dtype : dtype, optional
        Of the values.
    seed : int
        In [0, 2^64).
    against : Spec or str, optional
        Law in the place of the promised one.
    transposed : bool
        True to fill transposed memory.

    Returns
    -------
    drawing : Drawing
        Values, law and version.

    Raises
    ------
    FastinitError
        As `conform` does.

    Examples
    --------
    >>> drawing = draw("numpy", "uniform(low=-1)", (2, 3))
    >>> drawing.spec, drawing.values.shape
    (Spec('uniform(a=-1.0)'), (2, 3))
    """
    row = library_of(library)
    call, sizes = row.parse(scheme), check_shape(shape)
    kind = dtype_of(row.default_dtype if dtype is None else dtype)
    spec = row.promised(call, sizes, kind) if against is None else as_spec(against)
    # Fans that the shape lacks are refused before anything is drawn.
    spec.law(sizes, kind)
    if transposed and not row.fills_transposed:
        raise ArgumentError(
            f"transposed memory for {library}",
            "torch alone fills memory that it is given",
            "leave it out",
        )
    version = row.version()
    values = _drawn(row, call, (sizes, kind, check_seed(seed)), transposed)
    if dtype_of(values.dtype) is not kind:
        found = dtype_of(values.dtype).name
        raise ArgumentError(
            f"dtype {kind.name} for {call} of {library}",
            f"it draws {found}",
            f"choose dtype {found}",
        )
    return Drawing(library, version, str(call), values, spec)


def _drawn(row: Library, call: Call, what: Any, is_transposed: bool) -> Any:
    """Values that a library draws; what it raises itself is told as its refusal."""
    shape, kind, seed = what
    try:
        return row.draw(call, shape, kind, seed, is_transposed=is_transposed)
    except FastinitError:
        raise
    except MemoryError as error:
        raise OutOfMemoryError(
            f"{call} of {row.package}, shape {shape}, dtype {kind.name}",
            f"it must fit into the memory of this process ({error})",
            "choose a smaller shape",
        ) from error
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise ArgumentError(
            f"{call} of {row.package}, shape {shape}, dtype {kind.name}, seed {seed}",
            f"{row.package} refuses it ({type(error).__name__}: {reason})",
            "pass what it takes, or choose another dtype, shape or seed",
        ) from error


def conform(
    library: str,
    scheme: str,
    shape: Any = DEFAULT_SHAPE,
    *,
    dtype: Any = None,
    seed: int = 0,
    against: Spec | str | None = None,
    transposed: bool = False,
    alpha: float = 1e-6,
    margin: float = 0.1,
) -> CheckResult | SectionsResult:
    """Run an initializer of another library, and judge whether it keeps its promise.

    Parameters
    ----------
    library : {'torch', 'jax', 'keras', 'numpy', 'cupy'}
        Whose initializer; imported here.
    scheme : str
        Its own name in torch.nn.init, jax.nn.initializers, keras.initializers,
        numpy.random or cupy.random, with its own arguments as a `fastinit.Spec` is
        written: ``name`` or ``name(key=value, ...)``.
    shape : int or sequence of int
        Shape of the array, 2048 x 2048 by default; fans come from it, in the layout of
        the library.
    dtype : dtype, optional
        Of the values; float64 of NumPy and CuPy, float32 of the others by default.
    seed : int
        Of the library's generator, in [0, 2^64) as far as the library takes it.
    against : Spec or str, optional
        Law to hold the values against, in our terms; by default the one that the name
        promises (`fastinit.dialects`).
    transposed : bool
        True to have torch fill the transpose of contiguous memory.
    alpha : float
        Probability that a correct initializer is said to violate, in (0, 1).
    margin : float
        Tolerated relative error of the std, > 0.

    Returns
    -------
    result : CheckResult or SectionsResult
        As `fastinit.check` returns it.

    Raises
    ------
    MissingPackageError
        If the library is not installed.
    UnknownSchemeError
        If it has no such initializer, or one that draws no single elements.
    FastinitError
        If another argument is wrong, or the library refuses it.

    References
    ----------
    docs/defects.md.

    Examples
    --------
    >>> conform("numpy", "standard_normal", 10_000, dtype="float32").verdict
    'conforms'
    >>> conform("numpy", "normal(scale=2)", 10_000, against="normal").verdict
    'violates'
    """
    drawing = draw(
        library,
        scheme,
        shape,
        dtype=dtype,
        seed=seed,
        against=against,
        transposed=transposed,
    )
    return check(
        drawing.values,
        drawing.spec,
        alpha=alpha,
        margin=margin,
        subject=drawing.subject,
    )
