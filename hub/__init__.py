"""The service: application factory, settings, intake, log, storage, web pages, command line.

``app.create_app`` is the map of the running system, ``cli`` the operator's and the officers' program.
Inside the hub only ``storage`` knows rows and only ``web`` knows status codes.
"""
