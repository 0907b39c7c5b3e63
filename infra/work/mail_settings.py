"""The server of mails, and whom they come from, as the environment says."""

from collections.abc import Mapping

from domain.kernel.contacts import MAIL
from domain.kernel.errors import Refusal
from infra.servers.environment import SettingsError, url
from infra.work.mail_messages import reachable

SMTP_SCHEMES = ("smtp", "smtps")
MAIL_FROM = "chudan@chudan.invalid"


def mails(env: Mapping[str, str]) -> tuple[str | None, str]:
    """The server's address, None where mails become files, and the sender: named where a server
    is. Raises SettingsError `setting_invalid` (name, reason) and `setting_malformed` (name,
    example)."""
    server = url(env, "CHUDAN_SMTP_URL", SMTP_SCHEMES)
    sender = env.get("CHUDAN_MAIL_FROM") or ("" if server else MAIL_FROM)
    try:
        MAIL.check(sender, "CHUDAN_MAIL_FROM")
        reachable(sender)
    except Refusal as refusal:
        name, example = "CHUDAN_MAIL_FROM", "chudan@example.com"
        raise SettingsError("setting_malformed", name=name, example=example) from refusal
    return server, sender
