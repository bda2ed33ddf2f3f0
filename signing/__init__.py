"""Cryptography, formats, log mathematics and verification: what a court reads before it trusts an award.

Nothing here does network I/O, reads a clock or imports another package of ours. The modules that
``odr-verify BUNDLE`` loads form the *reading set*, in this order:

``errors`` · ``encoding`` · ``keys`` · ``statement`` · ``keyring`` · ``authority`` · ``merkle`` · ``notes`` ·
``trust`` · ``bundle`` · ``replay`` · ``verification`` · ``cli``

Every verifying function returns the verified thing or raises; none returns a flag. This file imports
nothing, so that each program loads only what it uses.
"""
