"""How people spell the headings and the words of rosters and order sheets. Data, not code.

Headings are compared as `heading_key` makes them: full-width forms folded, no white space, lower
case, no unit or remark in brackets, no star or colon at the ends.
"""

import re
import unicodedata

ROSTER, ORDERS = "roster", "orders"
KINDS = (ROSTER, ORDERS)

HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    ROSTER: {
        "employee_no": (
            *("工号", "员工号", "员工编号", "员工工号", "职工号", "人员编号"),
            *("employee no", "employee number", "employee id", "staff no", "staff id"),
        ),
        "name": (
            *("姓名", "员工姓名", "新人姓名", "学员姓名", "学员", "名字"),
            *("name", "full name", "employee name", "trainee", "trainee name"),
        ),
        "cohort": (
            *("批次", "培训批次", "期次", "班次", "班级", "期数"),
            *("cohort", "batch", "class", "training class"),
        ),
        "entered_on": (
            *("入职日期", "入职时间", "入职日", "入训日期", "参训日期", "报到日期"),
            *("entered on", "entry date", "hire date", "start date", "joined on", "date joined"),
        ),
        "post": ("岗位", "职位", "post", "position", "job title"),
        "phone": (
            *("手机号", "手机", "手机号码", "电话", "联系电话", "联系方式"),
            *("phone", "mobile", "phone number", "mobile number"),
        ),
        "mail": ("邮箱", "电子邮箱", "邮件", "mail", "email", "e-mail"),
        "manager": (
            *("直属主管", "主管", "直接主管", "直属上级", "上级", "带教主管"),
            *("manager", "supervisor", "line manager"),
        ),
        "trial_verdict": (
            *("试岗结果", "试岗", "试岗结论", "试岗是否通过"),
            *("trial", "trial result", "trial verdict"),
        ),
        "trial_feedback": (
            *("试岗书面反馈", "试岗反馈", "书面反馈"),
            *("trial feedback", "written feedback", "feedback"),
        ),
        "written_exam": (
            *("笔试成绩", "笔试", "笔试分数", "考试成绩", "理论成绩"),
            *("written exam", "exam", "exam score", "written score", "written exam score"),
        ),
        "drill": (
            *("演练成绩", "演练", "演练结果", "实操成绩", "话术演练", "演练考核"),
            *("drill", "drill result", "drill score", "role play"),
        ),
        "live_on": (
            *("上岗日期", "上岗时间", "上岗日", "正式上岗日期", "正式上岗"),
            *("live on", "went live on", "go-live", "go live", "go-live date", "go live date"),
        ),
        "left_on": (
            *("离职日期", "离职时间", "离职日", "最后工作日"),
            *("left on", "leaving date", "last day", "termination date"),
        ),
        "leave_reason": ("离职原因", "leaving reason", "reason for leaving", "leave reason"),
    },
    ORDERS: {
        "order_no": (
            *("订单号", "订单编号", "单号", "合同号", "合同编号"),
            *("order no", "order number", "order id", "contract no"),
        ),
        "employee_no": (
            *("工号", "员工号", "员工编号", "员工工号", "销售工号"),
            *("employee no", "employee number", "employee id", "seller no", "staff no"),
        ),
        "name": (
            *("销售", "销售姓名", "姓名", "销售人员", "业务员", "出单人"),
            *("seller", "sales agent", "name", "salesperson"),
        ),
        "product": ("产品", "产品名称", "产品类型", "product", "product name"),
        "amount": (
            *("金额", "订单金额", "合同金额", "成交金额", "到账金额"),
            *("amount", "order amount", "value", "price"),
        ),
        "closed_on": (
            *("出单日期", "出单时间", "成交日期", "签单日期", "下单日期", "到账日期"),
            *("closed on", "close date", "order date", "date closed"),
        ),
        "status": ("状态", "订单状态", "是否有效", "status", "order status"),
        "voided_on": (
            *("作废日期", "退单日期", "退款日期", "取消日期"),
            *("voided on", "void date", "cancelled on", "refund date"),
        ),
        "void_reason": (
            *("作废原因", "退单原因", "退款原因", "取消原因"),
            *("void reason", "reason for voiding", "cancel reason"),
        ),
    },
}

REQUIRED: dict[str, tuple[str, ...]] = {
    ROSTER: ("employee_no", "name", "cohort", "entered_on"),
    ORDERS: ("order_no", "employee_no", "closed_on"),
}
TELLING: dict[str, str] = {ROSTER: "name", ORDERS: "order_no"}
"""The one heading without which a sheet is not of this kind at all."""

TOTALS = frozenset(
    ("合计", "总计", "小计", "共计", "合计人数", "total", "totals", "subtotal", "sub-total", "sum")
)

BLANKS = frozenset(("-", "--", "—", "——", "/", "无", "暂无", "n/a", "na", "null", "none"))
"""What people write into a cell that has nothing to say."""

PASSED_WORDS = frozenset(
    (
        "通过",
        "已通过",
        "合格",
        "及格",
        "优秀",
        "良好",
        "是",
        "pass",
        "passed",
        "yes",
        "ok",
        "√",
        "✓",
    )
)
FAILED_WORDS = frozenset(
    ("未通过", "不通过", "没通过", "不合格", "不及格", "否", "fail", "failed", "no", "×", "✗", "x")
)
ABSENT_WORDS = frozenset(("缺考", "缺席", "未参加", "absent"))

VALID_WORDS = frozenset(
    ("有效", "正常", "已成交", "成交", "已签", "valid", "closed", "active", "won", "paid")
)
VOID_WORDS = frozenset(
    (
        *("作废", "已作废", "无效", "退单", "已退单", "退款", "已退款", "取消", "已取消"),
        *("void", "voided", "cancelled", "canceled", "refunded", "invalid"),
    )
)

POST_WORDS = {
    **dict.fromkeys(("销售", "渠道销售", "电话销售", "销售顾问", "客户经理", "sales"), "sales"),
    **dict.fromkeys(("渠道助理", "助理", "channel assistant"), "channel_assistant"),
    **dict.fromkeys(("客服", "客户服务", "customer service"), "customer_service"),
}

_BRACKETED = re.compile(r"[(\[【(][^)\]】)]*[)\]】)]")


def word_key(text: str) -> str:
    """How a word is compared: full-width forms folded, single spaces, lower case."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def heading_key(text: str) -> str:
    """How a heading is compared; see the module's docstring."""
    plain = _BRACKETED.sub("", unicodedata.normalize("NFKC", text)).replace("_", "")
    return "".join(plain.split()).casefold().strip("*:：")


def heading_fields(kind: str) -> dict[str, str]:
    """Heading key -> field, for one kind of sheet."""
    return {
        heading_key(spelling): field
        for field, spellings in HEADINGS[kind].items()
        for spelling in spellings
    }
