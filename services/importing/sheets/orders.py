"""The order sheet (出单明细): who closed which order when, and which turned out void."""

from typing import Any

from domain.kernel.values import number_key
from services.importing.facts import Entry, OrderFacts
from services.importing.rows import ImportOrderRow
from services.importing.sheets.kind import EMPLOYEE_NO, Field, SheetKind, amount, day, plain
from services.importing.sheets.roster import PERSON
from services.importing.spellings import read_number, read_status, read_text

_FIELDS = (
    Field(
        "order_no",
        plain(read_number),
        (
            *("订单号", "订单编号", "单号", "合同号", "合同编号"),
            *("order no", "order number", "order id", "contract no"),
        ),
    ),
    Field(
        "product",
        plain(read_text),
        ("产品", "产品名称", "产品类型", "product", "product name"),
    ),
    Field(
        "amount",
        amount,
        (
            *("金额", "订单金额", "合同金额", "成交金额", "到账金额"),
            *("amount", "order amount", "value", "price"),
        ),
    ),
    Field(
        "closed_on",
        day,
        (
            *("出单日期", "出单时间", "成交日期", "签单日期", "下单日期", "到账日期"),
            *("closed on", "close date", "order date", "date closed"),
        ),
    ),
    Field(
        "employee_no",
        plain(read_number),
        (*EMPLOYEE_NO, "销售工号", "seller no"),
    ),
    Field(
        "name",
        plain(read_text),
        (
            *("销售", "销售姓名", "姓名", "销售人员", "业务员", "出单人"),
            *("seller", "sales agent", "name", "salesperson"),
        ),
    ),
    Field(
        "status",
        plain(read_status),
        ("状态", "订单状态", "是否有效", "status", "order status"),
    ),
    Field(
        "voided_on",
        day,
        (
            *("作废日期", "退单日期", "退款日期", "取消日期"),
            *("voided on", "void date", "cancelled on", "refund date"),
        ),
    ),
    Field(
        "void_reason",
        plain(read_text),
        (
            *("作废原因", "退单原因", "退款原因", "取消原因"),
            *("void reason", "reason for voiding", "cancel reason"),
        ),
    ),
    Field("status_word", plain(read_text), of="status"),
)


def _command(entry: Entry, _: Any) -> ImportOrderRow:
    row = entry.facts
    assert isinstance(row, OrderFacts)  # noqa: S101 - a row without facts is no command
    return ImportOrderRow(row, "skip" if entry.skip_unknown else "refuse")


ORDERS = SheetKind(
    slug="orders",
    fields=_FIELDS,
    required=("order_no", "employee_no", "closed_on"),
    telling="order_no",
    facts=OrderFacts,
    command=_command,
    keys=lambda row: [
        (PERSON, number_key(row.employee_no)),
        ("order", number_key(row.order_no)),
    ],
)
