"""Adapters, runners and wiring: the database, the log, the projector, jobs, files, servers.

May import services, projections and the domain; never the doors in api/.
"""
