"""The words of the commands, in the language of the terminal."""

import os
import re
import shlex
from contextvars import ContextVar
from typing import Any

from services.words.texts import Texts, read_texts

HELP, FOLDER = "--help", "--data"
DATA: ContextVar[str | None] = ContextVar("data", default=None)
"""The data folder as this command was given it by `--data`."""

_COMMAND = re.compile(rf"`(chudan (?![^`]*({HELP}|{FOLDER}))[^`]+)`")
"""That has yet to be told where: a sentence may stand in another one."""


def language() -> str:
    """`zh-CN` where the terminal says so, else `en`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh-CN" if value.lower().startswith("zh") else "en"
    return "en"


def texts() -> Texts:
    """The catalogs of that language."""
    return read_texts(language())


def word(msgid: str, /, **params: Any) -> str:
    """The sentence of the catalogs, its gaps filled."""
    return pasteable(texts()(msgid, **params))


def pasteable(sentence: str) -> str:
    """The sentence with the data folder in each command that it names, where this one was told of
    another than the commands find by themselves."""
    data = DATA.get()
    if data is None:
        return sentence
    return _COMMAND.sub(lambda found: f"`{found[1]} {FOLDER} {shlex.quote(data)}`", sentence)
