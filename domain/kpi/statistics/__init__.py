"""Estimates and distributions: forecast, curve of the first order, retention."""
