"""The broker by its address."""

from uuid import uuid4

import dramatiq
import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

from infra.servers.environment import SettingsError
from infra.work.broker import QUEUE, BrokerAwayError, make_broker, send


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("unix:///nonexistent/redis.sock?db=0", RedisBroker),
        ("redis://127.0.0.1:1/0", RedisBroker),
        ("amqp://127.0.0.1:1/", RabbitmqBroker),
    ],
)
def test_is_chosen_by_the_scheme_and_connects_to_nothing_yet(
    url: str, kind: type[dramatiq.Broker]
) -> None:
    broker = make_broker(url)
    assert isinstance(broker, kind)
    assert QUEUE in broker.get_declared_queues()
    assert broker.middleware == []


@pytest.mark.parametrize("url", ["unix:///nonexistent/redis.sock?db=0", "amqp://127.0.0.1:1/"])
def test_says_so_when_the_broker_is_away(url: str) -> None:
    with pytest.raises(BrokerAwayError):
        send(make_broker(url), uuid4(), uuid4())


@pytest.mark.parametrize("url", [None, ""])
def test_refuses_before_the_address_is_known(url: str | None) -> None:
    with pytest.raises(SettingsError):
        make_broker(url)
