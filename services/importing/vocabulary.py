"""The words that people write into the cells and headings of sheets. Data, not code.

Headings, which the kinds of sheets name (sheets/), are compared as `heading_key` makes them:
full-width forms folded, no white space, lower case, no unit or remark in brackets, no star or colon
at the ends.
"""

import re
import unicodedata


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


TOTALS = _words("合计, 总计, 小计, 共计, 合计人数, total, totals, subtotal, sub-total, sum")
BLANKS = _words("-, --, —, ——, /, 无, 暂无, n/a, na, null, none")
"""Signs for an empty cell."""

PASSED_WORDS = _words("通过, 已通过, 合格, 及格, 优秀, 良好, 是, pass, passed, yes, ok, √, ✓")
FAILED_WORDS = _words("未通过, 不通过, 没通过, 不合格, 不及格, 否, fail, failed, no, ×, ✗, x")
ABSENT_WORDS = _words("缺考, 缺席, 未参加, absent")

VALID_WORDS = _words("有效, 正常, 已成交, 成交, 已签, valid, closed, active, won, paid")
VOID_WORDS = _words(
    "作废, 已作废, 无效, 退单, 已退单, 退款, 已退款, 取消, 已取消, "
    "void, voided, cancelled, canceled, refunded, invalid"
)

POST_WORDS = {
    **dict.fromkeys(_words("销售, 渠道销售, 电话销售, 销售顾问, 客户经理, sales"), "sales"),
    **dict.fromkeys(_words("渠道助理, 助理, channel assistant"), "channel_assistant"),
    **dict.fromkeys(_words("客服, 客户服务, customer service"), "customer_service"),
}

_BRACKETED = re.compile(r"[(\[【(][^)\]】)]*[)\]】)]")


def word_key(text: str) -> str:
    """How a word is compared: full-width forms folded, single spaces, lower case."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def heading_key(text: str) -> str:
    """How a heading is compared; see the module's docstring."""
    plain = _BRACKETED.sub("", unicodedata.normalize("NFKC", text)).replace("_", "")
    return "".join(plain.split()).casefold().strip("*:：")
