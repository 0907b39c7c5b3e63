"""Benchmarks of the product beside its peers and limits, on one machine in the same minutes.

`python -m infra.bench [PART …] [--quick]`; each part is one module with a `run(bench)`.
"""
