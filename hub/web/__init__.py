"""The hub over HTTP: one route table, handlers of a few lines, middlewares with one job each.

Only this package knows status codes; ``problems`` maps every refusal to its response.
"""
