"""An issuer of OpenID Connect, found by its discovery document (OpenID Connect Core 1.0, Discovery
1.0; RFC 7636, PKCE).

Nothing but the subject is asked for, and nothing is believed but what the issuer signed for this
client and this way. The issuer's address comes from the environment alone, and so do all others,
which its document names.
"""

import base64
import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from infra.access.asking import PATIENCE, Asking, text_in
from infra.access.registrations import ClientRegistration, is_kept_private
from services.people.sign_in import LONGEST_SUBJECT, ProviderIdentity, SignInWay

PROVIDER = "oidc"
DISCOVERY = "/.well-known/openid-configuration"
KEPT_SECONDS = 3600.0
"""For which the document and the keys are not asked for again."""

LEEWAY = 60
"""Seconds by which the issuer's clock may differ."""

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
"""By which an issuer signs: those with two keys, so that what it publishes signs nothing."""


class Issuer(msgspec.Struct, frozen=True):
    """What the discovery document says. is_posted: the secret goes into the form, and not into the
    header."""

    issuer: str
    authorization: str
    token: str
    keys: str
    algorithms: tuple[str, ...]
    is_posted: bool


class OidcProvider:
    """Implements services.people.sign_in.Provider."""

    is_tried = True
    code = "code"

    def __init__(
        self,
        registered: ClientRegistration,
        clock: Callable[[], datetime],
        patience: float = PATIENCE,
    ) -> None:
        self._registered, self._clock = registered, clock
        self._asking = Asking(PROVIDER, patience)
        self._issuer: tuple[float, Issuer] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, way: SignInWay) -> str:
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._registered.id,
            "redirect_uri": way.back,
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": way.challenge,
            "code_challenge_method": "S256",
        }
        address = (await self._found()).authorization
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def identify(self, code: str, way: SignInWay) -> ProviderIdentity:
        issuer = await self._found()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": way.back,
            "code_verifier": way.verifier,
        }
        headers = {}
        if not self._registered.secret or issuer.is_posted:
            form |= {"client_id": self._registered.id}
            form |= {"client_secret": self._registered.secret} if self._registered.secret else {}
        else:
            headers["Authorization"] = _basic(self._registered)
        said = await self._asking.post(issuer.token, headers, data=form)
        claims = await self._signed(issuer, text_in(said, "id_token", 100_000))
        if reason := self._amiss(claims, issuer, way):
            raise self._asking.refused(reason)
        return ProviderIdentity(PROVIDER, issuer.issuer, claims["sub"])

    async def _found(self) -> Issuer:
        if self._issuer is None or _is_old(self._issuer[0]):
            given = self._registered.issuer
            said = await self._asking.get(given.rstrip("/") + DISCOVERY)
            issuer = _issuer(said)
            if issuer.issuer.rstrip("/") != given.rstrip("/"):
                raise self._asking.unavailable("issuer")
            addresses = (issuer.authorization, issuer.token, issuer.keys)
            if not all(is_kept_private(one) for one in addresses) or not issuer.algorithms:
                raise self._asking.unavailable("discovery")
            self._issuer = time.monotonic(), issuer
        return self._issuer[1]

    async def _signed(self, issuer: Issuer, token: str) -> Mapping[str, Any]:
        """What the issuer signed, with keys that it may have changed since they were asked for."""
        is_fresh = self._keys is None or _is_old(self._keys[0])
        if self._keys is None or is_fresh:
            self._keys = await self._asked_keys(issuer)
        try:
            return _verified(token, self._keys[1], issuer.algorithms)
        except InvalidKeyIdError as error:
            if is_fresh:
                raise self._asking.refused("key") from error
        except (JoseError, ValueError) as error:
            raise self._asking.refused(type(error).__name__) from None
        self._keys = None
        return await self._signed(issuer, token)

    async def _asked_keys(self, issuer: Issuer) -> tuple[float, KeySet]:
        said = await self._asking.get(issuer.keys)
        listed = said.get("keys")
        known = [key for one in listed if (key := _key(one))] if isinstance(listed, list) else []
        if not known:
            raise self._asking.unavailable("keys")
        return time.monotonic(), KeySet(known)

    def _amiss(self, claims: Mapping[str, Any], issuer: Issuer, way: SignInWay) -> str:
        """What is wrong with claims that were signed (Core 1.0, section 3.1.3.7); empty if nothing
        is."""
        client, now = self._registered.id, self._clock().timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        party = claims.get("azp", client if len(audiences) == 1 else None)
        begins = [claims.get("iat"), claims.get("nbf", 0)]
        subject = text_in(claims, "sub", LONGEST_SUBJECT)
        wrong = {
            "iss": claims.get("iss") != issuer.issuer,
            "aud": client not in audiences,
            "azp": party != client,
            "exp": not now < _instant(claims.get("exp"), over=0) + LEEWAY,
            "iat": not all(_instant(one, over=math.inf) - LEEWAY <= now for one in begins),
            "nonce": claims.get("nonce") != way.nonce,
            "sub": not (subject and subject.isascii() and subject.isprintable()),
        }
        return next((name for name, is_wrong in wrong.items() if is_wrong), "")


def _issuer(said: Mapping[str, Any]) -> Issuer:
    signs = said.get("id_token_signing_alg_values_supported")
    methods = said.get("token_endpoint_auth_methods_supported")
    return Issuer(
        text_in(said, "issuer"),
        text_in(said, "authorization_endpoint"),
        text_in(said, "token_endpoint"),
        text_in(said, "jwks_uri"),
        tuple(one for one in ALGORITHMS if isinstance(signs, list) and one in signs),
        isinstance(methods, list) and "client_secret_basic" not in methods,
    )


def _key(said: Any) -> Any:
    """A key that signs; None of one that is none, or of a kind that is not known here, which is to
    be passed over (RFC 7517, section 5)."""
    try:
        return import_key(said) if said.get("use", "sig") == "sig" else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _verified(token: str, keys: KeySet, algorithms: tuple[str, ...]) -> Mapping[str, Any]:
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    return jwt.decode(token, keys, registry=registry).claims


def _basic(registered: ClientRegistration) -> str:
    """RFC 6749, section 2.3.1: each is encoded as in a form before."""
    pair = f"{quote_plus(registered.id)}:{quote_plus(registered.secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _instant(value: object, over: float) -> float:
    """A claim's instant. over: of what is none."""
    try:
        return value if isinstance(value, int | float) and math.isfinite(value) else over
    except OverflowError:  # A whole number that no float holds.
        return over


def _is_old(since: float) -> bool:
    return time.monotonic() - since >= KEPT_SECONDS
