"""A right reaches what belongs to any of its ids, and several reach what any of them does."""

from hypothesis import given
from hypothesis import strategies as st

from services.kernel import scopes
from services.kernel.purview import NOTHING, Purview, merged
from services.kernel.scopes import Scope

ids = st.frozensets(st.sampled_from("abc"), max_size=2)
purviews = st.builds(Purview, ids, ids, ids, ids, ids)


@given(st.lists(st.none() | purviews, max_size=3), purviews)
def test_what_any_of_them_reaches_is_within_all_together(
    several: list[Purview | None], thing: Purview
) -> None:
    together = merged(several)
    each = any(one is None or one.within(thing) for one in several)
    assert (together is None or together.within(thing)) == each


def test_an_id_of_another_kind_is_not_within() -> None:
    assert not Purview(managers=frozenset("a")).within(Purview(persons=frozenset("a")))
    assert not NOTHING.within(NOTHING)


def test_beside_all_no_scope_is_told_apart() -> None:
    one, other = {Scope.SELF: frozenset("a")}, {Scope.OWN_PEOPLE: frozenset("b")}
    assert scopes.merged(one, scopes.EVERYTHING) == scopes.EVERYTHING
    assert scopes.merged(one, other) == {**one, **other}
    assert scopes.merged(one, {Scope.SELF: frozenset("b")}) == {Scope.SELF: frozenset("ab")}
