"""OpenID Connect: against an issuer that runs, and against one that lies."""

import gzip
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.kernel.errors import Refusal
from infra.access.asking import LARGEST_ANSWER
from infra.access.oidc import KEPT_SECONDS, OidcProvider
from infra.access.registrations import ClientRegistration
from services.people.sign_in import ProviderIdentity, SignInWay
from tests.stand_ins.issuer import (
    CLIENT,
    KEY,
    OTHER_KEY,
    SECRET,
    SUBJECT,
    Issuer,
    issuing,
    signed_with,
    signed_with_the_public_key,
    unsigned,
)
from tests.stand_ins.server import Answer

WAY = SignInWay("a-state", "a-nonce", "a-verifier" * 5, "http://localhost:8000/sign-in/oidc/back")
TOKEN, DISCOVERY = "/token", "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer) -> Issuer:
    running.be_honest()
    return running


def provider_of(address: str, patience: float = 10.0) -> OidcProvider:
    registered = ClientRegistration(CLIENT, SECRET, address)
    return OidcProvider(registered, lambda: datetime.now(UTC), patience)


async def identified(
    provider: OidcProvider, issuer: Issuer, way: SignInWay = WAY
) -> ProviderIdentity:
    code = issuer.visited(await provider.address(way))["code"]
    return await provider.identify(code, way)


async def refusal(provider: OidcProvider, issuer: Issuer) -> str:
    with pytest.raises(Refusal) as refused:
        await identified(provider, issuer)
    return refused.value.code


@pytest.mark.filterwarnings("ignore")
async def test_an_issuer_that_runs_vouches_once_for_whom_it_knows() -> None:
    with warnings.catch_warnings(record=True):  # Its library's own, of what it will do away with.
        import oidc_provider_mock  # Not by every worker that collects this.

    with oidc_provider_mock.run_server_in_thread() as server:
        address = f"http://localhost:{server.server_port}"
        provider = provider_of(address)
        async with httpx.AsyncClient() as browser:
            answer = await browser.post(await provider.address(WAY), data={"sub": "li@partner"})
        back = urlsplit(answer.headers["location"])
        (state,), (code,) = (parse_qs(back.query)[name] for name in ("state", "code"))
        assert (state, back.path) == (WAY.state, "/sign-in/oidc/back")
        assert await provider.identify(code, WAY) == ProviderIdentity("oidc", address, "li@partner")
        with pytest.raises(Refusal, match="sign_in_refused"):
            await provider.identify(code, WAY)


async def test_a_document_and_its_keys_are_asked_for_once_an_hour(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = provider_of(issuer.address)
    for _ in range(2):
        assert await identified(provider, issuer) == ProviderIdentity(
            "oidc", issuer.address, SUBJECT
        )
    assert issuer.asked == [DISCOVERY, TOKEN, "/keys", TOKEN]
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + KEPT_SECONDS + 60)
    await identified(provider, issuer)
    assert issuer.asked[4:] == [DISCOVERY, TOKEN, "/keys"]


async def test_keys_that_the_issuer_changed_are_asked_for_anew(issuer: Issuer) -> None:
    provider = provider_of(issuer.address)
    await identified(provider, issuer)
    issuer.keys, issuer.sign = [OTHER_KEY], signed_with(OTHER_KEY)
    assert (await identified(provider, issuer)).subject == SUBJECT


async def test_a_code_is_nothing_to_who_has_not_the_verifier(issuer: Issuer) -> None:
    provider = provider_of(issuer.address)
    code = issuer.visited(await provider.address(WAY))["code"]
    with pytest.raises(Refusal, match="sign_in_refused"):
        await provider.identify(code, SignInWay(WAY.state, WAY.nonce, "another" * 9, WAY.back))


LONG_AGO, ONE_DAY = 1_000_000_000, 4_000_000_000


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": []},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": LONG_AGO},
        {"exp": None},
        {"exp": True},
        {"exp": 10**400},
        {"iat": ONE_DAY},
        {"iat": None},
        {"nbf": ONE_DAY},
        {"iss": "https://another.example"},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
    ],
    ids=str,
)
async def test_no_claims_are_believed_that_are_not_for_this_way(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    assert await refusal(provider_of(issuer.address), issuer) == "sign_in_refused"


async def test_several_audiences_are_believed_where_this_client_is_the_party(
    issuer: Issuer,
) -> None:
    issuer.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert (await identified(provider_of(issuer.address), issuer)).subject == SUBJECT


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        signed_with_the_public_key,
        signed_with(OTHER_KEY),
        signed_with(OTHER_KEY, KEY.kid),
        lambda _: "",
        lambda _: "a.b.c",
        lambda claims: signed_with(KEY)(claims)[:-4] + "AAAA",
    ],
    ids=["none", "HS256", "unknown key", "another's key", "nothing", "no token", "altered"],
)
async def test_no_claims_are_believed_that_the_issuer_did_not_sign(
    issuer: Issuer, sign: Callable[[dict[str, Any]], str]
) -> None:
    issuer.sign = sign
    assert await refusal(provider_of(issuer.address), issuer) == "sign_in_refused"


@pytest.mark.parametrize("door", [DISCOVERY, TOKEN, "/keys"])
@pytest.mark.parametrize(
    "answer",
    [
        Answer(b" " * (LARGEST_ANSWER + 1)),
        Answer(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
        Answer(b"", 302, {"Location": "http://localhost:1/elsewhere"}),
        Answer(None),
        Answer(b"[]"),
        Answer({}, 500),
    ],
    ids=["huge", "packed", "elsewhere", "slow", "a list", "broken"],
)
async def test_an_answer_that_is_none_keeps_nobody_waiting(
    issuer: Issuer, door: str, answer: Answer
) -> None:
    issuer.answers = {door: answer}
    patience = 0.3 if answer.body is None else 10.0
    assert await refusal(provider_of(issuer.address, patience), issuer) == "sign_in_unavailable"
    assert "/elsewhere" not in issuer.asked


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://issuer.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ],
    ids=str,
)
async def test_a_document_that_leads_astray_is_not_followed(
    issuer: Issuer, said: dict[str, Any]
) -> None:
    issuer.discovery = said
    assert await refusal(provider_of(issuer.address), issuer) == "sign_in_unavailable"
    assert issuer.asked == [DISCOVERY]


async def test_a_key_of_a_kind_that_is_not_known_is_passed_over(issuer: Issuer) -> None:
    unknown = {"kty": "EC", "crv": "P-192", "x": "AA", "y": "AA", "kid": "old"}
    keys = [unknown, "no key", KEY.as_dict(private=False)]
    issuer.answers["/keys"] = Answer({"keys": keys})
    assert (await identified(provider_of(issuer.address), issuer)).subject == SUBJECT
