"""Trial pass rate (试岗通过率): trials passed, of the trials with a verdict (T11)."""

from domain.kpi.kpi import Example, Kpi
from domain.values import Ratio

TRIAL_PASS_RATE = Kpi(
    slug="trial_pass_rate",
    source=("S29",),
    numerator="trials_passed",
    denominator="trials_judged",
    unit="percent",
    direction="higher_is_better",
    population="trials_judged",
    has_bounds=False,
    example=Example(Ratio(15, 18), "83.3%"),
)
