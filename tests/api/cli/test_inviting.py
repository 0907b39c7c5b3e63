"""`chudan partner create --admin` and `chudan user`: where the mails are that people are sent."""

import json
from uuid import uuid4

from infra.bootstrap import App
from tests.api.cli.terminal import chudan


async def test_where_no_mail_server_is_set_the_terminal_names_the_file_of_each_mail(
    app: App,
) -> None:
    environment, code = app.settings.environment, f"cd{uuid4().hex[:8]}"
    admin = f"admin@{code}.example"
    created = ("partner", "create", "--code", code, "--name", "成都渠道", "--admin", admin)
    status, output, errors = await chudan(environment, *created)
    assert (status, errors) == (0, "")
    told = json.loads(output)
    assert told["mail_file"] == f"mail/{told['invitation']}.eml"

    readdressed = ("user", "readdress", "--partner", code, "--mail", admin, "--send")
    status, output, _ = await chudan(environment, *readdressed, "--to", f"it@{code}.example")
    assert status == 0
    assert "No mail server is set: it becomes the file mail/" in output
