"""The log's statements by name; each stands in infra/log/sql/log_<name>.sql."""

from pathlib import Path

import msgspec

_FOLDER = Path(__file__).parent / "sql"


class LogSql(msgspec.Struct, frozen=True):
    """One field per file."""

    load: str
    owners: str
    commands: str
    heads: str
    versions: str
    keys: str
    written: str
    insert_events: str
    advance_heads: str
    insert_claims: str
    hand_over: str
    insert_commands: str
    insert_keys: str
    insert_outbox: str

    @classmethod
    def read(cls) -> "LogSql":
        return cls(
            **{
                name: (_FOLDER / f"log_{name}.sql").read_text(encoding="utf-8")
                for name in cls.__struct_fields__
            }
        )
