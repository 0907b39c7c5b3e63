"""Hypothesis draws bundles, the product carries them out, and what disagrees is made small."""

import asyncio
from datetime import datetime

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from domain.kpi.scheme.versions import Parameters
from infra.bootstrap import App
from services.scheme.scheme import PublishScheme
from tests.histories import histories
from tests.oracle.known import ZONE
from tests.random_histories.bundle import Bundle, Counted, DisagreedError, prove, prove_alone
from tests.steps import Step

TOGETHER = 40
"""Histories of a bundle, no two alike; carried out at once, since the log commits in groups."""

MONTHS = ("2025-01", "2025-03", "2025-04", "2025-05", "2025-06")
WINDOWS = (1, 7, 30, 30, 60)

versions = st.builds(
    PublishScheme,
    effective_from=st.sampled_from(MONTHS),
    parameters=st.builds(
        Parameters,
        window_days=st.sampled_from(WINDOWS),
        leaver_cutoff=st.sampled_from(("window_close", "report_time")),
        kpi_month=st.sampled_from(("went_live", "window_close")),
        regolive=st.sampled_from(("first", "latest")),
        leaver_rule=st.sampled_from(("excluded", "counted")),
        denominator=st.sampled_from(("went_live", "employed")),
        trial_denominator=st.sampled_from(("judged", "entered")),
        summary_days=st.sampled_from((0, 3, 10)),
        moved_days=st.sampled_from((0, 1, 7)),
    ),
)


def bundles_of(lives: st.SearchStrategy[list[Step]], *nows: datetime) -> st.SearchStrategy[Bundle]:
    return st.builds(
        Bundle,
        st.lists(lives, unique_by=repr, min_size=TOGETHER, max_size=TOGETHER),
        st.lists(versions, max_size=3),
        st.integers(0, 2**32),
        st.sampled_from((None, *nows)),
    )


USUAL = bundles_of(histories(30, least=12, pace=5, whole_tenant=False))
COMING_BACK = bundles_of(
    histories(30, least=12, pace=5, whole_tenant=False, coming_back=True),
    datetime(2025, 5, 15, 12, tzinfo=ZONE),
)
"""Half of them recorded on one day in the middle, so that later days lie ahead of it."""


async def drive(
    app: App,
    number: int,
    of_bundles: int,
    counted: Counted,
    bundles: st.SearchStrategy[Bundle] = USUAL,
) -> None:
    """Proves so many bundles, the same for the same seed number.

    Raises DisagreedError with the smallest history that still disagrees when it is alone.
    """
    loop = asyncio.get_running_loop()
    found: list[Exception] = []

    # Hypothesis would carry a failing bundle out again and again, whatever failed; see `smallest`.
    @seed(number)
    @settings(
        max_examples=of_bundles,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(bundles)
    def each(bundle: Bundle) -> None:
        if found:
            return
        try:
            asyncio.run_coroutine_threadsafe(prove(app, bundle, counted), loop).result()
        except Exception as error:
            found.append(error)

    await asyncio.to_thread(each)
    for error in found:
        raise await smallest(app, error) if isinstance(error, DisagreedError) else error


async def smallest(app: App, error: DisagreedError) -> DisagreedError:
    """The same disagreement with as few steps as it takes; the error itself if it takes others."""
    history, published, now = error.history, error.published, error.now
    found = await _alone(app, history, published, now)
    if found is None:
        return error
    for place in reversed(range(len(history))):
        fewer = [*found.history]
        del fewer[place]
        found = await _alone(app, fewer, published, now) or found
    return await _alone(app, found.history, [], now) or found


async def _alone(
    app: App, history: list[Step], published: list[PublishScheme], now: datetime | None
) -> DisagreedError | None:
    try:
        await prove_alone(app, history, published, now)
    except DisagreedError as error:
        return error
    return None
