"""The newcomers' figures, exact: the facts of one newcomer, the scheme, the figures, their proof.

Only pure values and functions live here. Fractions stay whole numbers from the fold to the door;
`catalog/` declares the KPIs.
"""
