"""The language of a request, one of those that people read (services/words/)."""

from functools import lru_cache

from services.words.texts import FIRST_LANGUAGE, LOCALES


@lru_cache
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
