"""One tensor in a .npy file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from fastinit.destinations.durable import check_output, durable_file, write_at
from fastinit.destinations.flat_file import Placement, write_plans
from fastinit.dtypes import numpy_dtype
from fastinit.errors import DtypeError
from fastinit.plan import FillPlan

__all__ = ["write_npy"]


def _header(plan: FillPlan) -> bytes:
    """Header of a .npy file, by NumPy's own writer."""
    dtype = numpy_dtype(plan.dtype.name)
    if dtype.kind == "V":
        raise DtypeError(
            f"dtype {plan.dtype.name} for a .npy file",
            "the format knows NumPy's own dtypes only",
            "write a .safetensors file, or choose float16 or float32",
        )
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out,
        {
            "descr": np.lib.format.dtype_to_descr(dtype),
            "fortran_order": False,
            "shape": plan.shape,
        },
    )
    return out.getvalue()


def write_npy(
    path: Any,
    plan: FillPlan,
    *,
    threads: int | None = None,
    progress: Any = None,
    overwrite: bool = False,
) -> None:
    """Write one tensor to a .npy file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    plan : FillPlan
        The tensor.
    threads : int, optional
        Threads to use; no byte depends on it.
    progress : callable, optional
        Called with the number of elements done since the last call.
    overwrite : bool
        True to replace a file that is there.

    Raises
    ------
    DtypeError
        If the format does not know the dtype, such as bfloat16.
    OutputError
        If the file cannot be written; the path is untouched then.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from fastinit.api import make_plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_npy(Path(folder) / "w.npy", make_plan("ones", (2, 2)))
    ...     np.load(Path(folder) / "w.npy").sum()
    np.float32(4.0)
    """
    header = _header(plan)
    target = check_output(path, overwrite=overwrite)
    place = Placement(plan, len(header))
    with durable_file(target, place.end, overwrite=overwrite) as descriptor:
        write_at(descriptor, header, 0)
        write_plans(descriptor, [place], threads, progress)
