"""Facts and decisions, and nothing else: aggregates, their events, values, refusals, KPIs.

Pure: no I/O, no clock, no context variable. Time, actor and tenant come in as arguments.
May import the standard library, eventsourcing and msgspec.
"""
