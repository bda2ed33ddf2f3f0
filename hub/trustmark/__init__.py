"""The trust mark: what other sites may show of a member's accreditation, and how their visitors check it.

::

    directory > standing > memberstatus (signed, 60 s) > statuses (kept, bounded)
                                                        > badge (an image, unsigned)
    checking.js + widget.js + words.json + look.json + noble-ed25519 > script > hub/web/static/trust-mark.js

Modules: ``standing`` (what the log tells of somebody, in one word) · ``memberstatus`` (that, signed) · ``statuses``
(one for each member, checkpoint and ten seconds) · ``look`` (words, colours and shapes, which badge and script
share) · ``widths`` (how wide a text is) · ``badge`` (the SVG) · ``script`` (builds the script for other sites) ·
``reference`` (its page in the documentation) · ``wiring``. This file imports nothing.
"""
