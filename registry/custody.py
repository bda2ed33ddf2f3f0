"""Custody of a case: who may register its award, and who may offer the case to another.

The first custodian is the member whose id stands in the case id. Custody moves by completed transfers,
which other packages judge; what they leave behind is the case's record in the state.
"""

from registry import state as spaces
from registry.state import StateView

__all__ = ["custodian_of"]


def custodian_of(case_id: str, state: StateView) -> str:
    """The actor that holds the case ``urn:odr:<member>:<uuid7>`` now.

    Raises:
        NotLoaded: when the case's record is not loaded.
    """
    record = state.get(spaces.case(case_id))
    return str(record["custodian"]) if record is not None else case_id.split(":")[2]
