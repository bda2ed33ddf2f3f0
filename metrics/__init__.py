"""Indicators of quality: definitions, estimators, comparison, disclosure control and releases.

Pure: facts and a time go in, figures come out. Nothing is here yet; the package holds its place in the
import contracts.
"""
