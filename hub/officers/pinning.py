"""The verification policy that an officer has pinned: what the hub's answers are held against."""

from collections.abc import Sequence
from pathlib import Path

from hub.errors import OfficerError
from providers.gateway.home import POLICY_NAME, read_policy
from signing.drafts import Draft
from signing.trust import TrustFile

__all__ = ["pinned_policy", "require_network"]


def pinned_policy(given: Path | None, keys: Sequence[Path] = ()) -> TrustFile:
    """The policy in the file ``given``; else the first found beside one of ``keys`` or in the current directory.

    Raises:
        OfficerError: ``no_policy``, when there is none in these places.
        GatewayError: the file can't be read, or is no verification policy.
    """
    places = [*(key.parent / POLICY_NAME for key in keys), Path(POLICY_NAME)]
    found = given or next((path for path in places if path.is_file()), None)
    if found is None:
        message = (
            f"Without a {POLICY_NAME} nothing that the hub says can be relied on. Get the file from the coordinator or "
            "another officer, never from the hub, then keep it beside your key or name it with --policy."
        )
        raise OfficerError("no_policy", message, POLICY_NAME)
    return read_policy(found)


def require_network(draft: Draft, trust: TrustFile) -> None:
    """Raise ``OfficerError`` (wrong_network) unless the draft belongs to the trusted network."""
    if draft.payload["network"] != trust.network:
        message = "The draft belongs to another network than the one you trust."
        raise OfficerError("wrong_network", message, "/network")
