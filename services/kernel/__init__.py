"""The base of all use cases: ports, the context of a command, the unit of work, permissions."""
