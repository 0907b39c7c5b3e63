"""The broker by its address; it carries the ids of jobs and no more (decisions/0008)."""

from typing import Any
from uuid import UUID

import dramatiq
import redis
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

from infra.servers.environment import SettingsError

QUEUE = "jobs"
PERFORM = "job.perform"
"""The one actor: (tenant id, job id)."""

HEARTBEAT_MS = 10_000
EVERY_COMMAND = 1_000_000
"""With both, what a killed worker held is back after 10.6 s instead of 148 s."""

ANSWER_SECONDS = 10.0
"""A broker that does not answer by then is away: nobody waits for ever on a dead line."""


class BrokerAwayError(Exception):
    """The broker cannot be reached now, or cannot write."""


class Redis(redis.Redis):
    """Takes a server that has no room to write, or does not answer, for one that is away: dramatiq
    tries such a one again by itself, and of any other error loses the acknowledgement."""

    def execute_command(self, *command: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*command, **options)  # type: ignore[no-untyped-call]
        except (redis.ResponseError, redis.TimeoutError) as error:
            if isinstance(error, redis.ResponseError) and "MISCONF" not in str(error):
                raise
            raise redis.ConnectionError(str(error)) from error


def make_broker(url: str | None) -> dramatiq.Broker:
    """The broker of an address, not connected yet. Raises SettingsError `broker_unknown`."""
    if not url:
        raise SettingsError("broker_unknown")
    broker: dramatiq.Broker
    if url.startswith("amqp"):
        broker = RabbitmqBroker(url=url, middleware=[], confirm_delivery=True)
    else:
        broker = RedisBroker(  # type: ignore[no-untyped-call]
            client=Redis.from_url(
                url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
            ),
            middleware=[],
            namespace="chudan",
            heartbeat_timeout=HEARTBEAT_MS,
            maintenance_chance=EVERY_COMMAND,
        )
    broker.declare_queue(QUEUE)
    return broker


def send(broker: dramatiq.Broker, tenant_id: UUID, job_id: UUID) -> None:
    """Says that there is work. Blocks; raises BrokerAwayError."""
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name=QUEUE,
        actor_name=PERFORM,
        args=(str(tenant_id), str(job_id)),
        kwargs={},
        options={},
    )
    try:
        broker.enqueue(message)
    except (dramatiq.BrokerError, redis.RedisError) as error:
        raise BrokerAwayError(type(error).__name__) from error
