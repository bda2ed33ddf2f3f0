"""The case package and the brief: how a case travels from provider to provider (PROTOCOL §7).

``packing``     case and documents -> ZIP -> age file, streaming; no plaintext touches the disk
``unpacking``   age file -> checked -> a folder that appears whole or not at all
``brief``       the sealed summary that goes with an offer
``manifest``    the signed index: what is in the package, from whom, for whom
``archive``     the one accepted form of the ZIP inside
``names``       which file names may travel
``disclosure``  what may not: privileged items without consent, bank details, tax numbers
``worker``      does the work in a process of its own; ``running`` is the side of the caller

Nothing here serves HTTP or keeps SQL. This file imports nothing, so that each command loads only what
it uses.
"""
