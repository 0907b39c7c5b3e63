"""What every use case stands on: ports, the context of a command, the unit of work, permissions."""
