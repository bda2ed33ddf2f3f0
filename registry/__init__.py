"""Rules of the register: who may say what, and what follows.

Pure decisions: no I/O and no clock; state, log index and entry time arrive as arguments. One
statement goes through three functions:

``rules.needs(statement)``
    names the state that deciding will probably read, so that a caller loads it in one go.
``rules.decide(statement, state, at)``
    returns a ``Decision`` (effects and what the log entry needs) or raises ``Refused`` (a judgement
    that stands) or ``NotLoaded`` (load these keys and call again).
``effects.apply(effect, state)``
    folds one effect into state. It cannot refuse, so stored effects rebuild the state for ever,
    whatever later rules say.

Modules: ``errors`` (refusals and their catalogue) · ``state`` · ``effects`` · ``rules`` (the table of
kinds) · ``statements`` (judgements every kind shares) · ``signers`` · ``rings`` (keys in the state) ·
``introductions`` (new keys) · ``logkeys`` · ``policies`` (genesis too) · ``members`` · ``keys`` ·
``neutrals`` · ``accreditations`` · ``custody`` · ``awards`` · ``reviews`` · ``judgement`` (questions about
what is recorded) · ``batch``. This file imports nothing.
"""
