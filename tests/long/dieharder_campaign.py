"""The stream, its derivation and its values through dieharder 3.31.

    apt-get install dieharder
    nice -n 15 python tests/long/dieharder_campaign.py OUT.csv words seeds names \
        uniform normal     (5 to 10 minutes a feed, two cores)

The feeds are those of raw_bits.py. Each test starts its feed afresh, so every test
of the feed `seeds` sees the first blocks of the seeds 0, 1, 2, ... in this order, as
many as it takes (at least 2^20 but where a test needs fewer words).
Left out: the tests that dieharder itself calls suspect or not to be used (5, 6, 7,
14), the lagged sums of all but six lags, and for the feeds that hash a key for every
four words the tests that take most (`COSTLY`). The test of common
divisors (17) takes a tenth of its default samples. A line of OUT.csv is one p-value;
FEED:K starts at run K of the list, to go on after an interruption.
`--table OUT.csv` prints the summary of a file.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

FEED = Path(__file__).with_name("raw_bits.py")
#: Arguments of dieharder for each run.
RUNS = [
    *(["-d", str(d)] for d in (0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16)),
    ["-d", "17", "-t", "1000000"],
    *(["-d", str(d)] for d in (100, 101, 102)),
    *(["-d", "200", "-n", str(n)] for n in (1, 2, 4, 8)),
    *(["-d", "201", "-n", str(n)] for n in (2, 3, 4)),
    *(["-d", "202", "-n", str(n)] for n in (3, 4, 5)),
    *(["-d", "203", "-n", str(n)] for n in (0, 1, 2, 3, 7, 15)),
    *(["-d", str(d)] for d in (204, 205, 206, 207, 208, 209)),
]
#: Name, n-tuple, p-value, assessment.
COLUMNS = ["-D", "8", "-D", "16", "-D", "128", "-D", "256"]
#: Feeds that hash a key for every 16 bytes, and tests that would take them hours.
SLOW = {"seeds", "names", "keys"}
COSTLY = {"13", "16", "17", "203", "205", "207", "208", "209"}


def run(feed: str, arguments: list[str]) -> list[list[str]]:
    """P-values of one test on one feed: rows of name, n-tuple, p, assessment."""
    source = subprocess.Popen([sys.executable, FEED, feed], stdout=subprocess.PIPE)
    done = subprocess.run(
        ["dieharder", "-g", "200", *COLUMNS, "-c", ",", *arguments],
        stdin=source.stdout,
        capture_output=True,
        text=True,
        check=True,
    )
    assert source.stdout is not None
    source.stdout.close()
    source.wait()
    return [
        [cell.strip() for cell in line.split(",")]
        for line in done.stdout.splitlines()
        if line.count(",") == 3
    ]


def table(path: Path) -> None:
    """Per feed: number of p-values, weak and failed ones, extremes, uniformity."""
    values: dict[str, list[float]] = defaultdict(list)
    labels: dict[str, list[str]] = defaultdict(list)
    with path.open(newline="") as lines:
        for feed, test, ntuple, p, _ in csv.reader(lines):
            values[feed].append(float(p))
            labels[feed].append(f"{test} {ntuple}: {p}")
    say("| feed | p-values | weak | failed | expected weak | smallest | largest | KS |")
    say("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for feed, found in values.items():
        p = np.array(found)
        ends = np.minimum(p, 1.0 - p)
        failed = int((ends < 1e-6).sum())
        weak = int((ends < 0.005).sum()) - failed
        low, high = labels[feed][int(p.argmin())], labels[feed][int(p.argmax())]
        uniform = stats.kstest(p, "uniform").pvalue
        say(
            f"| {feed} | {len(p)} | {weak} | {failed} | {0.01 * len(p):.1f} |"
            f" {low} | {high} | {uniform:.3f} |"
        )


def say(text: Any) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Run every test on every feed that is asked for."""
    if sys.argv[1] == "--table":
        table(Path(sys.argv[2]))
        return
    with Path(sys.argv[1]).open("a", newline="") as lines:
        writer = csv.writer(lines)
        for asked in sys.argv[2:]:
            feed, _, start = asked.partition(":")
            for arguments in RUNS[int(start or 0) :]:
                if feed in SLOW and arguments[1] in COSTLY:
                    continue
                writer.writerows([feed, *row] for row in run(feed, arguments))
                lines.flush()


if __name__ == "__main__":
    main()
