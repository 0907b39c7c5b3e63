"""Where passkeys are good: at a host with a name, over a connection that nobody listens to."""

from urllib.parse import urlsplit

from api.auth import system
from api.web.kit.renderer import PageRequest
from services.people.passkeys import Site

LOCAL = "localhost"


def passkey_site(request: PageRequest) -> Site | None:
    """The site, where the page is read at it; None where browsers refuse passkeys: at a bare
    address, or over http but on this machine."""
    here = urlsplit(f"//{request.headers.get('host', '')}")
    wanted = urlsplit(passkey_address(request))
    host = wanted.hostname or ""
    if here.hostname != host or not (host == LOCAL or wanted.scheme == "https"):
        return None
    if not any(one.isalpha() for one in host) or ":" in host:
        return None
    # On this machine any port will do: nothing else has the name.
    origin = f"{wanted.scheme}://{here.netloc if host == LOCAL else wanted.netloc}"
    return Site(origin, host)


def passkey_address(request: PageRequest) -> str:
    """The address at which passkeys are good."""
    settings = system(request).settings
    return settings.address or f"http://{LOCAL}:{settings.port}"
