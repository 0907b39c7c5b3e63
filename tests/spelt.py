"""Texts that several tests read."""

DAYS_BY_FOLDING = ["2026-06-1²", "2026-06-①", "2026-0⑥-12", "2026年㋅12日", "2026-06-𝟏2"]
"""Days that nobody wrote: the folding of compatibility forms makes their digits."""

NUMBERS_IN_OTHER_DIGITS = [
    *("HZ5²", "①", "六月⑩期", "½", "𝟓2", "E₁", "㉑班", "1³800007919", "a²@qq.com"),
    *("E١٢", "E१२", "E❶"),
]
"""Numbers, codes and contacts in digits that are no plain ones, if folded or not."""
