"""The exchange protocol: how a case moves from one provider to another (docs/reference/transfers.md).

Pure: no I/O and no clock. The hub decides with it what enters the log; a gateway follows the log with it.

``values``    what a transfer and a case are at one point of the log
``commands``  what the two sides and the hub say: offer, answer, dispatch, completion, withdrawal, evidence
``machine``   decide(transfer, case, command, at, facts) -> what follows, or a refusal
``gates``     what an offer must satisfy, depending on the stage of the case
``consents``  whether every party agreed
``evidence``  which evidence counts, and what is due when nobody answers in time
``refusals``  every judgement: its code, sentence, who must act, whether to retry

This file imports nothing.
"""
