"""The verification policy: the one thing that a verifier must already have (PROTOCOL §8).

::

    odr-policy/1
    network <digest of the genesis payload>
    policy <digest of the newest trusted policy> <its log index>
    <C2SP tlog-policy lines: log, witness, group, quorum>

It comes from the installation or from ``--policy``, never from a bundle.
"""

import re
from dataclasses import dataclass

from .errors import FormatError
from .witnesspolicy import WitnessPolicy, parse_witness_policy

_HEAD = re.compile(r"odr-policy/1\nnetwork ([0-9a-f]{64})\npolicy ([0-9a-f]{64}) (0|[1-9]\d{0,15})\n", re.ASCII)


@dataclass(frozen=True, slots=True)
class TrustFile:
    """A parsed verification policy; ``text`` holds its tlog-policy lines."""

    network: str
    policy: str
    index: int
    text: str

    @property
    def witnesses(self) -> WitnessPolicy:
        """Which log and which witnesses are trusted."""
        return parse_witness_policy(self.text)


def parse_trust(data: bytes) -> TrustFile:
    """Read a verification policy; its tlog-policy lines are checked too."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("bad_policy_file", "The verification policy is not UTF-8 text.") from None
    if (head := _HEAD.match(text)) is None:
        message = "A verification policy begins with odr-policy/1, network and policy."
        raise FormatError("bad_policy_file", message, "line 1")
    parse_witness_policy(text[head.end() :])
    return TrustFile(head[1], head[2], int(head[3]), text[head.end() :])
