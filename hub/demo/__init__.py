"""``make demo``: the whole story on one machine, with real processes, then the forgeries that fail.

``__main__``   the command line
``story``      the chapters, from two officers' keys to a bundle that a court accepts
``forgeries``  attempts to deceive the court or the hub, each with the refusal that is expected
``forger``     a forger's own network, complete and consistent in itself
``attacks``    statements and bundles tampered with
``stage``      the temporary directory, the commands and the processes of the demonstration
``samples``    parties, profiles and the award's document, all invented
"""
