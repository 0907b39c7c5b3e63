"""What commands are given of texts, phones, mails and numbers, as people write them."""

from decimal import Decimal, localcontext

import pytest

from domain.kernel.errors import Refusal
from services.kernel.fields import MAIL, NAMED, PHONE, PLAIN, STRIPPED, TIDIED, Cleaned

UNSEEN = ["", " ", "\u3000 \u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\n\t\u200f"]


@pytest.mark.parametrize("mark", [STRIPPED, TIDIED], ids=["prose", "name"])
@pytest.mark.parametrize("text", UNSEEN)
def test_a_text_of_nothing_that_can_be_seen_is_none(mark: Cleaned, text: str) -> None:
    assert mark.by(text) == ""


@pytest.mark.parametrize("mark", [STRIPPED, TIDIED], ids=["prose", "name"])
def test_an_invisible_sign_within_a_text_stays(mark: Cleaned) -> None:
    person = "\U0001f469\u200d\U0001f4bc"
    assert mark.by(f" {person} ") == person


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        *(("周敏", "周敏"), ("周\u3000敏", "周敏"), (" 周  敏 ", "周敏"), ("周\u200b敏", "周敏")),
        *(("Li  Wei", "Li Wei"), ("Ｌｉ Wei", "Li Wei"), ("李 Wei", "李 Wei")),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
    ],
)
def test_one_manager_is_written_in_one_way(written: str, plain: str) -> None:
    assert NAMED.by(written) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        *(("1e3", "1000"), ("1.5E+1", "15"), ("1688", "1688"), ("1688.00", "1688.00")),
        *(("-1E12", "-1000000000000"), ("999999999999.99000", "999999999999.99")),
        *(("12.5", "12.5"), ("12.5000", "12.50"), ("0E-9", "0.00"), ("-0", "0"), ("0", "0")),
        *(("1e-2", "0.01"), ("1E12", "1000000000000"), (f"-0.{'0' * 99}", "0.00")),
    ],
)
def test_a_number_is_written_in_plain_decimal(written: str, plain: str) -> None:
    number = Decimal(written)
    assert str(PLAIN.by(number)) == plain
    with localcontext(prec=1, Emax=0, Emin=0):
        assert str(PLAIN.by(number)) == plain


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
    ],
)
def test_what_nobody_can_call_is_no_phone(text: str) -> None:
    with pytest.raises(Refusal, match="phone_unreadable"):
        PHONE.check(text, "phone")


@pytest.mark.parametrize(
    "text",
    [
        *("wang@partner.example", "Wang.Xiao-Ming+1@mail.partner.example", "123456@qq.com"),
        *("ｗａｎｇ＠ｑｑ．ｃｏｍ", " wang@qq.com\u200b", "王@公司.中国", "o'neil_x@a-b.example"),
    ],
)
def test_what_people_write_for_a_mail_is_one(text: str) -> None:
    MAIL.check(text, "mail")


@pytest.mark.parametrize(
    "text",
    [
        *("x@@y", "x@@y.cn", "x@y", "wang", "@qq.com", "wang@", "wang@qq.", "wang@.com"),
        *("wang@qq..com", "wang xiao@qq.com", "wang@qq.com,li@qq.com", "wang@qq com", "无"),
    ],
)
def test_what_nobody_can_write_to_is_no_mail(text: str) -> None:
    with pytest.raises(Refusal, match="email_invalid"):
        MAIL.check(text, "mail")
