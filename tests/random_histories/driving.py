"""Hypothesis draws bundles, the product carries them out, and what disagrees is made small."""

import asyncio

import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from infra.bootstrap import App
from services.scheme.scheme import PublishScheme
from tests.random_histories.bundle import Bundle, Counted, DisagreedError, prove, prove_alone
from tests.random_histories.steps import History, histories, schemes

TOGETHER = 40
"""Histories of a bundle, no two alike; carried out at once, since the log commits in groups."""

bundles = st.builds(
    Bundle,
    st.lists(histories(), unique_by=msgspec.json.encode, min_size=TOGETHER, max_size=TOGETHER),
    schemes(),
    st.integers(0, 2**32),
)


async def drive(app: App, number: int, of_bundles: int, counted: Counted) -> None:
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
    history, published = error.history, error.published
    found = await _alone(app, history, published)
    if found is None:
        return error
    for place in reversed(range(len(history.steps))):
        steps = [*found.history.steps]
        del steps[place]
        found = await _alone(app, replace(history, steps=steps), published) or found
    return await _alone(app, found.history, []) or found


async def _alone(
    app: App, history: History, published: list[PublishScheme]
) -> DisagreedError | None:
    try:
        await prove_alone(app, history, published)
    except DisagreedError as error:
        return error
    return None
