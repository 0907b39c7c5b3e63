"""What the roles may do, as a page for people: docs/roles.md is printed from it."""

from collections.abc import Iterator

from domain.people.partner import HEAD_OFFICE_ID
from services.kernel.context import Role
from services.kernel.permissions import TO_COME, Permission
from services.kernel.roles import OURS, TABLE
from services.kernel.scopes import Scope
from services.words.texts import LOCALES, Texts, read_texts


def role_table() -> str:
    """The page, in all languages one after the other."""
    return "\n".join(line for one in LOCALES for line in _lines(read_texts(one)))


def _lines(texts: Texts) -> Iterator[str]:
    columns = [texts(f"roles.column.{one}") for one in ("role", "scope", "may", "rests_on")]
    yield f"# {texts('roles.title')}\n\n{texts('roles.about')}\n"
    its = [f"{texts(f'role.{one}')} `{one}`" for one in Role if one.is_of(HEAD_OFFICE_ID)]
    yield f"{texts('roles.of_head_office', roles=texts('word.and').join(its))}\n"
    yield _row(columns)
    yield _row(["---"] * len(columns))
    for role, row in TABLE.items():
        named = f"{texts(f'role.{role}')} `{role}`"
        rests_on = " ".join(texts("roles.ours") if one == OURS else one for one in row.rests_on)
        for scope in Scope:
            if its := [one for one, scopes in row.rights.items() if scope in scopes]:
                yield _row([named, texts(f"scope.{scope}"), _may(its, role, texts), rests_on])
    yield f"\n{texts('roles.to_come')}\n\n{texts('roles.rests_on')}\n\n## {texts('roles.scopes')}\n"
    yield _row([texts("roles.column.scope"), texts("roles.column.means")])
    yield _row(["---"] * 2)
    for scope in Scope:
        yield _row([texts(f"scope.{scope}"), texts(f"roles.scope.{scope}")])
    yield ""


def _may(permissions: list[Permission], role: Role, texts: Texts) -> str:
    if role is Role.OPERATOR:
        return texts("usage.role_of_all")
    return texts("word.and").join(_named(permissions, texts))


def _named(permissions: list[Permission], texts: Texts) -> Iterator[str]:
    for one in permissions:
        yield f"{texts(f'word.{one}')} `{one}`{'*' if one in TO_COME else ''}"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
