"""Mapping files that come with the product."""
