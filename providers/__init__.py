"""What runs at the members' own sites: the hub client, the gateway, and the witness.

``client``   speaks HTTP to a hub; bounded, timed, and trusting nothing it gets
``network``  what a verified chain of policies says: keys, witnesses, quorum; checks receipts
``receipts`` one receipt, one statement with its receipt, and all that proves an award
``transfer`` the exchange protocol: the pure machine of a transfer and its evidence
``gateway``  files, commands and the signing desk of a provider, court, neutral or officer
``witness``  cosigns the hub's checkpoints
``cli``      the program ``odr-gateway``

Nothing here imports ``hub`` or ``registry``. This file imports nothing, so that each command loads only
what it uses.
"""
