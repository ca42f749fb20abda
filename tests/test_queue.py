"""Which message leaves next, by a clock of the test: each number at its rate, and all of them together."""

import math
from collections import Counter

import pytest

from msgc.send.message import Message
from msgc.send.pace import API_RATE, SENDER_RATE, Pace
from msgc.send.queue import Queue

ORDERS = {
    "alternating": lambda index, _: index % 2,
    "in groups of four": lambda index, _: index // 4 % 2,
    "one after the other": lambda index, count: index // (count // 2),
}


def choose_all(messages: list[Message], pace: Pace, step: float = 0.01) -> list[tuple[float, Message]]:
    """All messages with the times at which they leave, by a clock that goes on in steps."""
    now = 100.0
    queue = Queue(pace)
    queue.extend(messages)
    left: list[tuple[float, Message]] = []
    while queue:
        left += [(at, message) for message, at in queue.take(now, 10**9)]
        now += step
        assert now < 1_000, "some messages never leave"
    assert len(left) == len(messages)
    assert +queue._behind == Counter()
    return sorted(left, key=lambda pair: pair[0])


def message(position: int, sender: str | None, recipient: str | None = None) -> Message:
    to = recipient or f"+1604{position:07}"
    return Message(position, sender, to, "session", b"{}", None, None, False, 0)


def busiest(times: list[float]) -> int:
    """The most of these in any one second."""
    return max(sum(at <= other < at + 1.0 for other in times[index:]) for index, at in enumerate(times))


@pytest.mark.parametrize("order", ORDERS)
def test_two_numbers_go_at_twice_the_rate_of_one(order: str):
    count = 960
    senders = [f"+1415111123{ORDERS[order](index, count)}" for index in range(count)]
    left = choose_all([message(index, sender) for index, sender in enumerate(senders)], Pace(API_RATE, SENDER_RATE))
    seconds = left[-1][0] - left[0][0]
    assert seconds < count / (2 * SENDER_RATE) * 1.05
    for sender in set(senders):
        times = [at for at, each in left if each.sender == sender]
        assert busiest(times) <= SENDER_RATE * 1.05
    for sender in set(senders):
        positions = [each.position for _, each in left if each.sender == sender]
        assert positions == sorted(positions), "messages from one number keep their order"


def test_one_number_keeps_the_order_and_the_rate():
    left = choose_all([message(index, None) for index in range(400)], Pace(SENDER_RATE, SENDER_RATE))
    assert [each.position for _, each in left] == [*range(400)]
    assert left[-1][0] - left[0][0] == pytest.approx(399 / SENDER_RATE, rel=0.02)


def test_without_a_rate_everything_leaves_at_once():
    left = choose_all([message(index, None) for index in range(3_000)], Pace(math.inf, math.inf))
    assert left[-1][0] - left[0][0] < 0.1


def test_a_recipient_with_many_messages_does_not_hold_up_the_others():
    flood = [message(index, None, "+16044441111") for index in range(60)]
    others = [message(index, None) for index in range(60, 260)]
    left = choose_all([*flood, *others], Pace(SENDER_RATE, SENDER_RATE))
    last_other = max(at for at, each in left if each.position >= 60)
    assert last_other - left[0][0] < 250 / SENDER_RATE
    assert left[-1][0] - left[0][0] > 60, "one message in six seconds after a burst of 45"
