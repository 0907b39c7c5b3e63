"""What a password must be, so that nobody guesses it: long, and more than what everybody tries."""

from collections.abc import Iterator
from typing import Final, Protocol

from domain.kernel.errors import Refusal

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1024
LEAST_OWN = 5
"""Characters that are left once all that is guessed first is taken away."""

_WORDS = """
    abc account admin administrator alibaba alipay aliyun apple baidu baobao baseball batman beijing
    change channel charlie cheese chelsea china chuangshi chudan computer daniel default dingding
    dingtalk dragon facebook flower football freedom google guest guangzhou hangzhou hello iloveyou
    internet jessica killer letmein liverpool login loveyou manager master michael mima monkey
    mustang mynameis nihao office orange pass passwd password pokemon princess qazwsx qudao root
    samsung secret shanghai shenzhen shadow starwars summer sunshine superman system taobao test
    tmall trustno user welcome whatever winter woaini woaiwo xiaomi xiexie yuanfang zhongguo
    1314 520 521 888 666 密码 口令 我爱你 管理员 渠道 出单 阿里巴巴 淘宝 中国 你好
"""
WORDS: Final = frozenset(_WORDS.split())
"""What common passwords are made of, in lower case."""

ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!@#$%^&*()",
)
"""Along these, in either direction, fingers walk."""

SHORTEST_WALK = 3
SHORTEST_NAME = 2
_YEARS = [str(year) for year in range(1940, 2060)]
_INSTEAD: Final = str.maketrans("013457@$!", "oleastasi")
"""Letters for which people write others."""

_WALKS = frozenset(
    way[at : at + SHORTEST_WALK]
    for row in ROWS
    for way in (row, row[::-1])
    for at in range(len(row) - SHORTEST_WALK + 1)
)


class Passwords(Protocol):
    """Hashes slowly, in a bounded number of threads. Refuses `too_busy` when too many wait, or
    several of one holder, whoever that is."""

    async def hash(self, password: str) -> str: ...

    async def matches(
        self, password_hash: str | None, password: str, holder: str | None = None
    ) -> bool:
        """Whether the password has this hash. None takes as long as a hash, and answers False."""


def require_password(password: str, *names: str) -> None:
    """names: what others know of whose it is: the mail's local part, the name, the partner's.

    Refuses `password_too_short` (least), `password_too_long` (most), `password_guessable`.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal("password_too_short", field="password", least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Refusal("password_too_long", field="password", most=LONGEST_PASSWORD)
    if _own(password, names) < LEAST_OWN:
        raise Refusal("password_guessable", field="password")


def _own(password: str, names: tuple[str, ...]) -> int:
    """How many different characters are in no word, name, year or walk."""
    lower = password.lower()
    known = {name.lower() for name in names if len(name) >= SHORTEST_NAME}
    guessed = set(_walked(lower))
    for text in (lower, lower.translate(_INSTEAD)):
        for word in {*WORDS, *_YEARS, *known}:
            for start in _places(text, word):
                guessed.update(range(start, start + len(word)))
    return len({one for at, one in enumerate(lower) if at not in guessed})


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _walked(text: str) -> Iterator[int]:
    """Where somebody walks along a row of the keyboard, or stays where they are."""
    for at in range(len(text) - SHORTEST_WALK + 1):
        step = text[at : at + SHORTEST_WALK]
        if step in _WALKS or len(set(step)) == 1:
            yield from range(at, at + SHORTEST_WALK)
