"""Rules on the product's source as a whole: circles, copies, names, sizes.

A rule that does not hold everywhere yet has its exceptions in `known/`, which may only shrink.
"""
