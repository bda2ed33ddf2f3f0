"""The signing desk: statements that wait for signatures.

``values`` is what a draft is, ``machine`` what may happen to it, ``requests`` what is asked for, ``checking`` whether
it holds, ``standing`` whose it is. These are pure. ``desk`` carries them out on the storage, ``registering`` hands what
everybody signed to the one door, ``wiring`` puts the parts into the application.

A draft is not logged and proves nothing. Its payload never changes under its id: whoever signs, signs what the first
signer saw, or the signature does not verify.
"""
