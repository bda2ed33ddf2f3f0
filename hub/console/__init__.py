"""The officers' console: how an officer comes in, what needs attention, and drafts that are prepared for the desk.

``sessions``   single-use links and the browser sessions that they open, in memory, bounded
``facts``      what the console knows of the network at one moment
``attention``  facts and a time -> what an officer is to do first, and why
``reading``    reads the facts, each kind in one bounded query
``fields``     what was typed into a form, and what is wrong with it
``preparing``  fields -> the body of a decision
``trial``      whether the rules would take a draft once everybody has signed it

No statement key is ever used here: the console prepares drafts, officers sign them at the desk.
"""
