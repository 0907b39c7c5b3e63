"""What the roles may do: complete, and printed as it stands in the code."""

import re

from uuid_utils.compat import uuid7

from api.graphql.engine.permissions import FIELDS, TYPES
from api.web.pages.places import PLACES
from infra.app import OF_STAYS
from projections import LISTINGS
from services.kernel.context import Role
from services.kernel.permissions import TO_COME, Permission
from services.kernel.roles import OURS, ROLES, TABLE
from services.kernel.scopes import Scope
from services.people.partners import NEEDED
from services.registry import COMMANDS
from services.words.role_table import role_table
from tests.place import ROOT

DOCUMENT = ROOT / "docs" / "roles.md"
WRITE_ANEW = (
    'python -c "from services.words.role_table import role_table;'
    " open('docs/roles.md', 'w', encoding='utf-8').write(role_table())\""
)

ASKED = {
    *(row.permission for row in COMMANDS.values()),
    *(Permission(listing.permission) for listing in LISTINGS),
    *(Permission(one.permission) for listing in LISTINGS for one in listing.apart),
    *OF_STAYS,
    NEEDED,
    *(need for need in (*FIELDS.values(), *TYPES.values()) if isinstance(need, Permission)),
    *(place.permission for place in PLACES),
}


def test_the_printed_table_is_that_of_the_code() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == role_table(), f"write it anew: {WRITE_ANEW}"


def test_every_role_has_a_row_that_says_on_what_it_rests() -> None:
    assert list(TABLE) == [*Role]
    said = [one for row in TABLE.values() for one in row.rests_on]
    assert [one for one in said if one != OURS and not re.fullmatch(r"S\d+[a-f]?", one)] == []
    assert all(row.rests_on and row.rights for row in TABLE.values())


def test_every_permission_is_asked_for_by_something_or_is_to_come() -> None:
    assert set(Permission) - TO_COME == ASKED


def test_every_permission_is_some_roles_besides_the_operators() -> None:
    of_programs = {Permission.RECORD_REPORTS, Permission.RECORD_RESTATEMENTS}
    given = {one for role, rights in ROLES.items() if role is not Role.OPERATOR for one in rights}
    assert set(Permission) - given == of_programs


def test_no_role_approves_what_it_plans_and_no_assistant_sees_a_score() -> None:
    approving = {one for one in Permission if one.startswith("approve_")} - {
        Permission.APPROVE_LEAVE
    }
    planning = [role for role, rights in ROLES.items() if Permission.WRITE_SESSIONS in rights]
    assert [role for role in planning if approving & ROLES[role].keys()] == [Role.OPERATOR]
    of_assistant = ROLES[Role.ASSISTANT].keys()
    assert not of_assistant & {
        Permission.READ_SCORES,
        Permission.READ_FIGURES,
        Permission.READ_CONTACTS,
    }


def test_an_administrator_gives_rights_and_sees_no_business() -> None:
    assert ROLES[Role.ADMINISTRATOR] == dict.fromkeys(
        (Permission.READ_PEOPLE, Permission.MANAGE_PEOPLE, Permission.MANAGE_ACCESS),
        frozenset([Scope.ALL]),
    )


def test_whoever_is_of_no_partner_writes_nothing_of_one_but_the_scheme_for_all() -> None:
    of_partners = {row.permission for row in COMMANDS.values()}
    outside = [role for role in Role if not role.is_of(uuid7()) and role is not Role.OPERATOR]
    assert {role: of_partners & ROLES[role].keys() for role in outside} == {
        Role.HEAD_OFFICE: {Permission.WRITE_SCHEME_FOR_ALL}
    }
