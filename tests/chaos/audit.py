"""What an installation holds after the kills: its log, its jobs and its figures."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from domain.people.partner import Partner as PartnerStream
from domain.reporting.report import Report
from domain.trainees.events import OrderClosed
from infra.settings import Settings
from tests.chaos.checking import Found, Job, Kept, Logged, check
from tests.chaos.clients import Partner
from tests.infra.installation import chudan, superuser_url
from tests.oracle.known import known
from tests.oracle.kpis import answer
from tests.oracle.standing import standings

SENT = ("typed", "integrated")
"""The sources of what came with a key of a client's."""

EVENTS = """
select position, topic, is_last, payload->>'order_no' as order_no,
    stream_id, source->>'kind' as source
from events join tenants using (tenant_id) where code = %s order by position
"""
COMMANDS = """
select idempotency_key as key, position, (result->>'events')::int as events
from commands join tenants using (tenant_id) where code = %s
"""
JOBS = """
select id::text, kind, state from jobs join tenants using (tenant_id) where code = %s
"""
UNENDED = "select count(*) as count from jobs where state not in ('done', 'failed', 'cancelled')"
CLOSED = OrderClosed.TOPIC
OF_NOBODY = (PartnerStream.Joined.TOPIC, Report.Rendered.TOPIC)


def connect(settings: Settings) -> psycopg.Connection[dict[str, Any]]:
    """Past every policy."""
    return psycopg.connect(superuser_url(settings), row_factory=dict_row, autocommit=True)


def audit(connection: psycopg.Connection[dict[str, Any]], partner: Partner) -> Found:
    """What is wrong with one partner's log and jobs."""
    code = [partner.code]
    log = [
        Logged(
            row["position"],
            row["topic"],
            row["is_last"],
            row["order_no"] if row["topic"] == CLOSED else None,
            row["stream_id"].removeprefix("report-")
            if row["topic"] == Report.Rendered.TOPIC
            else None,
            row["source"] in SENT and row["topic"] not in OF_NOBODY,
        )
        for row in connection.execute(EVENTS, code)
    ]
    kept = {
        row["key"]: Kept(row["position"], row["events"])
        for row in connection.execute(COMMANDS, code)
    }
    jobs = [Job(row["id"], row["kind"], row["state"]) for row in connection.execute(JOBS, code)]
    return check(partner.told, log, kept, jobs)


def differing(data: Path, partner: Partner, day: date) -> list[str]:
    """The figures of the evening that are not the oracle's, from the acknowledged facts."""
    log = sorted(partner.facts, key=lambda fact: fact["position"])
    expected = answer(standings(known(log), day, day)).of
    shown = chudan(
        *("figures", "--partner", partner.code, "--on", str(day), "--format", "json"),
        *("--data", str(data)),
    )
    if shown.returncode:
        return [f"figures of {partner.code}: {shown.stderr}"]
    told = {figure["slug"]: figure["ratio"] for figure in json.loads(shown.stdout)["figures"]}
    found = {slug: _fraction(told[slug]) for slug in expected}
    return [
        f"{partner.code} {slug}: {found[slug]}, and the oracle says {theirs}"
        for slug, theirs in expected.items()
        if found[slug] != theirs
    ]


def _fraction(ratio: dict[str, int]) -> Fraction | None:
    if not ratio["denominator"]:
        return None
    return Fraction(ratio["numerator"], ratio["denominator"])
