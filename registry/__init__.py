"""Rules of the register: who may say what, and what follows.

Pure decisions: no I/O and no clock; state, log index and entry time arrive as arguments. One
statement goes through three functions:

``Rulebook.needs(statement)``
    names the state that deciding will probably read, so that a caller loads it in one go.
``Rulebook.decide(statement, state, at)``
    returns a ``Decision`` (effects and what the log entry needs) or raises ``Refused`` (a judgement
    that stands) or ``NotLoaded`` (load these keys and call again).
``Rulebook.apply(effect, state)``
    folds one effect into state. It cannot refuse, so stored effects rebuild the state for ever,
    whatever later rules say.

``rules.REGISTRY`` is the rulebook of the kinds judged here; other packages join theirs to it.

Modules: ``errors`` (refusals and their catalogue) · ``state`` · ``effects`` · ``rulebook`` · ``rules`` (the
table of kinds) · ``statements`` (judgements every kind shares) · ``signers`` · ``rings`` (keys in the state) ·
``introductions`` (new keys) · ``logkeys`` · ``policies`` (genesis too) · ``members`` · ``profiles`` ·
``confusables`` (names that look alike) · ``keys`` · ``neutrals`` · ``accreditations`` · ``criteria`` (findings) ·
``procedure`` (from concern to removal) · ``references`` · ``custody`` · ``awards`` · ``reviews`` · ``judgement``
(questions about what is recorded) · ``batch``. This file imports nothing.
"""
