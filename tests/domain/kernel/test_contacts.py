"""What is taken for a telephone number and for a mail address, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.contacts import IDENTITY, MAIL, PHONE, phone_key
from domain.kernel.errors import Refusal
from domain.kernel.values import bare_number


@pytest.mark.parametrize(
    "text",
    [
        *(
            "13800007919",
            "138 0000 7919",
            "138-0000-7919",
            "１３８００００７９１９",
            "'13800007919",
        ),
        *("+86 138 0000 7919", "+86-138-0000-7919", "(+86)13800007919", "008613800007919"),
        *("8888888", "88888888", "0571-88888888", "（0571）8888 8888", "0571—88888888"),
        *("0571-88888888-801", "0571-88888888转801", "0571-88888888 ext. 801", "88888888分机8001"),
        *("0571-88888888(801)", "88888888 转 801", "88888888#801", "400-820-8820"),
        *("13800007919/13900002468", "13800007919、0571-88888888", "13800007919；13900002468"),
        *("0571-88888888-8001", "0571-88888888(8001)", "010-20260518", "0086 571 88888888"),
        *("138000079190123", "2026518", "20261318", "0571-88888888-801/13800007919"),
        *("+1 (415) 555-2671", "+44 20 7946 0958", "\u202d13800007919\u202c", '="13800007919"'),
    ],
)
def test_what_people_write_for_a_phone_is_one(text: str) -> None:
    PHONE.check(text, "phone")


@pytest.mark.parametrize(
    "text",
    [
        *("12345", "110", "138", "没有", "无电话", "138****7919", "13800007919元", "1" * 19),
        *("13800007919/", "/13800007919", "13800007919/123", "a13800007919", "13800007919@qq.com"),
        *("0571--—--88888888", "13800007919转", "+", "2026-06"),
        *("110101199003070011", "11010119900307001X", "110101-19900307-0011", "1" * 16),
        *("110101 19900307 0011", "110101900307001", "13800007919/110101199003070011"),
        *("2026-05-18", "20260518", "2026.5.18", "18-05-2026", "2026-05-18/13800007919"),
        *("13800007919.0", "13800007919.00", "013800007919.0", "13800007919/13900002468.0"),
        *("13800007919\u206612", "138\u31640000\u31647919"),
    ],
)
def test_what_nobody_can_call_is_no_phone(text: str) -> None:
    with pytest.raises(Refusal, match="phone_unreadable"):
        PHONE.check(text, "phone")


@pytest.mark.parametrize(
    "text",
    [
        *("wang@partner.example", "Wang.Xiao-Ming+1@mail.partner.example", "123456@qq.com"),
        *("ｗａｎｇ＠ｑｑ．ｃｏｍ", " wang@qq.com\u200b", "'wang@qq.com", '="wang@qq.com"'),
        *("wa\u00adng@qq.com", "王@公司.中国", "o'neil_x@a-b.example"),
    ],
)
def test_what_people_write_for_a_mail_is_one(text: str) -> None:
    MAIL.check(text, "mail")


@pytest.mark.parametrize(
    "text",
    [
        *("x@@y", "x@@y.cn", "x@y", "wang", "@qq.com", "wang@", "wang@qq.", "wang@.com"),
        *("wang@qq..com", "wang xiao@qq.com", "wang@qq.com,li@qq.com", "wang@qq com", "无"),
        *("wa\u2066ng@qq.com", "wang\u3164@qq.com", "wang@q\u115fq.com", "wang@-qq.com"),
        *("wang@qq-.com", "-wang@qq.com", "''=wang@qq.com", "w" * 65 + "@qq.com"),
    ],
)
def test_what_nobody_can_write_to_is_no_mail(text: str) -> None:
    with pytest.raises(Refusal, match="email_invalid"):
        MAIL.check(text, "mail")


@pytest.mark.parametrize(
    "part",
    [
        *("1", "13800007919/", "0571-88888888-801/", "0571-88888888-801 ", "1-", "(0", "+(00"),
        *("110101-19900307-", "2026-05-18/", "2026 ", "8888888转1,", "8888888x1#1", ") ", "/ "),
    ],
)
def test_a_long_text_that_is_nearly_a_phone_is_refused_in_steps_as_many_as_its_signs(
    part: str,
) -> None:
    with pytest.raises(Refusal, match="phone_unreadable"):
        PHONE.check(part * 10_000 + "!", "phone")


@pytest.mark.parametrize("part", ["a", "a.", "-", "@", "a@", "a@b", "a@b.", ".b", "é-"])
def test_a_long_text_that_is_nearly_a_mail_is_refused_in_steps_as_many_as_its_signs(
    part: str,
) -> None:
    for text in (part * 10_000 + "!", "a@" + part * 10_000 + "!"):
        with pytest.raises(Refusal, match="email_invalid"):
            MAIL.check(text, "mail")


@pytest.mark.parametrize(
    ("one", "another", "is_same"),
    [
        ("13800007919", "+86 138-0000-7919", True),
        ("13800007919", "86-13800007919", True),
        ("13800007919", "(0086)138 0000 7919", True),
        ("86123456", "123456", False),
        ("13800007919/010-88888888", "(010)88888888、+8613800007919", True),
        ("13800007919/010-88888888", "13800007919", False),
        ("88888888(801)", "88888888801", False),
        ("88888888(801)", "88888888，转801", True),
        ("88888888 ext. 801; 13800007919", "13800007919,88888888X801", True),
        ("88888888-801", "88888888", False),
        ("021-88888888-801", "021-88888888 转801", True),
        ("86888888-8001", "86888888转8001", True),
        ("4008-208-820", "4008208820", True),
        ("138-0000-7919", "1380000 转 7919", False),
        ("+1 415 555 2671", "001-415-555-2671", True),
        ("+13800007919", "13800007919", False),
        ("0571(88888888)", "0571-88888888", True),
        ("44 668 18 00", "446681800", True),
        ("44-668-18-00", "446681800", True),
        ("2345678 90", "234567890", True),
        ("21 234 56 78", "212345678", True),
        ("2345-6789-01", "23456789转01", True),
        ("0571-88888888 801", "0571 88888888转801", True),
        ("13800007919 12", "138-0000-7919转12", True),
    ],
)
def test_phone_numbers_are_the_same_where_the_same_telephones_ring(
    one: str, another: str, *, is_same: bool
) -> None:
    assert (phone_key(one) == phone_key(another)) == is_same


DIGITS = st.text("0123456789", min_size=7, max_size=7)
GAPS = st.sampled_from(["", " ", "-", "–", "."])


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, str, str]:
    """The area, the number in it and the extension, as far as there are any."""
    first, area = draw(st.sampled_from("23456789")), draw(st.sampled_from(["", "10", "21", "571"]))
    if not area:
        first = draw(st.sampled_from(["1380", "1990", "400", "800"]))
    within = draw(st.sampled_from(["", "0", "01", "8", "801", "123456"]))
    return area, first + draw(DIGITS), within


@st.composite
def spelled(draw: st.DrawFn, number: tuple[str, str, str]) -> str:
    area, local, within = number
    country = draw(st.sampled_from(["", "+86", "0086", "(+86)", "+86 ", "0086-", "86 ", "(86)"]))
    country = draw(st.sampled_from([country, "86"])) if not area and local[0] == "1" else country
    trunk = draw(st.sampled_from(["", "0"])) if country else "0"
    head = f"{trunk}{area}{draw(GAPS)}" if area else ""
    if draw(st.booleans()) and area:
        head = f"({head})"
    called = draw(
        st.sampled_from(["转", " 转 ", "-转", "，转", "分机", " ext. ", "x", "#", "-", " -"])
    )
    behind = draw(st.sampled_from([f"{called}{within}", f"({within})"])) if within else ""
    return f"{country}{head}{local[:4]}{draw(GAPS)}{local[4:]}{behind}"


@given(st.lists(numbers(), min_size=1, max_size=2, unique=True), st.data())
def test_all_spellings_of_a_number_are_one_and_of_no_other(
    told: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    texts = [data.draw(spelled(number)) for number in (told[0], told[0], told[-1])]
    for text in texts:
        PHONE.check(text, "phone")
    one, same, last = map(phone_key, texts)
    assert one == same
    assert (one == last) == (len(told) == 1)


@pytest.mark.parametrize(
    ("number", "passes"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105 19491231 002X", True),
        ("１１０１０５１９４９１２３１００２Ｘ", True),
        ("110105194912310021", False),
        ("110105.19491231.0021", False),
        ("110105–1949_1231·0021", False),
        ("110105.19491231.002X", True),
        ("11010519491213002X", False),
        ("110105491231002", True),
        ("E12345678", True),
    ],
    ids=[
        "the standard's own",
        "a small letter",
        "spaced",
        "wide",
        "another last place",
        "another last place, set apart by points",
        "another last place, set apart by other marks",
        "set apart by points",
        "two places exchanged",
        "the old one of 15 places",
        "a passport",
    ],
)
def test_an_identity_card_of_18_places_has_the_check_digit_of_the_others(
    number: str, passes: bool
) -> None:
    assert IDENTITY.matches(bare_number(number)) is passes
