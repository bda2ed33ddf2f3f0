"""The exchange on the log: where the register meets the transfer machine.

``registry`` knows who may sign and what stands in the log, ``providers.transfer`` knows how a case moves;
neither knows the other. Here a statement is judged by both, and what follows becomes effects.

``rules``   transfers and evidence
``events``  case events
``effects`` what they leave in the state
``spaces``  under which keys
``errors``  what is refused
``book``    the rulebook of these kinds

This file imports nothing.
"""
