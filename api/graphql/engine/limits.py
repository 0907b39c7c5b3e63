"""What a document may cost, answered before anything of it runs.

The cost of a field is 2 for an object and 1 for a scalar, and what a field selects counts 1.5 times
for every step down. Beside the cost of the text, the objects that it may answer are estimated from
the page sizes, so that nested pages cannot multiply.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql.language import ast

from domain.kernel.errors import Refusal
from domain.kpi.catalog import CATALOG
from projections import LISTINGS
from projections.kernel.paging import LARGEST_PAGE
from services.reading.budget import MOST_TRAVELS

LONGEST_DOCUMENT = 15_000
MOST_TOKENS = 1_000
LARGEST_BATCH = 5
OF_A_DAY = frozenset({"node"}).union(*(one.asked_as for one in LISTINGS if one.as_of))
"""Fields that a day alone, too, sends to whole tables and not to a page of them."""

COMPARED = ("compare", "compareScorecards")
"""These may travel twice: each of their moments says of when it is."""

OBJECT_COST = 2.0
SCALAR_COST = 1.0
DEPTH_FACTOR = 1.5

SIZES: Mapping[int, str] = {
    LARGEST_PAGE: (
        "membersCounted membersNotCounted inTraining ordersCounted ordersExcluded trialsJudged"
        " moved answers league contributions types"
    ),
    len(CATALOG): "kpiCatalog kpis compare whatIf",
    92: "series",
    60: "byCohort distribution",
    40: "cadence",
    30: "points",
    24: "months",
    20: "byManager causes",
    10: "orders versions fields inputFields",
    8: "lines",
    5: "criteria",
    4: "exams events",
    3: "restatements submittedFigures restatedFigures plans handovers trials args",
    2: "vintages",
}
LIST_SIZES: Mapping[str, int] = {
    **{listing.plural: listing.page_size for listing in LISTINGS},
    **{name: size for size, names in SIZES.items() for name in names.split()},
}
"""What a field that answers a list answers when neither `first` nor `last` says how much."""

CHOSEN = ("kpis", "slugs")
"""Arguments that name what is answered, one by one."""


class QueryCost(NamedTuple):
    """The cost of a selection, fragments written out.

    travels: fields that are answered at a moment, the most expensive thing that may be asked. What
    is below such a field is answered by the same folds, one for each kind of thing.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: float = 0.0
    objects: float = 0.0
    travels: int = 0


MOST = (
    ("document_too_deep", 10, 16),
    ("document_too_many_aliases", 15, 15),
    ("document_too_many_directives", 50, 50),
    ("document_too_costly", 5_000, 12_000),
    ("document_too_many_objects", 10_000, 120_000),
    ("document_too_many_travels", MOST_TRAVELS, MOST_TRAVELS),
)
"""Of a measure's parts in their order: how too much is refused, how much there may be, and how much
of what asks for the schema alone: the one deep question of the tools of the trade, once."""


def check(document: ast.DocumentNode) -> dict[str | None, QueryCost]:
    """The cost of every operation of the document, by its name. Refuses what MOST names, and
    `fragment_cycle`."""
    measuring, costs = _Measuring(document), dict[str | None, QueryCost]()
    for operation in document.definitions:
        if isinstance(operation, ast.OperationDefinitionNode):
            is_of_schema, cost = introspects_only(operation), measuring.measured(operation)
            costs[name_of(operation)] = cost
            for (code, *most_of), found in zip(MOST, cost, strict=True):
                most = most_of[is_of_schema]
                if found > most:
                    raise Refusal(code, found=int(found), most=most)
    return costs


def name_of(operation: ast.OperationDefinitionNode) -> str | None:
    """By which it is chosen, where there are several."""
    return operation.name.value if operation.name else None


class _Measuring:
    """Each fragment is measured once, so that nesting fragments costs us nothing."""

    def __init__(self, document: ast.DocumentNode) -> None:
        nodes = document.definitions
        self._fragments = {
            node.name.value: node for node in nodes if isinstance(node, ast.FragmentDefinitionNode)
        }
        self._known: dict[str, QueryCost | None] = {}

    def measured(self, node: Any) -> QueryCost:
        """The cost of an operation, a fragment or what is selected, with its own directives."""
        if isinstance(node, ast.FieldNode):
            found = self._field(node)
        elif isinstance(node, ast.FragmentSpreadNode):
            found = self._fragment(node.name.value)
        else:
            found = self._selections(node.selection_set)
        return found._replace(directives=found.directives + len(node.directives or ()))

    def _selections(self, selected: ast.SelectionSetNode) -> QueryCost:
        found = [self.measured(node) for node in selected.selections]
        total = QueryCost._make(map(sum, zip(*found, strict=True)))
        return total._replace(depth=max(one.depth for one in found))

    def _field(self, node: ast.FieldNode) -> QueryCost:
        alias = 1 if node.alias else 0
        if node.selection_set is None:
            return QueryCost(depth=1, aliases=alias, cost=SCALAR_COST)
        inner = self._selections(node.selection_set)
        return inner._replace(
            depth=inner.depth + 1,
            aliases=inner.aliases + alias,
            cost=OBJECT_COST + DEPTH_FACTOR * inner.cost,
            objects=_size(node) * (_own(node) + inner.objects),
            travels=inner.travels + _travels(node),
        )

    def _fragment(self, name: str) -> QueryCost:
        if name in self._known:
            known = self._known[name]
            if known is None:
                raise Refusal("fragment_cycle", name=name)
            return known
        fragment = self._fragments.get(name)
        if fragment is None:
            return QueryCost()  # Validation says so.
        self._known[name] = None
        self._known[name] = found = self.measured(fragment)
        return found


def _own(node: ast.FieldNode) -> int:
    """0 for a page and for what an edge leads to: what is counted are the edges."""
    selected = node.selection_set.selections if node.selection_set else ()
    names = (one.name.value for one in selected if isinstance(one, ast.FieldNode))
    return 0 if node.name.value == "node" or "edges" in names else 1


def _size(node: ast.FieldNode) -> int:
    size = LIST_SIZES.get(node.name.value, 1)
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            value = argument.value
            # A variable's value is not known here: the largest page is assumed.
            digits = value.value if isinstance(value, ast.IntValueNode) else ""
            size = int(digits) if 0 < len(digits) < 10 else LARGEST_PAGE
        elif argument.name.value in CHOSEN and isinstance(argument.value, ast.ListValueNode):
            size = len(argument.value.values)
    return max(1, min(size, LARGEST_PAGE))


def _travels(node: ast.FieldNode) -> int:
    arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
    if node.name.value in COMPARED:
        return sum(_is_earlier(arguments.get(side)) for side in ("before", "after"))
    times = ("knownBy", "happenedBy") if node.name.value in OF_A_DAY else ("knownBy",)
    return any(name.startswith(times) for name in arguments)


def _is_earlier(moment: object) -> bool:
    """What a variable says is not known here: the most expensive is assumed."""
    if isinstance(moment, ast.ObjectValueNode):
        return any(field.name.value.startswith("knownBy") for field in moment.fields)
    return isinstance(moment, ast.VariableNode)


def introspects_only(operation: ast.OperationDefinitionNode) -> bool:
    """Whether it asks for the schema alone, which takes a while and waits for nothing."""
    asked = operation.selection_set.selections
    fields = [one for one in asked if isinstance(one, ast.FieldNode) and one.name.value[:2] == "__"]
    return len(fields) == len(asked) <= 3 and all(one.selection_set for one in fields)
