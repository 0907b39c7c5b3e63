"""Cohorts (批次) and their classes (培训班次)."""
