"""Working days, deadlines and cadences."""
