"""Read results back: from a file of today or of an earlier version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastinit.compare.cases import Case, Size
from fastinit.compare.processes import ProcessFacts
from fastinit.compare.results import (
    FORMAT,
    FORMAT_VERSION,
    Entrant,
    Gap,
    Measurement,
    Results,
)
from fastinit.errors import FileFormatError, OutputError

__all__ = ["from_dict", "read_results"]


def read_results(path: Path) -> Results:
    """Results of an earlier run.

    Parameters
    ----------
    path : pathlib.Path
        JSON that `fastinit bench` wrote.

    Returns
    -------
    results : Results
        What it holds.

    Raises
    ------
    OutputError
        If the file cannot be read.
    FileFormatError
        If it holds anything else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _no_results(path, "it is no text in UTF-8") from error
    except OSError as error:
        raise OutputError(
            f"results {str(path)!r}",
            f"the system refused: {error.strerror or error}",
            "name a file that `fastinit bench --output FILE` wrote",
        ) from error
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _no_results(path, f"it is no JSON ({error})") from error
    is_ours = isinstance(data, dict) and data.get("format") == FORMAT
    if not is_ours or data.get("version") != FORMAT_VERSION:
        raise _no_results(path, "another program or version wrote it")
    try:
        return from_dict(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise _no_results(path, f"it does not follow the schema ({what})") from error


def _no_results(path: Path, reason: str) -> FileFormatError:
    return FileFormatError(
        f"results {str(path)!r}",
        f"they are JSON of format {FORMAT!r}, version {FORMAT_VERSION}, but {reason}",
        "measure with `fastinit bench --output FILE`",
    )


def from_dict(data: dict[str, Any]) -> Results:
    """Results from plain data.

    Parameters
    ----------
    data : dict
        As `Results.to_dict` makes it; what follows from the measurements is ignored.

    Returns
    -------
    results : Results
        Equal to what was written.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        If the data does not follow the schema.
    """
    return Results(
        created=str(data["created"]),
        seconds=float(data["seconds"]),
        command=str(data["command"]),
        machine=dict(data["machine"]),
        versions=dict(data["versions"]),
        settings=dict(data["settings"]),
        entrants=tuple(Entrant(**one) for one in data["contenders"]),
        measurements=tuple(_measurement(one) for one in data["measurements"]),
        gaps=tuple(
            Gap(_case(one["detail"]), str(one["contender"]), str(one["reason"]))
            for one in data["gaps"]
        ),
        processes=tuple(_facts(one) for one in data["processes"]),
    )


def _case(data: dict[str, Any]) -> Case:
    rows, columns = data["shape"]
    return Case(
        str(data["scheme"]),
        str(data["dtype"]),
        Size(str(data["size"]), (int(rows), int(columns))),
        int(data["threads"]),
        str(data["layout"]),
        str(data["touch"]),
    )


def _seconds(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _measurement(data: dict[str, Any]) -> Measurement:
    seconds = _seconds(data["seconds"])
    if not seconds or min(seconds) <= 0.0:
        msg = "seconds of a measurement are positive, and there is one at least"
        raise ValueError(msg)
    return Measurement(
        _case(data["case"]),
        str(data["contender"]),
        str(data["verdict"]),
        str(data["detail"]),
        seconds,
        int(data["calls"]),
        None if data["others"] is None else float(data["others"]),
    )


def _facts(data: dict[str, Any]) -> ProcessFacts:
    timed: dict[str, Any] = {
        name: _seconds(data[name])
        for name in (
            "import_seconds",
            "first_seconds",
            "cold_seconds",
            "process_seconds",
        )
    }
    rest = {name: value for name, value in data.items() if name not in timed}
    return ProcessFacts(**rest, **timed)
