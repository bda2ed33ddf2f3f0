"""Procedural rules as data, and the clocks that count by them.

``profile``        states, transitions, actors and limits of a set of rules, read from a file
``clock``          a period in calendar days that stops, resumes and is extended
``apec-odr.json``  the APEC Model Procedural Rules, with articles; ``confirmed`` tells what was read in a
                   source that speaks of these rules from what was inferred

Numbers stand in the file and never in code, because a court may rely on them. This file imports nothing.
"""
