"""The words of the commands, in the language of the terminal."""

import os
from typing import Any

from services.words.texts import read_texts


def language() -> str:
    """`zh-CN` where the terminal says so, else `en`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh-CN" if value.lower().startswith("zh") else "en"
    return "en"


def word(msgid: str, /, **params: Any) -> str:
    """The sentence of the catalogs, its gaps filled."""
    return read_texts(language())(msgid, **params)
