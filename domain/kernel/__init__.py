"""The base of all aggregates: the classes of aggregates and events, refusals, shared values."""
