"""The order sheet (出单明细): who closed which order when, and which turned out void."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from domain.kernel.errors import ConflictError, Refusal
from domain.kernel.values import name_key, number_key, word_key
from domain.trainees.events import OrderClosed, OrderCorrected, OrderTakenOver, OrderVoided
from domain.trainees.selling import BETWEEN_PRODUCTS, Order
from services.importing.comparing import (
    answer,
    contradiction,
    note,
    require_same,
    skip,
    stating,
    tell_new,
)
from services.importing.facts import RowFact, StatedRow
from services.importing.sheets.kind import (
    ReadBy,
    Reading,
    SeveralLines,
    SheetKind,
    StayRecord,
    as_amount,
    as_day,
    as_prose,
    plain,
)
from services.importing.sheets.people import PERSON, require_name
from services.importing.spellings import read_number, read_status, read_text
from services.importing.workbook import Cell
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.trainees import correction, selling, trainee
from services.words.texts import Texts, read_texts


def _itself(value: Any) -> Any:
    return value


AGREED: dict[str, Callable[[Any], Any]] = {
    "employee_no": number_key,
    "closed_on": _itself,
    "name": name_key,
    "status": lambda status: status is None or status.is_valid,
    "voided_on": _itself,
    "void_reason": _itself,
}
"""What all lines of one order say alike, each by a key. A blank says so much as any word: beside a
void line it is a valid one."""

LEFT_BLANK = ("name",)
"""Of these, what a line leaves to the others."""

OF_ORDER = ("product", "amount")
"""What is recorded of an order, and a sheet may fill in later."""


class Status(msgspec.Struct, frozen=True):
    """Whether an order is valid; the cell's own word for it is the reason where none is given."""

    is_valid: bool
    word: fields.Reason


def as_status(cell: Cell, _: Reading) -> Status:
    return Status(read_status(cell), read_text(cell))


def status_cell(status: Status, texts: Texts) -> str:
    return texts(f"status.{'valid' if status.is_valid else 'voided'}")


class ImportOrderRow(StatedRow, frozen=True):
    """Records what a row of an order sheet (出单明细) states; a blank cell states nothing.

    unknown_people: what becomes of an order of somebody who is not enrolled.
    """

    order_no: Annotated[fields.OrderNo, ReadBy(plain(read_number))]
    employee_no: Annotated[fields.EmployeeNo, ReadBy(plain(read_number))]
    closed_on: Annotated[fields.Day, ReadBy(as_day)]
    name: fields.PersonName | None = None
    product: fields.Product | None = None
    amount: Annotated[fields.Amount | None, ReadBy(as_amount)] = None
    status: Annotated[Status | None, ReadBy(as_status, status_cell)] = None
    voided_on: Annotated[fields.Day | None, ReadBy(as_day)] = None
    void_reason: Annotated[fields.Reason | None, ReadBy(as_prose)] = None
    unknown_people: Literal["refuse", "skip"] = "refuse"


@handler
async def import_order_row(work: Work, row: ImportOrderRow) -> str:
    """Closes the order, voids it, or finds it recorded. Answers with the `outcome`.

    Refuses `name_differs`, `order_no_taken`, `contradicts_recorded`, and what the single
    commands do.
    """
    seller = await trainee.TRAINEES.find(work, row.employee_no)
    if seller is None:
        unknown = await trainee.TRAINEES.missing(work, row.employee_no)
        if row.unknown_people == "refuse":
            raise unknown
        skip(work, unknown.code, **unknown.params)
        return ""
    seller = await trainee.enrolment_on(work, seller, row.closed_on)
    await require_name(work, seller, row.name, row.employee_no)
    key = number_key(row.order_no)
    holder = await selling.find_holder(work, row.order_no)
    if holder is not None and holder.employee_no == seller.employee_no:
        seller = holder  # Who rejoined has the earlier orders as the trainee of those days.
    known = seller.selling.orders.get(key)
    if holder is not None and known is None:
        raise Refusal("order_no_taken", field="order_no", order_no=row.order_no)
    if known is None:
        closing = msgspec.convert(row, selling.RecordOrder, from_attributes=True)
        await selling.record_order(work, closing)
        selling.ORDERS.claim(work, row.order_no, seller.id, ConflictError)
        for fact in ("amount", "status"):
            if getattr(row, fact) is not None:
                tell_new(work, fact)
    else:
        await _compare(work, row, known)
    voided_on = (holder or seller).selling.orders[key].voided_on
    await _void(work, row, voided_on)
    answer(work, is_created=known is None)
    return seller.id


async def _compare(work: Work, row: ImportOrderRow, known: Order) -> None:
    """Compares an order with the recorded one; what was blank then and is filled in now is new.

    Of a void order nothing is filled in, and that is said.
    """
    require_same(row, closed_on=known.closed_on, product=known.product, amount=known.amount)
    unknown = [name for name in OF_ORDER if getattr(known, name) is None]
    new = [name for name in unknown if getattr(row, name) is not None]
    if new and known.voided_on is not None:
        on = known.voided_on
        note(work, "void_order_not_filled_in", new[0], order_no=row.order_no, on=on)
    elif new:
        reason = read_texts("zh-CN")("import.filled_in")
        filled = {name: getattr(row if name in new else known, name) for name in OF_ORDER}
        said = correction.CorrectOrder(row.order_no, row.closed_on, reason, **filled)
        await correction.correct_order(work, said)
        for name in new:
            tell_new(work, name)


async def _void(work: Work, row: ImportOrderRow, voided_on: fields.Day | None) -> None:
    """Voids an order that the row states to be void. voided_on: as recorded."""
    if voided_on is not None:
        require_same(row, voided_on=voided_on)
        if row.status is not None and row.status.is_valid:
            raise contradiction("status", voided_on, row.status.word)
        return
    if row.voided_on is None and (row.status is None or row.status.is_valid):
        return
    stated = "voided_on" if row.voided_on else "status"
    reason = row.void_reason or (row.status.word if row.status else "")
    voiding = selling.VoidOrder(row.order_no, row.voided_on or row.closed_on, reason)
    with stating(stated):
        await selling.void_order(work, voiding)
    tell_new(work, "status")


def _says_void(row: ImportOrderRow, unread: Collection[str]) -> bool:
    """Whether a row says that its order is void, of which nothing is filled in later."""
    is_void = row.status is not None and not row.status.is_valid
    return is_void or row.voided_on is not None or "voided_on" in unread


def _part(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """A line with the number of its order may be one of several; the part is its product."""
    if values.get("order_no") is None:
        return None
    return number_key(values["order_no"]), word_key(values.get("product") or "")


def _joined(rows: Sequence[ImportOrderRow]) -> ImportOrderRow:
    """The order that lines of several products make together, in whatever order they stand: the
    amounts are added up, and are not known while one is not; a line that is there twice counts
    once. Refuses `order_lines_disagree`, also where only some name a product."""
    rows = sorted(rows, key=lambda row: (word_key(row.product or ""), str(row)))
    lines = {word_key(row.product or ""): row for row in rows}
    if "" in lines and len(lines) > 1:
        raise Refusal("order_lines_disagree", field="product", order_no=rows[0].order_no)
    given = dict[str, Any]()
    for field, key in AGREED.items():
        said = [getattr(row, field) for row in rows]
        stated = [value for value in said if value is not None]
        if len({key(value) for value in (stated if field in LEFT_BLANK else said)}) > 1:
            raise Refusal("order_lines_disagree", field=field, order_no=rows[0].order_no)
        given[field] = next(iter(stated), None)
    if any(row.amount != lines[word_key(row.product or "")].amount for row in rows):
        raise Refusal("order_lines_disagree", field="amount", order_no=rows[0].order_no)
    amounts = [row.amount for row in lines.values() if row.amount is not None]
    product = BETWEEN_PRODUCTS.join(row.product or "" for row in lines.values())
    amount = sum(amounts, Decimal(0)) if len(amounts) == len(lines) else None
    return msgspec.structs.replace(rows[0], **given, product=product, amount=amount)


def rows_of(record: StayRecord) -> Iterator[ImportOrderRow]:
    """The orders that a seller closed, whoever has them now, in the order in which they came."""
    person = record.stay
    reasons = {fact.order_no: fact.reason for fact in person.known if isinstance(fact, OrderVoided)}
    for order in person.selling.orders.values():
        if order.had_since is None:
            yield ImportOrderRow(
                order.no,
                person.employee_no,
                order.closed_on,
                record.name,
                order.product,
                order.amount,
                Status(order.voided_on is None, ""),
                order.voided_on,
                reasons.get(order.no) if order.voided_on else None,
            )


CLOSED = (OrderClosed.TOPIC, OrderCorrected.TOPIC, OrderTakenOver.TOPIC)
"""The events that say what an order is."""

ORDERS = SheetKind(
    slug="orders",
    command=ImportOrderRow,
    rows=rows_of,
    telling=("order_no",),
    keys=lambda row: [(PERSON, number_key(row.employee_no)), ("order", number_key(row.order_no))],
    settings=("unknown_people",),
    of_one_row=("amount",),
    facts=(
        RowFact(("amount",), topics=CLOSED),
        RowFact(
            ("status", "voided_on", "void_reason"),
            said_by=("status", "voided_on"),
            topics=(OrderVoided.TOPIC,),
        ),
    ),
    topics=(
        *((topic, ("closed_on", "name", "product")) for topic in CLOSED),
        (OrderVoided.TOPIC, ("closed_on",)),
    ),
    undivided=_says_void,
    lines=SeveralLines(_part, _joined, "order_lines_joined", "order_line_refused"),
)
