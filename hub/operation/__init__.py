"""How the hub is, told to its operator in one screen: ``odr-hub status`` and ``odr-hub alarms``.

``runningfile`` is what a running hub writes down about itself; ``condition`` collects everything, whether the hub runs
or not; ``screen`` puts it into words.
"""
