"""The log: one order of entries, signed, cosigned, served, and proven.

``sequencer`` owns the order and writes; ``edge`` grows the tree's tiles; ``publication`` is what may be shown;
``cosigning`` asks witnesses and ``publisher`` keeps asking; ``reading`` serves checkpoint, tiles and entries,
``proofs`` and ``receipts`` prove, with the ``middles`` of tiles, and ``warming`` reads ahead for them; ``recovery``
decides at start whether to go on; ``fsck`` checks everything, ``rebuild`` folds the rule state anew.
"""
