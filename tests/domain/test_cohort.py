"""A batch is opened with its rules."""

from datetime import date

import pytest

from domain.cohort import Cohort
from tests.gwt import fact, given


@pytest.mark.parametrize("trial_required", [True, False])
def test_opens_with_its_rule_about_the_trial(trial_required: bool) -> None:
    facts = {"code": "2026-06-1", "name": "六月第1期", "opened_on": date(2026, 6, 1)}
    given(Cohort).when(
        lambda kind: kind.open("cohort-1", **facts, trial_required=trial_required)
    ).then(fact(Cohort.Opened, **facts, trial_required=trial_required))
