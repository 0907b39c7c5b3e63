"""The form that every statement of the product has, so that Citus takes it."""
