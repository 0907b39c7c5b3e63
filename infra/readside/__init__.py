"""Keeping read models: projector, rebuild, time travel, stored series, verification, reactors."""
