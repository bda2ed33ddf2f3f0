"""Feedback of parties: slots that providers are issued, answers to the questionnaire, and what may be seen of them.

``questions``  what is asked, and answers held against it; pure
``tokens``     the secret of a slot, its hash and its link
``standing``   counts and scores, as officers and as the provider may see them; pure
``desk``       issues slots, takes answers, forgets tokens
``statements`` answers as statements of the kind feedback carry them, and back
``rules``      who may register which answers; ``spaces`` state keys, ``effects`` what follows, ``refusals``, ``book``
``reading``    what figures need: answers that count, and how slots were used
``wiring``     its place in the application

This file imports nothing.
"""
