"""What every aggregate stands on: the bases of aggregates and events, refusals, shared values."""
