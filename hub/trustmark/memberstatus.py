"""The status of a member as other sites get it: a JWS of the profile, signed by the hub's statement key.

::

    {"v":1,"network":"<digest>","member":"harbour-odr","name":"…","type":"provider","state":"accredited",
     "accreditation":{"status":"listed","scheme":"…","valid_from":"…","valid_to":"…","lapsed":false,
                      "digest":"…","index":9}|null,
     "size":12,"root":"<hex>","policy":{"digest":"…","index":0},"time":1790000000,"expires":1790000060}

It is an assertion of the hub about the log up to the checkpoint of ``size`` and ``root``, and good until
``expires`` (POSIX seconds), so that nobody shows what was taken away more than 60 seconds ago; an approval not
beyond ``valid_to``. An answer about the
past is signed too, but ``expires`` is its ``time``: it never counts as a current one.
"""

from dataclasses import dataclass

from hub.trustmark.standing import Standing
from signing.compose import sign_all
from signing.encoding import JSON, canonical
from signing.secretkeys import SigningKey

__all__ = ["MEMBER_STATUS_TYPE", "VALID_SECONDS", "Moment", "SignedStatus", "sign_member_status"]

MEMBER_STATUS_TYPE = "odr-member-status+jws"
VALID_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """What a status is about: checkpoint, policy (digest, index) then in force, time and expiry (POSIX seconds)."""

    size: int
    root: bytes
    policy: tuple[str, int]
    time: int
    expires: int


@dataclass(frozen=True, slots=True)
class SignedStatus:
    """A standing, the moment it is about, and the signed document."""

    standing: Standing
    moment: Moment
    document: bytes


def sign_member_status(network: str, standing: Standing, moment: Moment, key: SigningKey, now: int) -> SignedStatus:
    """Compose and sign the status of ``standing``.

    Args:
        network: the network's digest.
        standing: what is said.
        moment: what it is said about.
        key: the hub's statement key.
        now: POSIX seconds, the time of the signature.
    """
    digest, index = moment.policy
    payload: dict[str, JSON] = {
        "v": 1,
        "network": network,
        "member": standing.member,
        "name": standing.name,
        "type": standing.type,
        "state": standing.state,
        "accreditation": standing.accreditation,
        "size": moment.size,
        "root": moment.root.hex(),
        "policy": {"digest": digest, "index": index},
        "time": moment.time,
        "expires": moment.expires,
    }
    return SignedStatus(standing, moment, sign_all(canonical(payload), [(key, "hub")], now, MEMBER_STATUS_TYPE))
