"""The figures a second time: naive, slow, written from spec/kpi.md, to lay the product beside.

It works on a log of plain facts, a list of dicts `{"position", "recorded_at", "kind", …}` whose
kinds are told in tests/oracle/known.py; nothing here imports the product. `known.known` says what
was known by a position, `standing` where each person stood on a day, `groups` who is in a group,
`kpis` what that comes to, in fractions. The questions that the rules leave open:
tests/oracle/README.md.
"""
