"""Who may read which field: a row per root field, and per type that is reached by several ways.

What a document needs is gathered once and compared with the caller before any resolver runs. What a
mutation changes is the command's permission (services/registry.py), whose refusal is data.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from projections import LISTINGS
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.reading.head_office import is_head_office
from services.reading.purviews import PERMISSIONS
from services.registry import COMMANDS


class Audience(StrEnum):
    """The requirements of fields that are no permissions."""

    SIGNED_IN = "signed_in"
    MEMBER = "partner_data"
    """Any principal of a partner."""
    HEAD_OFFICE = "head_office"
    """Head office itself; nobody of a partner."""


Need = Permission | Audience

BEHIND_OTHERS = "PageInfo Partner Ratio Scheme SchemeTarget SchemeVersion UserError"
TYPES: Mapping[str, Need] = {
    # Reached only through fields that ask, or through a viewer who has a partner.
    **dict.fromkeys(BEHIND_OTHERS.split(), Audience.SIGNED_IN),
    "Job": Audience.MEMBER,
    **{
        f"{listing.kind}{part}": PERMISSIONS[listing.name]
        for listing in LISTINGS
        for part in ("", "Connection", "Edge")
    },
}
"""Types that fields with different needs lead to. Any other type asks for what the fields that lead
to it ask for."""

FIGURES = (
    "newcomerFigures board kpiCatalog kpis compare compareScorecards whatIf series firstOrderCurve"
    " forecast scorecard"
)
OF_NOBODY = "me workingDays deadline reportSubject cadence"
OF_MEMBERS = "Query.partner Query.node Mutation.requestWhatIf"
# What it takes to follow one its kind says (services/jobs/jobs.py).
OF_JOBS = "Query.job Subscription.jobProgress Mutation.cancelJob"
FOR_ALL = "Mutation.publishSchemeForAll Mutation.requestWhatIfForAll Mutation.cancelWhatIfForAll"
LINES = (
    "CountedMember CountedOrder JudgedTrial KpiLine MovedLine RestatementCause TraineeInTraining"
)

FIELDS: Mapping[str, Need] = {
    **{
        f"Query.{field}": PERMISSIONS[listing.name]
        for listing in LISTINGS
        for field in listing.asked_as
    },
    **{f"Query.{field}": Permission.READ_FIGURES for field in FIGURES.split()},
    **{f"{line}.trainee": Permission.READ_TRAINEES for line in LINES.split()},
    **{
        f"Mutation.{command.__name__[0].lower()}{command.__name__[1:]}": Audience.MEMBER
        for command, row in COMMANDS.items()
        if row.answers
    },
    **dict.fromkeys([*OF_MEMBERS.split(), *OF_JOBS.split()], Audience.MEMBER),
    **dict.fromkeys(["Query.whatIfForAll", *FOR_ALL.split()], Permission.WRITE_SCHEME_FOR_ALL),
    "Query.headOffice": Audience.HEAD_OFFICE,
    **{f"Query.{field}": Audience.SIGNED_IN for field in OF_NOBODY.split()},
    "Trainee.orders": Permission.READ_ORDERS,
    **dict.fromkeys(("Trainee.exams", "Trainee.trials"), Permission.READ_SCORES),
    **dict.fromkeys(("Cohort.figures", "Subscription.figuresChanged"), Permission.READ_FIGURES),
}


def need_of(schema: GraphQLSchema, type_name: str, field_name: str) -> Need | None:
    """The requirement of a field; None where no row states it, which a test refuses."""
    if field_name.startswith("__") or type_name.startswith("__"):
        return Audience.SIGNED_IN
    return FIELDS.get(f"{type_name}.{field_name}") or _types(schema).get(type_name)


@cache
def _types(schema: GraphQLSchema) -> Mapping[str, Need]:
    """The requirement of every type: its row, or what all fields that lead to it agree on."""
    leading: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for kind in schema.type_map.values():
        for name, field in getattr(kind, "fields", {}).items():
            leading[get_named_type(field.type).name].add((kind.name, name))
    found = dict(TYPES)
    while True:
        agreed = {}
        for name, fields in leading.items():
            asked = {FIELDS.get(f"{kind}.{field}") or found.get(kind) for kind, field in fields}
            need = asked.pop()
            if name not in found and need is not None and not asked:
                agreed[name] = need
        if not agreed:
            return found
        found |= agreed


def needs(schema: GraphQLSchema, document: DocumentNode) -> Sequence[Need]:
    """The requirements of all fields of a validated document, in order."""
    found: set[Need] = set()
    types = TypeInfo(schema)

    class Needs(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = types.get_parent_type()
            need = need_of(schema, parent.name, node.name.value) if parent else None
            # A field without a row may be read by nobody.
            found.add(need or Permission.MANAGE_ACCESS)

    visit(document, TypeInfoVisitor(types, Needs()))
    return sorted(found)


def check(principal: Principal, needed: Sequence[Need]) -> None:
    """Refuses `permission_refused`."""
    for need in needed:
        if not _is_met(principal, need):
            raise principal.refused(str(need))


def _is_met(principal: Principal, need: Need) -> bool:
    if isinstance(need, Permission):
        return principal.may(need)
    if need is Audience.HEAD_OFFICE:
        return is_head_office(principal)
    return not principal.is_of_head_office or need is Audience.SIGNED_IN
