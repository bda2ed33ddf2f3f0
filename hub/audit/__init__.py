"""The parts of ``odr-hub fsck``, one for each thing that is stored; each says what is not as it must be.

``findings``     what is told
``entries``      entries with everything that stands beside them; the rule state folded on the way
``tree``         hash tiles, grown again from the entries
``checkpoints``  what was signed, by the log and by its witnesses
``followed``     what every table that follows the log is checked for
``directory``    versions of members and neutrals, made again
``following``    transfers, inboxes and case events, projected again
``packages``     uploads, packages and deletions against files and signed records

``hub.log.fsck`` walks the log once and hands each piece to all of them. This file imports nothing.
"""
