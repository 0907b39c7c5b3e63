"""Lays what the product answers beside the oracle's answer, for one group on one day."""

from bisect import bisect_left
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from fractions import Fraction

import msgspec

from domain.kernel.aggregate import Recorded
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG, kpi_by_slug
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group
from domain.kpi.kpi import KpiFigure
from domain.kpi.proof.breakdown import break_down
from domain.kpi.proof.explanation import explain
from domain.kpi.proof.restatement import restatements
from domain.kpi.subjects.classes import CLASSES
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.kpi.subjects.submissions import SUBMISSIONS
from tests.adding_up import Recomputed, recompute
from tests.oracle import explained
from tests.oracle.causes import known_one_by_one
from tests.oracle.classes import CLASS_RATES, Fact, Share
from tests.oracle.groups import Wanted, chosen, classes
from tests.oracle.known import Known, known
from tests.oracle.kpis import COUNTS, RATES, answer, class_shares, total
from tests.oracle.staff import Staff
from tests.oracle.standing import Standing, standings
from tests.oracle.submissions import submission_shares

SOURCED = tuple(kpi for kpi in CATALOG if kpi.has_source)
KPIS = tuple(kpi for kpi in SOURCED if kpi.subject == NEWCOMERS)
OF_CLASSES = tuple(kpi for kpi in SOURCED if kpi.subject == CLASSES)
OF_SUBMISSIONS = tuple(kpi for kpi in SOURCED if kpi.subject == SUBMISSIONS)
SHARES = COUNTS | RATES

Choose = Callable[[list[Wanted]], Sequence[Wanted]]
"""Which of all groups are looked at."""


class Past(msgspec.Struct, frozen=True):
    """What the product says was known by a position of the whole tenant. apart: with managers as
    events name them; everything: with those into whom they were joined. ids: of people, by their
    names. today: of who asks."""

    position: int
    everything: Evidence
    apart: Evidence
    ids: dict[str, str]
    today: date

    def of(self, people: Container[str], batches: Container[str]) -> Evidence:
        """Of these people, by their streams, and of these batches, by code, alone."""
        return _part(self.everything, people, batches)

    def apart_of(self, people: Container[str], batches: Container[str]) -> Evidence:
        """The same, with managers as events name them."""
        return _part(self.apart, people, batches)

    def group_of(self, wanted: Wanted, staff: Staff) -> Group:
        """The product's group for the oracle's. staff: as the oracle knows it."""

        def id_of(who: str | None) -> str | None:
            return who and self.ids[staff.called(who, date.max)]

        month = Month.parse(wanted.month) if wanted.month is not None else None
        in_charge = (wanted.manager, wanted.training_manager)
        return Group(month, wanted.cohort, *map(id_of, in_charge))


def _part(whole: Evidence, people: Container[str], batches: Container[str]) -> Evidence:
    return msgspec.structs.replace(
        whole,
        newcomers=[who for who in whole.newcomers if who.trainee_id in people],
        classes=[one for one in whole.classes if one.cohort_code in batches],
        handovers={code: told for code, told in whole.handovers.items() if code in batches},
    )


class Told(msgspec.Struct, frozen=True):
    """Histories as they are compared: who and what they are about, the oracle's facts, the events.

    people: streams. batches: codes. log: with what the schemes tell.
    """

    people: set[str]
    batches: set[str]
    log: list[Fact]
    events: list[Recorded]


def agree(past: Past, told: Told, day: date, choose: Choose) -> int:
    """Compares every KPI of the chosen groups; answers how many figures those were."""
    slugs = {kpi.slug for kpi in SOURCED}
    assert slugs == {*SHARES, *CLASS_RATES, "submissions_in_time"}, "one is unknown to the oracle"
    facts = known(told.log, past.position)
    evidence = past.of(told.people, told.batches)
    assert {who.trainee_id for who in evidence.newcomers} == set(facts.people)
    everybody = standings(facts, day, past.today)
    looked_at = choose(groups(facts, everybody))
    for wanted in looked_at:
        try:
            group = chosen(everybody, wanted, facts.teaching)
            basis = Basis(evidence, day, past.group_of(wanted, facts.staff), past.today)
            _compare(basis, group)
            _opened(basis, facts, group)
            taught = class_shares(facts, classes(facts, wanted, day), day)
            months = submission_shares(facts.submitted, everybody, wanted, day)
            submitted = {"submissions_in_time": months}
            for kpis, expected in ((OF_CLASSES, taught), (OF_SUBMISSIONS, submitted)):
                _compare_lines(evaluate(kpis, basis).figures, basis, expected)
        except AssertionError as error:
            error.add_note(f"known by {past.position}, on {day}, {wanted}")
            raise
    return len(looked_at) * len(slugs)


def groups(facts: Known, everybody: list[Standing]) -> list[Wanted]:
    """All groups that there are, the whole first, and some of two limits."""
    months = sorted({one.window.month for one in everybody if one.window})
    cohorts = sorted({one.cohort for one in everybody})
    managers = sorted({one.manager or "" for one in everybody} - {""})
    answering = [fact for told in facts.teaching.answering.values() for fact in told]
    trainers = sorted({fact["training_manager"] or "" for fact in answering} - {""})
    return [
        Wanted(),
        *(Wanted(month=month) for month in months),
        *(Wanted(cohort=cohort) for cohort in cohorts),
        *(Wanted(manager=manager) for manager in managers),
        *(Wanted(training_manager=name) for name in trainers),
        *(Wanted(month=m, cohort=c) for m, c in zip(months, cohorts, strict=False)),
    ]


def _compare(basis: Basis, group: list[Standing]) -> None:
    """The figures, what bounds them, and the lines that they open to."""
    found = evaluate(KPIS, basis).figures
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
    shares = {slug: {one.person.who: of(one) for one in group} for slug, of in SHARES.items()}
    _compare_lines(found, basis, shares, "subject_id")


def _compare_lines(
    found: Mapping[str, KpiFigure],
    basis: Basis,
    expected: Mapping[str, Mapping[str, Share]],
    name: str = "label",
) -> None:
    """Every line says what the oracle says of it, and the lines add up to the figure.

    found: of KPIs of one subject. expected: by KPI and by the name of a line.
    """
    for slug, shares in expected.items():
        opened, figure = break_down(kpi_by_slug(slug), basis), found[slug]
        assert recompute(opened) == Recomputed(figure.ratio, figure.floor, figure.ceiling)
        lines = {getattr(one, name): (one.numerator, one.denominator) for one in opened.lines}
        lines = dict.fromkeys(shares, (0, 0)) | lines
        assert lines == shares, f"the lines of {slug} and the oracle's: {lines}, {shares}"


def _opened(basis: Basis, facts: Known, group: list[Standing]) -> None:
    """The people, orders and verdicts behind the newcomers' figures, and what keeps each out."""
    told = explain(basis)
    people = {line.state.trainee_id: line.rule for line in told.members}
    assert people == explained.members(group), f"members: {people}"
    assert {line.state.trainee_id for line in told.members_counted} == {
        who for who, rule in people.items() if rule is None
    }
    training = sorted(line.state.trainee_id for line in told.in_training)
    assert training == sorted(one.person.who for one in group if not one.window)
    lines = sorted(
        (*told.orders_counted, *told.orders_excluded), key=lambda one: one.order.position
    )
    orders = {(line.state.trainee_id, line.order.no): line.rule for line in lines}
    assert len(lines) == len(orders), "an order is listed twice"
    theirs = explained.orders(facts, group)
    assert orders == theirs, (
        f"orders, where they differ: {set(orders.items()) ^ set(theirs.items())}"
    )
    counted = [(line.state.trainee_id, line.order.no) for line in told.orders_counted]
    assert sorted(counted) == sorted(key for key, rule in orders.items() if rule is None)
    trials = [(line.state.trainee_id, line.trial.on, line.trial.passed) for line in told.trials]
    assert sorted(trials) == sorted(
        (who, verdict["on"], verdict["passed"]) for who, verdict in explained.judged(group)
    )


def restated(before: Past, after: Past, told: Told, day: date, choose: Choose) -> None:
    """What the events between two positions added, one by one, is what each of the oracle's facts
    did."""
    old = known(told.log, before.position, joined=False)
    (wanted,) = choose(groups(old, standings(old, day)))
    # Submissions are made up: they lie at positions of other facts, and move no newcomer.
    moving = [
        fact
        for fact in told.log
        if fact["position"] <= after.position and fact["kind"] != "submitted"
    ]
    steps = [
        (fact["position"], {slug: _pair(slug, total(group, of)) for slug, of in SHARES.items()})
        for fact, group in known_one_by_one(moving, before.position, day, wanted, old.teaching)
    ]
    places = [place for place, _ in steps]
    evidence = before.apart_of(told.people, told.batches)
    group = before.group_of(wanted, old.staff)
    between = [e for e in told.events if before.position < e.position <= after.position]
    found = restatements(Basis(evidence, day, group), between, KPIS)
    by_kpi = {one.kpi: one for one in found}
    for slug in SHARES:
        counted = [of[slug] for _, of in steps]
        theirs = {
            place: (now[0] - was[0], now[1] - was[1])
            for place, was, now in zip(places[1:], counted, counted[1:], strict=False)
            if now != was
        }
        restatement, added = by_kpi.get(slug), dict[int, Share]()
        for cause in restatement.causes if restatement else ():
            place = places[bisect_left(places, cause.position)]
            so_far = added.get(place, (0, 0))
            added[place] = so_far[0] + cause.numerator, so_far[1] + cause.denominator
        ours = {place: both for place, both in added.items() if any(both)}
        assert ours == theirs, f"the causes of {slug}, by position: {ours}, {theirs}"
        if restatement is not None:
            ends = (pair(restatement.old), pair(restatement.new))
            assert ends == (counted[0], counted[-1]), f"{slug} was, and became: {ends}"


def _pair(slug: str, share: Share) -> Share:
    return (share[0], 1) if slug in COUNTS else share


def pair(ratio: Ratio) -> Share:
    return ratio.numerator, ratio.denominator


def fraction(ratio: Ratio | None) -> Fraction | None:
    if ratio is None or not ratio.denominator:
        return None
    return Fraction(ratio.numerator, ratio.denominator)
