"""How a Chinese name sorts and is typed: by pinyin, surnames read as surnames."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module

from domain.kernel.values import name_key, search_key, tidy

_SURNAMES = """
    万俟 mo4 qi2, 尉迟 yu4 chi2, 单于 chan2 yu2, 长孙 zhang3 sun1, 澹台 tan2 tai2, 令狐 ling2 hu2,
    鲜于 xian1 yu2, 宰父 zai3 fu3, 贺兰 he4 lan2, 曾 zeng1, 单 shan4, 仇 qiu2, 解 xie4, 查 zha1,
    区 ou1, 盖 ge3, 任 ren2, 华 hua4, 朴 piao2, 缪 miao4, 乐 yue4, 翟 zhai2, 种 chong2, 秘 bi4,
    繁 po2, 黑 he4, 冼 xian3, 洗 xian3, 召 shao4, 折 she2, 佴 nai4, 覃 qin2, 燕 yan1, 宁 ning4,
    员 yun4, 祭 zhai4, 逄 pang2, 句 gou1, 牟 mou4, 隗 wei3, 尹 yin3, 石 shi2, 纪 ji3, 那 na1,
    哈 ha3, 晟 cheng2, 郇 xun2, 郗 xi1, 钭 tou3, 麴 qu1, 葛 ge3, 撒 sa4, 都 du1, 藏 zang1,
    薄 bo2, 卜 bu3, 乜 nie4, 贠 yun4, 𠮷 ji2,
    重 chong2, 车 che1, 相 xiang4, 应 ying1, 褚 chu3, 柏 bai3, 谌 chen2, 阚 kan4, 尉 wei4, 角 jue2
"""
SURNAMES = dict(entry.split(maxsplit=1) for entry in _SURNAMES.strip().split(","))
"""Where a character at the head of a name is not read as it is elsewhere; tones as digits."""


def syllables(name: str) -> list[str]:
    """The name's reading with tone digits (`zhang1`); words in other scripts stay words."""
    surname = next((name[:size] for size in (2, 1) if name[:size] in SURNAMES), "")
    read = SURNAMES[surname].split() if surname else []
    for word in name[len(surname) :].split():
        read += _read(word)
    return [syllable.lower() for syllable in read]


def _read(word: str) -> list[str]:
    # Its dictionary takes half a second to load, and most processes never read a name.
    pypinyin = import_module("pypinyin")
    read: list[str] = pypinyin.lazy_pinyin(
        word, style=pypinyin.Style.TONE3, neutral_tone_with_five=True
    )
    return read


@lru_cache(maxsize=4096)
def sort_key(name: str) -> str:
    """The sort key of a name, one for all ways to write it; it ends with the name as names are
    compared, which keeps homophones apart."""
    key = name_key(name)
    return " ".join((*syllables(key), key))


@lru_cache(maxsize=4096)
def spellings(name: str) -> str:
    """The texts by which a name is found: itself, its pinyin, its initials, by spaces.

    ü is typed as v, and by many as u.
    """
    tidied = tidy(name)
    plain = untoned(tidied)
    initials = "".join(search_key(syllable)[:1] for syllable in plain)
    read = search_key("".join(plain))
    return " ".join(dict.fromkeys((search_key(tidied), read, _with_u(plain), initials)))


@lru_cache(maxsize=4096)
def reading(name: str) -> str:
    """The name's pinyin as it is searched for: one for all names that are typed alike."""
    return search_key("".join(untoned(name)))


def search_words(name: str, number: str) -> str:
    """All that finds a thing with a name and a number or code, as it is searched for."""
    return f"{spellings(name)} {search_key(number)}"


def untoned(name: str) -> list[str]:
    """The name's reading without tones."""
    return [syllable.rstrip("12345") for syllable in syllables(name)]


def _with_u(plain: Sequence[str]) -> str:
    return search_key("".join(re.sub("^([ln])v", r"\1u", syllable) for syllable in plain))
