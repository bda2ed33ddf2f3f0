"""A member's monitor: it follows the hub's log and says when something is not as it must be.

``head`` judges a checkpoint; ``reading`` reads the new entries and recomputes the root; ``ownership`` finds the entries
that concern the member; ``visit`` does all of it once and ``findings`` records what came out; ``store`` remembers the
last verified checkpoint and every alert; ``source`` asks the hub; ``watching`` visits again and again; ``page`` shows
it; ``commands`` is ``odr-gateway monitor``. ``alerts`` lists what there is to be told.
"""
