"""Two implementations, one answer, on random histories."""

from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import Any

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evidence import Basis
from domain.kpi.group import EVERYBODY, WHOLE, Group
from domain.kpi.proof.breakdown import break_down
from domain.kpi.scheme.versions import CHOICES, Parameters, Scheme, Version
from tests.adding_up import Recomputed, recompute
from tests.domain.kpi.counted import board, evidence, figures, members
from tests.domain.kpi.facts import START, from_people, log_of, random_people
from tests.oracle.groups import Wanted, chosen
from tests.oracle.known import known
from tests.oracle.kpis import answer
from tests.oracle.standing import standings

HISTORIES = 2000
SHOWN = tuple(kpi.slug for kpi in NEWCOMER_FIGURES)


def random_rules(random: Random) -> dict[str, Any]:
    rules: dict[str, Any] = {name: random.choice(choices) for name, choices in CHOICES.items()}
    return rules | {"window_days": random.choice((1, 7, 30, 30, 60))}


def random_schemes(random: Random) -> list[tuple[str, dict[str, Any]]]:
    months = random.sample(("2025-01", "2026-02", "2026-03"), random.randrange(4))
    return [(month, random_rules(random)) for month in months]


def scheme_of(schemes: list[tuple[str, dict[str, Any]]]) -> Scheme:
    return Scheme(
        tuple(
            Version(number, Month.parse(month), Parameters(**rules))
            for number, (month, rules) in enumerate(schemes, 1)
        )
    )


def fraction(ratio: Ratio) -> Fraction | None:
    return Fraction(ratio.numerator, ratio.denominator) if ratio.denominator else None


def test_both_agree_on_random_histories() -> None:
    random = Random(20260615)
    for _ in range(HISTORIES):
        people = random_people(random, most=8)
        schemes = random_schemes(random)
        today = START + timedelta(days=random.randrange(240))
        month = random.choice((None, "2026-01", "2026-02", "2026-03"))
        facts = known(log_of(people))
        facts.schemes = schemes
        expected = vars(
            answer(chosen(standings(facts, today), Wanted(month=month), facts.teaching))
        )
        newcomers = from_people(people)
        scheme = scheme_of(schemes)
        wanted = Group(month=Month.parse(month) if month is not None else None)
        group = members(newcomers, today, scheme, wanted)
        got = figures(group, today, scheme)
        of = expected.pop("of")
        expected |= {name: of[name] for name in SHOWN}
        for name, value in expected.items():
            mine = getattr(got, name)
            seen = fraction(mine) if isinstance(mine, Ratio) else mine
            assert seen == value, (name, people, schemes, today, month)
        for kpi in NEWCOMER_FIGURES:
            figure = got.evaluated.figures[kpi.slug]
            recomputed = recompute(break_down(kpi, Basis(evidence(group, scheme), today)))
            assert recomputed == Recomputed(figure.ratio, figure.floor, figure.ceiling)


def test_a_board_is_the_figures_of_each_of_its_groups() -> None:
    random = Random(7)
    for _ in range(200):
        newcomers = from_people(random_people(random, most=30))
        scheme = scheme_of(random_schemes(random))
        today = START + timedelta(days=random.randrange(200))
        got = board(newcomers, today, scheme)
        whole = got["all"][WHOLE]
        assert whole == figures(newcomers, today, scheme)
        for by in ("month", "cohort", "manager"):
            assert list(got[by]) == sorted(got[by])
            for key, group in got[by].items():
                chosen = members(newcomers, today, scheme, EVERYBODY.narrowed(by, key))
                assert group == figures(chosen, today, scheme)
        assert sum(f.went_live for f in got["month"].values()) == whole.went_live
        assert sum(f.entered for f in got["cohort"].values()) == whole.entered
