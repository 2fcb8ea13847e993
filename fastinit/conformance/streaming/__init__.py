"""One pass over data of any size, and the small state that it leaves."""

from fastinit.conformance.streaming.measure import measure, merge
from fastinit.conformance.streaming.scan_plan import ScanPlan, in_units, plan_scan
from fastinit.conformance.streaming.sources import Source, open_source, read_values
from fastinit.conformance.streaming.state import StreamState

__all__ = [
    "ScanPlan",
    "Source",
    "StreamState",
    "in_units",
    "measure",
    "merge",
    "open_source",
    "plan_scan",
    "read_values",
]
