"""The commands about cohorts and classes."""
