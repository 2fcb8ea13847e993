"""Write the page about the JSON of `fastinit bench` from its schema.

Run ``python docs/benchmarks/write_schema.py``; it writes schema.md beside this file. A
test compares the page with the schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

HEAD = """# The JSON of `fastinit bench`

`fastinit bench --json` and `--output FILE` write one document. Its schema, in JSON
Schema 2020-12, is `schema.json` of the package `fastinit.compare`; this page says the
same in words.

```python
import json
from importlib import resources

file = resources.files("fastinit.compare").joinpath("schema.json")
schema = json.loads(file.read_text())
```

Every field is there unless it is marked as optional. Times are in seconds, sizes in
bytes, shares between 0 and 1. Numbers are finite. Reading a file back (`--results`,
`--compare`), fastinit takes what was measured and computes the rest anew: `counts`,
`median`, `low`, `high`, `coverage`, `ns_per_element`, `gb_per_s`, `share_of_fill` and
`ratio_to_fastinit` are there for other programs.

A field that is added leaves `version` as it is; a change that makes an old reader wrong
raises it.
"""


def kind(entry: dict[str, Any]) -> str:
    """What a field holds, in a word or two."""
    if "$ref" in entry:
        name = entry["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "const" in entry:
        return f"`{json.dumps(entry['const'])}`"
    if "enum" in entry:
        return ", ".join(f"`{one}`" for one in entry["enum"])
    if entry["type"] == "array":
        return f"list of {kind(entry['items'])}"
    kinds = entry["type"] if isinstance(entry["type"], list) else [entry["type"]]
    return " or ".join(kinds)


def rows(
    part: dict[str, Any], parts: dict[str, Any], prefix: str = ""
) -> Iterator[str]:
    """Lines of a table for the fields of an object, those inside included."""
    for name, entry in part["properties"].items():
        path = f"{prefix}{name}"
        optional = name not in part.get("required", part["properties"])
        whole = parts.get(entry.get("$ref", "").rpartition("/")[2], {})
        text = entry.get("description") or whole["description"]
        mark = " Optional." if optional else ""
        yield f"| `{path}` | {kind(entry)} | {text}{mark} |"
        if entry.get("properties"):
            inner = {"properties": entry["properties"]}
            yield from rows(inner, parts, f"{path}.")


def page(schema: dict[str, Any]) -> str:
    """Whole page."""
    lines = [HEAD]
    parts = {"document": schema, **schema["$defs"]}
    for name, part in parts.items():
        lines += [f"## {name}", "", part["description"], ""]
        lines += ["| field | holds | |", "| --- | --- | --- |", *rows(part, parts), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write the page."""
    file = resources.files("fastinit.compare").joinpath("schema.json")
    schema = json.loads(file.read_text("utf-8"))
    Path(__file__).with_name("schema.md").write_text(page(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
