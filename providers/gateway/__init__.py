"""The gateway: what a provider, court, neutral or officer runs at their own site.

``home``        the gateway's directory: settings, key files, pinned policy, stored receipts
``keystore``    passphrases and key files on disk
``desk``        the signing desk: says in plain words what a draft makes its signer state, then signs it
``admissions``  drafts that introduce a member or a neutral
``awards``      drafts, registration and bundles of awards
``posting``     posts a complete draft and waits for a receipt that verifies
``online``      what commands do with a hub: fetch and verify the network, ask the directory, post
``exchange``    the service: cases leave and arrive
``localclient`` asks the running service
``commands``, ``award_commands``, ``case_commands``  the commands of ``odr-gateway``
"""
