"""The commands about the KPI scheme, and what-if questions, of a partner and of head office."""
