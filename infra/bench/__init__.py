"""What the product reaches, beside its peers and limits on the same machine in the same minutes.

`python -m infra.bench [PART …] [--quick]`; each part is one module with a `run(bench)`.
"""
