"""The history of the tables; ``hub.storage.schema`` runs it."""
