"""Why an array does not follow its law, and which law an array might follow."""

from fastinit.conformance.diagnosis.candidates import Alternative
from fastinit.conformance.diagnosis.causes import find_causes
from fastinit.conformance.diagnosis.identify import Identification, identify

__all__ = ["Alternative", "Identification", "find_causes", "identify"]
