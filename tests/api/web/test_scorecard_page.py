"""The bar of a scorecard: always a hundred points, of which the undefined stay undefined."""

from api.web.pages.scorecard import parts
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.proof.comparison import scored
from domain.kpi.scheme.scorecard import scorecard
from tests.source_batch import AS_OF, batch


def test_parts_are_the_whole_and_nothing_is_rescaled() -> None:
    found = parts(scored(Basis(Evidence(batch()), AS_OF)), "truncate")
    assert sum(part.size for part in found) == 1000
    assert [part.start for part in found] == [
        sum(part.size for part in found[:number]) for number in range(len(found))
    ]
    assert {part.kind: part.points for part in found}["undefined"] == "35"


def test_a_scheme_that_nobody_scored_has_no_earned_part() -> None:
    lines = Basis(Evidence(batch()), AS_OF).version.lines
    found = parts(scorecard(lines, {}), "truncate")
    assert [(part.kind, part.points) for part in found] == [("unscored", "65"), ("undefined", "35")]
