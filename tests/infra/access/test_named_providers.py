"""DingTalk, WeCom and Feishu, against stand-ins: untried with the real services."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from domain.kernel.errors import Refusal
from infra.access.dingtalk import DingTalkProvider
from infra.access.feishu import FeishuProvider
from infra.access.registrations import ClientRegistration
from infra.access.wecom import WeComProvider
from services.people.sign_in import Provider, ProviderIdentity, SignInWay
from tests.stand_ins import dingtalk, feishu, wecom
from tests.stand_ins.dingtalk import DingTalk
from tests.stand_ins.feishu import Feishu
from tests.stand_ins.server import Answer, Asked, serving
from tests.stand_ins.wecom import WeCom

WAY = SignInWay("5tate" * 12 + "abcd", "", "verifier" * 6, "http://localhost:8000/sign-in/x/back")


class StandIn(NamedTuple):
    """its: what runs. registered: rightly. identity: of whoever agrees. made: the adapter."""

    its: Any
    registered: ClientRegistration
    identity: ProviderIdentity
    made: Callable[[ClientRegistration, str], Provider]


def stand_ins() -> list[StandIn]:
    return [
        StandIn(
            DingTalk(),
            ClientRegistration(dingtalk.ID, dingtalk.SECRET),
            ProviderIdentity("dingtalk", DingTalkProvider.LOG_IN, dingtalk.UNION_ID),
            lambda registered, at: DingTalkProvider(registered, at, at),
        ),
        StandIn(
            WeCom(),
            ClientRegistration(wecom.CORP, wecom.SECRET, agent=wecom.AGENT),
            ProviderIdentity("wecom", wecom.CORP, wecom.USER),
            lambda registered, at: WeComProvider(registered, at, at),
        ),
        StandIn(
            Feishu(),
            ClientRegistration(feishu.ID, feishu.SECRET),
            ProviderIdentity("feishu", FeishuProvider.LOG_IN, feishu.UNION_ID),
            lambda registered, at: FeishuProvider(registered, at, at),
        ),
    ]


@pytest.fixture(scope="module")
def running() -> Iterator[list[Any]]:
    """What answers at the address beside it, for as long as a test puts it there."""
    placed: list[Any] = [None]

    def answered(asked: Asked) -> Answer:
        answer: Answer = placed[0].answered(asked)
        return answer

    with serving(answered) as address:
        placed.append(address)
        yield placed


@pytest.fixture(params=range(3), ids=["dingtalk", "wecom", "feishu"])
def stand_in(running: list[Any], request: pytest.FixtureRequest) -> StandIn:
    chosen = stand_ins()[request.param]
    running[0] = chosen.its
    return chosen


@pytest.fixture
def provider(stand_in: StandIn, running: list[Any]) -> Provider:
    return stand_in.made(stand_in.registered, running[1])


async def code_of(stand_in: StandIn, provider: Provider) -> str:
    brought = stand_in.its.visited(await provider.address(WAY))
    assert brought["state"] == WAY.state
    code: str = brought[provider.code]
    return code


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as refusal:
        yield
    assert refusal.value.code == code


async def test_whoever_agrees_is_known_and_a_code_is_good_once(
    stand_in: StandIn, provider: Provider
) -> None:
    code = await code_of(stand_in, provider)
    assert await provider.identify(code, WAY) == stand_in.identity
    with refused("sign_in_refused"):
        await provider.identify(code, WAY)


async def test_an_application_that_is_not_known_signs_nobody_in(
    stand_in: StandIn, provider: Provider, running: list[Any]
) -> None:
    code = await code_of(stand_in, provider)
    its = stand_in.registered
    other = stand_in.made(ClientRegistration(its.id, "another", agent=its.agent), running[1])
    with pytest.raises(Refusal, match=r"sign_in_(refused|unavailable)"):
        await other.identify(code, WAY)


@pytest.mark.parametrize("token", ["", "a\nb", "令牌", 7])
async def test_a_token_that_is_none_is_not_sent_on(
    stand_in: StandIn, provider: Provider, running: list[Any], token: Any
) -> None:
    asked = list[str]()

    def answered(of: Asked) -> Answer:
        asked.append(of.path)
        both = {"accessToken": token, "access_token": token}
        return Answer({"code": 0, "errcode": 0, "expires_in": 7200, **both})

    stand_in.its.answered = answered
    with refused("sign_in_unavailable"):
        await provider.identify("a code", WAY)
    assert len(asked) == 1


async def test_somebody_without_an_id_of_the_kind_is_nobody(
    stand_in: StandIn, provider: Provider
) -> None:
    stand_in.its.person = {"openid": "somebody else's", "open_id": "ou_1", "openId": "123"}
    code = await code_of(stand_in, provider)
    with pytest.raises(Refusal, match=r"sign_in_(refused|unavailable)"):
        await provider.identify(code, WAY)


async def test_a_code_of_feishu_is_nothing_to_who_has_not_the_verifier(running: list[Any]) -> None:
    *_, stand_in = stand_ins()
    running[0] = stand_in.its
    provider = stand_in.made(stand_in.registered, running[1])
    code = await code_of(stand_in, provider)
    with refused("sign_in_refused"):
        await provider.identify(code, SignInWay(WAY.state, "", "another" * 7, WAY.back))


async def test_a_token_of_wecom_is_kept_and_asked_for_anew_where_it_ended_early(
    running: list[Any],
) -> None:
    _, stand_in, _ = stand_ins()
    running[0] = stand_in.its
    provider = stand_in.made(stand_in.registered, running[1])
    for _ in range(2):
        await provider.identify(await code_of(stand_in, provider), WAY)
    assert len(stand_in.its.tokens) == 1
    stand_in.its.tokens.append("of another process")
    await provider.identify(await code_of(stand_in, provider), WAY)
    assert len(stand_in.its.tokens) == 3
