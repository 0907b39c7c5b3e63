"""Read models of cohorts and classes."""
