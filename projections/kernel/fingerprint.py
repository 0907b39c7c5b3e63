"""A projection's fingerprint: all that may change only together with its version.

While a deployment goes on, projectors of the old and of the new program share a version's rows and
checkpoint. If both gave it other events or another row, the old one would move the checkpoint past
events that the new row never learns of.
"""

import hashlib
from typing import Any

import msgspec

from projections.kernel.projection import Projection, StoredTable

FOR_READERS = ("title", "description")
"""What a schema says in words; a field of such a name has a schema of its own instead."""


def fingerprint(projection: Projection[Any]) -> str:
    """Hexadecimal: of the events and what is read of them, the key, the row with all that is nested
    in its JSON columns, whether its past is kept, and the same of its parts' rows."""
    shape = {
        "events": sorted(projection.topics),
        "reads": [projection.personal, projection.envelope],
        **_stored(projection),
        "past_every": projection.past_every,
    }
    if projection.parts:
        shape["parts"] = {"table": projection.parts.table, **_stored(projection.parts)}
    return hashlib.sha256(msgspec.json.encode(shape, order="deterministic")).hexdigest()[:16]


def _stored(table: StoredTable[Any]) -> dict[str, Any]:
    schema = msgspec.json.schema(table.row)
    return {
        "key": table.primary_key,
        "row": shape(schema),
        "columns": table.columns,
    }


def shape(schema: dict[str, Any]) -> Any:
    """A JSON schema with each struct where it is used: no struct's name, nothing for readers."""
    return _shape(schema, schema.get("$defs", {}))


def _shape(schema: Any, structs: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_shape(value, structs) for value in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _shape(structs[schema["$ref"].rpartition("/")[2]], structs)
    return {
        name: _shape(value, structs)
        for name, value in schema.items()
        if name != "$defs" and not (name in FOR_READERS and isinstance(value, str))
    }
