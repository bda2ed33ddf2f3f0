"""Figures about providers, from the case events that they reported.

``reading``    stored events -> the values that ``metrics`` computes with
``ledger``     every fact in memory as columns, kept up case by case
``exchange``   what the hub saw itself: transfers, packages, neutrals
``registered`` awards of the log, which facts are held against
``dataquality`` how well a provider reports, and where events and register disagree
``overview``   figures for a period and a reader, computed beside the event loop and kept while nothing new came
``turns``      whose turn it is to compute
``wiring``     opens both with the application
``errors``     the tree of errors

This file imports nothing.
"""
