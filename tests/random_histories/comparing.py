"""Lays what the product answers beside the oracle's answer, for one group on one day."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction

import msgspec

from domain.aggregate import Recorded
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evidence, evaluate, standings_of
from domain.kpi.explanation import explain_of, recompute
from domain.kpi.figure import KpiFigure
from domain.kpi.figures import figures_of
from domain.kpi.groups import Group, members_of
from domain.kpi.newcomer import Newcomer
from domain.kpi.opened import Recomputed, open_kpi
from domain.kpi.restatement import restatements
from domain.kpi.scheme import Scheme
from domain.values import Month, Ratio
from tests.oracle.groups import Wanted, chosen
from tests.oracle.known import Fact, known
from tests.oracle.kpis import COUNTS, RATES, Share, answer, total
from tests.oracle.standing import Standing, standings

KPIS = tuple(kpi for kpi in CATALOG if kpi.subject == "newcomers" and kpi.has_source)
SHARES = COUNTS | RATES

Choose = Callable[[list[Wanted]], Sequence[Wanted]]
"""Which of all groups are looked at."""


class Past(msgspec.Struct, frozen=True):
    """What the product says was known by a position: everybody's facts, and the scheme."""

    position: int
    newcomers: dict[str, Newcomer]
    scheme: Scheme

    def evidence(self, people: Iterable[str]) -> Evidence:
        """Of those of the people who were known by then."""
        found = [self.newcomers[who] for who in people if who in self.newcomers]
        return Evidence(found, scheme=self.scheme)


def agree(past: Past, people: set[str], log: list[Fact], day: date, choose: Choose) -> int:
    """Compares every KPI of the chosen groups; answers how many figures those were.

    people: streams. log: all that the oracle knows of them, and the schemes.
    """
    assert {kpi.slug for kpi in KPIS} == set(SHARES), "a KPI that the oracle does not know"
    facts = known(log, past.position)
    evidence = past.evidence(people)
    assert {who.trainee_id for who in evidence.newcomers} == set(facts.people)
    everybody = standings(facts, day)
    looked_at = choose(groups(everybody))
    for wanted in looked_at:
        try:
            _compare(evidence, day, chosen(everybody, wanted), group_of(wanted))
        except AssertionError as error:
            error.add_note(f"known by {past.position}, on {day}, {wanted}")
            raise
    return len(looked_at) * len(KPIS)


def groups(everybody: list[Standing]) -> list[Wanted]:
    """All groups that there are, the whole first, and some of two limits."""
    months = sorted({one.window.month for one in everybody if one.window})
    cohorts = sorted({one.person.cohort_on(one.today) for one in everybody})
    managers = sorted({one.person.manager_on(one.today) or "" for one in everybody} - {""})
    return [
        Wanted(),
        *(Wanted(month=month) for month in months),
        *(Wanted(cohort=cohort) for cohort in cohorts),
        *(Wanted(manager=manager) for manager in managers),
        *(Wanted(month=m, cohort=c) for m, c in zip(months, cohorts, strict=False)),
    ]


def _compare(evidence: Evidence, day: date, group: list[Standing], asked: Group) -> None:
    """The figures, what bounds them, and the lines that they open to."""
    found = evaluate(KPIS, evidence, day, asked).figures
    expected = answer(group)
    differing = {
        slug: (fraction(figure.ratio), expected.of[slug])
        for slug, figure in found.items()
        if fraction(figure.ratio) != expected.of[slug]
    }
    assert not differing, f"the product's figure and the oracle's: {differing}"
    rate = found["order_rate"]
    bounds = (fraction(rate.floor), fraction(rate.ceiling), rate.is_final, rate.final_on)
    theirs = (expected.floor, expected.ceiling, expected.is_final, expected.final_on)
    assert bounds == theirs, f"floor, ceiling, finality of the order rate: {bounds}, {theirs}"
    _explained(evidence, day, asked, found, group)


def _explained(
    evidence: Evidence,
    day: date,
    asked: Group,
    found: dict[str, KpiFigure],
    group: list[Standing],
) -> None:
    """Every line says what the oracle says of the person, and the lines add up to the figure."""
    stand = standings_of(KPIS[0], evidence, day, asked)
    for kpi in KPIS:
        opened, figure = open_kpi(kpi, stand), found[kpi.slug]
        assert opened.recompute() == Recomputed(figure.ratio, figure.floor, figure.ceiling)
        shares = {one.person.who: SHARES[kpi.slug](one) for one in group}
        lines = {line.subject_id: (line.numerator, line.denominator) for line in opened.lines}
        lines = dict.fromkeys(shares, (0, 0)) | lines
        assert lines == shares, f"the lines of {kpi.slug} and the oracle's: {lines}, {shares}"
    windows = evidence.windows(day)
    members = members_of(evidence.newcomers, windows, asked)
    assert recompute(explain_of(members, windows)) == figures_of(members, windows)


def restated(
    before: Past,
    after: Past,
    events: Iterable[Recorded],
    people: set[str],
    log: list[Fact],
    day: date,
    choose: Choose,
) -> None:
    """What the events between two positions added, one by one, is the oracle's difference."""
    old, now = known(log, before.position), known(log, after.position)
    now.schemes = old.schemes
    then = standings(old, day)
    (wanted,) = choose(groups(then))
    both = [chosen(everybody, wanted) for everybody in (then, standings(now, day))]
    evidence = before.evidence(people)
    known_then = {who.trainee_id: who for who in evidence.newcomers}
    found = restatements(known_then, events, evidence.windows(day), group_of(wanted), KPIS)
    told = {one.kpi: one for one in found}
    for slug, share in SHARES.items():
        was, became = (_pair(slug, total(group, share)) for group in both)
        restatement = told.get(slug)
        if restatement is None:
            assert was == became, f"{slug} was not restated: {was}, {became}"
            continue
        assert (pair(restatement.old), pair(restatement.new)) == (was, became), slug
        added = (
            sum(cause.numerator for cause in restatement.causes),
            sum(cause.denominator for cause in restatement.causes),
        )
        difference = (became[0] - was[0], became[1] - was[1])
        assert added == difference, f"the causes of {slug} do not add up: {restatement}"


def _pair(slug: str, share: Share) -> Share:
    return (share[0], 1) if slug in COUNTS else share


def pair(ratio: Ratio) -> Share:
    return ratio.numerator, ratio.denominator


def group_of(wanted: Wanted) -> Group:
    month = Month.parse(wanted.month) if wanted.month is not None else None
    return Group(month=month, cohort=wanted.cohort, manager=wanted.manager)


def fraction(ratio: Ratio | None) -> Fraction | None:
    if ratio is None or not ratio.denominator:
        return None
    return Fraction(ratio.numerator, ratio.denominator)
