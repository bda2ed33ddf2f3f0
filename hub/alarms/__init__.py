"""Alarms: what a hub can't put right by itself, said once, kept until it is over, with the command that leads out.

``kinds`` is the closed list; ``register`` keeps what is raised in small files that are on disk when the call
returns; ``heads`` makes evidence of signed heads that contradict each other; ``witnesswatch`` listens to what
witnesses answer.
"""
