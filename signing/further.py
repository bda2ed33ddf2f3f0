"""What ``odr-verify BUNDLE`` does beyond the bundle when it is asked to: ``--scan`` and ``--consistency``."""

import argparse

from .continuation import continued
from .errors import FormatError
from .scan import http_fetch, scanned
from .trust import TrustFile
from .verification import Report

__all__ = ["examined"]


def examined(report: Report, data: bytes, trust: TrustFile, options: argparse.Namespace) -> Report:
    """The report with the further steps that ``options`` ask for.

    Args:
        report: the report of the same bundle.
        data: the bundle's octets.
        trust: the trusted policy.
        options: ``scan`` (URL), ``consistency`` and ``proof`` (paths), each may be None.

    Raises:
        OSError: a file can't be read.
        FormatError: a proof of nothing.
    """
    fetch = http_fetch(options.scan) if options.scan else None
    if fetch is not None:
        report = scanned(report, data, trust, fetch)
    if options.consistency is None:
        if options.proof is not None:
            raise FormatError("proof_of_nothing", "--proof belongs to --consistency.")
        return report
    proof = options.proof.read_bytes() if options.proof else None
    return continued(report, data, trust, options.consistency.read_bytes(), proof, fetch)
