"""Names by pinyin: surnames are read as surnames."""

import pytest

from domain.kernel.values import name_key, search_key
from projections.kernel.pinyin import SURNAMES, sort_key, spellings, syllables


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("曾国藩", "zeng1 guo2 fan1"),
        ("单田芳", "shan4 tian2 fang1"),
        ("仇英", "qiu2 ying1"),
        ("解缙", "xie4 jin4"),
        ("查良镛", "zha1 liang2 yong1"),
        ("区家麟", "ou1 jia1 lin2"),
        ("盖叫天", "ge3 jiao4 tian1"),
        ("欧阳修", "ou1 yang2 xiu1"),
        ("薄一波", "bo2 yi1 bo1"),
        ("卜学亮", "bu3 xue2 liang4"),
        ("乜文", "nie4 wen2"),
        ("贠文", "yun4 wen2"),
        ("尉迟恭", "yu4 chi2 gong1"),
        ("张 伟", "zhang1 wei3"),
        ("Ann Lee", "ann lee"),
    ],
)
def test_reads_a_name_with_its_surname_first(name: str, reading: str) -> None:
    assert " ".join(syllables(name)) == reading


def test_a_surname_is_one_only_at_the_head() -> None:
    assert syllables("王解")[1] != SURNAMES["解"]


def test_sorts_by_syllable_before_tone() -> None:
    names = ["李娜", "林海", "黎明", "刘洋", "李安"]
    assert sorted(names, key=sort_key) == ["黎明", "李安", "李娜", "林海", "刘洋"]


def test_people_of_one_reading_are_told_apart() -> None:
    assert sort_key("张伟") != sort_key("张玮")


def test_one_name_has_one_key_however_it_is_written() -> None:
    assert sort_key("阿依·古丽") == sort_key("阿依 • 古丽")
    assert sort_key("Ann Lee") == sort_key("ann lee")


def test_spells_what_is_typed() -> None:
    assert spellings("曾 小红") == "曾小红 zengxiaohong zxh"
    assert spellings("Ann Lee") == "annlee al"
    assert spellings("吕布") == "吕布 lvbu lubu lb"
    assert spellings("阿依古丽·买买提").split()[:2] == ["阿依古丽买买提", "ayigulimaimaiti"]
    assert spellings("𠮷野") == "𠮷野 jiye jy"


@pytest.mark.parametrize("dot", "·•‧∙⋅・･．.")
def test_a_name_is_found_whatever_dot_is_typed(dot: str) -> None:
    assert search_key(f"阿依古丽{dot}买买提") in spellings("阿依古丽·买买提")
    assert name_key(f"阿依古丽 {dot} 买买提") == name_key("阿依古丽·买买提")


def test_pinyin_with_dots_over_the_u_is_found() -> None:
    assert search_key("lü") in spellings("吕布")
    assert search_key("LV bu") in spellings("吕布")
