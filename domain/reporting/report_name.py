"""The name under which a report is sent (S50): 日/周/月报-名字-年月日, as in 周报-杜玉璇-070718."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from domain.kernel.errors import Refusal
from domain.kernel.values import tidy

Sent = Literal["daily", "weekly", "monthly"]

WORDS: Mapping[Sent, str] = MappingProxyType({"daily": "日报", "weekly": "周报", "monthly": "月报"})
"""What the recipients sort by, in whatever language the sender reads."""


def report_name(report: Sent, name: str, on: date) -> str:
    """The name of a report. on: the day reported on if daily, else the day of sending.

    That day need not end a week: the source's own example is a Wednesday (T13). Refuses
    `name_missing`.
    """
    sender = tidy(name)
    if not sender:
        raise Refusal("name_missing", field="name")
    return f"{WORDS[report]}-{sender}-{on:%y%m%d}"
