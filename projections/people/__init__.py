"""Read models of people and departments: who is of a partner, and where they belong."""
