"""What is wrong with a statement's form, found with PostgreSQL's own parser.

The rules are those of what a real cluster refused: a statement names the tenant of each of its
tenant tables by a parameter, joins no list of keys, decides nothing by functions that are not
immutable, and so on; one function for each below `violations`.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from pglast import ast, enums, parse_sql

from infra.database.distribution import LOCAL

WITHOUT_TENANT = frozenset(
    {
        *("calendar_years", "log_in_attempts", "sign_ins_pending", "spent_challenges"),
        *("head_office_schemes", "head_office_what_ifs", *LOCAL),
    }
)
"""The relations of ours that are no tenant's; every other one is."""

IMMUTABLE = frozenset({"make_interval", "max", "power"})
"""The functions that may stand in `case` or `coalesce` of a write."""

UNNAMED = "a tenant table without tenant_id = $n"
UNNEST = "a list joined with a tenant table"
FROM_UNNEST = "a write from a list"
LOCKS_SEVERAL = "rows of several tenants locked"
NOT_IMMUTABLE = "a function that is not immutable in case or coalesce of a write"
SET_OPERATION = "intersect or except"
BESIDE_CTE = "a subquery beside a common table expression"
POLICY = "a subquery in a policy"


class Scope(NamedTuple):
    """What the levels around a query have: names of common table expressions, and the tables whose
    tenant is named."""

    ctes: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


@cache
def violations(statement: str) -> frozenset[str]:
    """The rules that a statement breaks; asked of the same ones in the midst of a session's tests
    and at its end."""
    found: set[str] = set()
    for raw in parse_sql(statement):
        found.update(_query(raw.stmt, Scope()))
        if isinstance(raw.stmt, ast.InsertStmt | ast.UpdateStmt):
            found.update(_decided_by_functions(raw.stmt))
    return frozenset(found)


def policy_violations(expression: str) -> set[str]:
    """The rules that the expression of a row-level security policy breaks."""
    (raw,) = parse_sql(f"select {expression}")
    return {POLICY for node in nodes(raw.stmt) if isinstance(node, ast.SubLink)}


def nodes(value: Any) -> Iterator[ast.Node]:
    """A node and all below it."""
    if isinstance(value, tuple):
        for one in value:
            yield from nodes(one)
    elif isinstance(value, ast.Node):
        yield value
        for name in value.__slots__:
            yield from nodes(getattr(value, name))


def _query(query: Any, scope: Scope) -> Iterator[str]:
    with_clause = getattr(query, "withClause", None)
    if with_clause:
        scope = scope._replace(ctes=scope.ctes | {cte.ctename for cte in with_clause.ctes})
        for cte in with_clause.ctes:
            yield from _query(cte.ctequery, scope)
    if isinstance(query, ast.SelectStmt):
        yield from _select(query, scope, beside_cte=bool(with_clause))
    elif isinstance(query, ast.InsertStmt):
        yield from _insert(query, scope)
    elif isinstance(query, ast.UpdateStmt | ast.DeleteStmt):
        level = Level(query, scope)
        yield from level.unnamed()
        if level.has_lists:
            yield FROM_UNNEST
        yield from level.subqueries(beside_cte=bool(with_clause))


def _select(query: ast.SelectStmt, scope: Scope, *, beside_cte: bool) -> Iterator[str]:
    if query.op != enums.SetOperation.SETOP_NONE:
        if query.op != enums.SetOperation.SETOP_UNION:
            yield SET_OPERATION
        for side in (query.larg, query.rarg):
            yield from _query(side, scope)
        return
    level = Level(query, scope)
    unnamed = list(level.unnamed())
    yield from unnamed
    if unnamed and query.lockingClause:
        yield LOCKS_SEVERAL
    if level.has_lists and level.has_tables:
        yield UNNEST
    yield from level.subqueries(beside_cte=beside_cte)


def _insert(query: ast.InsertStmt, scope: Scope) -> Iterator[str]:
    source = query.selectStmt
    if source is None:
        return
    if source.valuesLists is None:
        yield from _query(source, scope)
        if any(isinstance(node, ast.RangeFunction) for node in nodes(source.fromClause)):
            yield FROM_UNNEST
    if query.relation.relname in WITHOUT_TENANT:
        return
    columns = [column.name for column in query.cols or ()]
    if "tenant_id" not in columns:
        yield UNNAMED
        return
    place = columns.index("tenant_id")
    rows = source.valuesLists or [[target.val for target in source.targetList]]
    if not all(_is_parameter(row[place]) or _is_tenant(row[place]) for row in rows):
        yield UNNAMED


class Level:
    """One query without those below it: its relations and what its conditions say of them."""

    def __init__(self, query: Any, scope: Scope) -> None:
        self._query, self._scope = query, scope
        self._tables: dict[str, ast.RangeVar] = {}
        self._below: list[Any] = []
        self._conditions: list[Any] = []
        self._joined_by_tenant = False
        self.has_lists = False
        relation = getattr(query, "relation", None)
        sources = getattr(query, "fromClause", None) or getattr(query, "usingClause", None) or ()
        for item in (*((relation,) if relation else ()), *sources):
            self._add(item)
        self._conditions += _conjuncts(query.whereClause)

    @property
    def has_tables(self) -> bool:
        """Whether a tenant table stands here, or in a subquery that is joined here."""
        below = [node for one in self._below for node in nodes(one)]
        return bool(self._tables) or any(
            isinstance(node, ast.RangeVar) and self._is_tenant_table(node) for node in below
        )

    def unnamed(self) -> Iterator[str]:
        """Says so for each table whose tenant is not named."""
        yield from (UNNAMED for alias in self._tables if alias not in self._named())

    def subqueries(self, *, beside_cte: bool) -> Iterator[str]:
        """What is wrong with the queries below."""
        inner = self._scope._replace(named=self._scope.named | self._named())
        for query in self._below:
            yield from _query(query, inner)
        for part in (name for name in self._query.__slots__ if name not in ("withClause",)):
            for query in _sublinks(getattr(self._query, part)):
                if beside_cte:
                    yield BESIDE_CTE
                yield from _query(query, inner)

    def _named(self) -> frozenset[str]:
        """The relations, here and around, whose tenant a parameter names, or equals such a one."""
        named = set(self._scope.named)
        pairs = [
            (left, right)
            for condition in self._conditions
            if isinstance(condition, ast.A_Expr)
            and condition.kind == enums.A_Expr_Kind.AEXPR_OP
            and condition.name[-1].sval == "="
            for left, right in (
                (condition.lexpr, condition.rexpr),
                (condition.rexpr, condition.lexpr),
            )
            if _is_tenant(left)
        ]
        for left, right in pairs:
            if _is_parameter(right):
                named.update(self._relations(left))
        if self._joined_by_tenant and named & self._tables.keys():
            named.update(self._tables)
        for _ in pairs:
            for left, right in pairs:
                if _is_tenant(right) and set(self._relations(right)) <= named:
                    named.update(self._relations(left))
        return frozenset(named)

    def _relations(self, column: ast.ColumnRef) -> list[str]:
        if len(column.fields) > 1:
            return [column.fields[0].sval]
        return list(self._tables) if len(self._tables) == 1 or self._joined_by_tenant else [""]

    def _add(self, item: Any) -> None:
        if isinstance(item, ast.RangeVar):
            if self._is_tenant_table(item):
                self._tables[item.alias.aliasname if item.alias else item.relname] = item
        elif isinstance(item, ast.JoinExpr):
            self._add(item.larg)
            self._add(item.rarg)
            self._conditions += _conjuncts(item.quals)
            if any(column.sval == "tenant_id" for column in item.usingClause or ()):
                self._joined_by_tenant = True
        elif isinstance(item, ast.RangeSubselect):
            self._below.append(item.subquery)
        elif isinstance(item, ast.RangeFunction):
            self.has_lists |= any(
                isinstance(node, ast.FuncCall) and node.funcname[-1].sval == "unnest"
                for node in nodes(item)
            )

    def _is_tenant_table(self, item: ast.RangeVar) -> bool:
        name = item.relname
        ours = item.schemaname in (None, "public") and not name.startswith("pg_")
        return ours and name not in WITHOUT_TENANT and name not in self._scope.ctes


def _conjuncts(condition: Any) -> list[Any]:
    if isinstance(condition, ast.BoolExpr) and condition.boolop == enums.BoolExprType.AND_EXPR:
        return [one for part in condition.args for one in _conjuncts(part)]
    return [] if condition is None else [condition]


def _sublinks(value: Any) -> Iterator[Any]:
    """The subqueries in expressions, but for those of relations and of each other."""
    if isinstance(value, tuple):
        for one in value:
            yield from _sublinks(one)
    elif isinstance(value, ast.SubLink):
        yield value.subselect
        yield from _sublinks(value.testexpr)
    elif isinstance(value, ast.Node) and not isinstance(value, ast.RangeSubselect | ast.SelectStmt):
        for name in value.__slots__:
            yield from _sublinks(getattr(value, name))


def _is_tenant(node: Any) -> bool:
    if not isinstance(node, ast.ColumnRef):
        return False
    last = node.fields[-1]
    return isinstance(last, ast.String) and last.sval == "tenant_id"


def _is_parameter(node: Any) -> bool:
    while isinstance(node, ast.TypeCast):
        node = node.arg
    return isinstance(node, ast.ParamRef)


def _decided_by_functions(write: Any) -> Iterator[str]:
    for node in nodes(write):
        if isinstance(node, ast.CaseExpr | ast.CoalesceExpr):
            for inner in nodes(node):
                named = isinstance(inner, ast.FuncCall) and inner.funcname[-1].sval in IMMUTABLE
                if isinstance(inner, ast.SQLValueFunction) or (
                    isinstance(inner, ast.FuncCall) and not named
                ):
                    yield NOT_IMMUTABLE
