"""What services have in common of which there is one for everybody, at addresses of its own."""

from typing import ClassVar

from infra.access.asking import PATIENCE, Asking
from infra.access.registrations import ClientRegistration


class HostedProvider:
    """NAME: of the provider. LOG_IN, API: where people log in, and where programs ask."""

    NAME: ClassVar[str]
    LOG_IN: ClassVar[str]
    API: ClassVar[str]

    code = "code"
    is_tried = False

    def __init__(
        self,
        registered: ClientRegistration,
        log_in: str | None = None,
        api: str | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """log_in, api: others than its own, of a stand-in."""
        self._registered = registered
        self._log_in, self._api = log_in or self.LOG_IN, api or self.API
        self._asking = Asking(self.NAME, patience)
