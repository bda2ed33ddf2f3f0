"""Encrypted briefs and packages between two members: taken in piece by piece, handed out, deleted in time.

``uploads``        one upload from its announcement to the stored file
``creation``       what an announcement must satisfy: size, quota, space on disk
``files``          the octets on disk
``preconditions``  what a statement names must be here
``deletion``       what is deleted when, and the signed record of it
``errors``         what is refused

The hub holds ciphertext only. This file imports nothing.
"""
