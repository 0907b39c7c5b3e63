"""The languages that people read, and the one of a request. Their sentences: services/words/."""

from collections.abc import Mapping
from types import MappingProxyType

LOCALES: Mapping[str, str] = MappingProxyType({"zh-CN": "zh_CN", "en": "en"})
"""Language tag -> Babel locale; the first is what everybody gets who does not choose."""

FIRST_LANGUAGE = next(iter(LOCALES))


def choose_language(chosen: str | None, accepted: str | None) -> str:
    """The language of a request: the one chosen before, else the first accepted one we speak.

    chosen: the cookie. accepted: the Accept-Language header, in the reader's order.
    """
    if chosen is not None and chosen in LOCALES:
        return chosen
    for part in (accepted or "").split(","):
        primary = part.split(";")[0].strip().lower().split("-")[0]
        for language in LOCALES:
            if primary == language.split("-")[0]:
                return language
    return FIRST_LANGUAGE
