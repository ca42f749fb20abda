"""Pacing, on any sequence of senders and recipients and with a clock as late as it likes."""

import itertools
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from msgc.send.pace import API_RATE, PAIR_BURST, PAIR_SECONDS, SENDER_RATE, Pace

AHEAD = 0.05
"""Seconds by which the dispatcher chooses ahead of the time."""
EARLY = 0.01
"""Seconds before a request is due at which it wakes."""
SLACK = 1e-6

rates = st.sampled_from([0.5, 1.0, 3.0, 17.0, 80.0, 120.0, 200.0]) | st.floats(0.1, 400)
senders = st.sampled_from([None, "+14151110001", "+14151110002", "+14151110003"])
recipients = st.integers(0, 5).map(str)
messages = st.lists(st.tuples(senders, recipients), min_size=1, max_size=12)
gaps = st.lists(st.sampled_from([0.0, 0.001, 0.02, 0.1, 0.7, 5.0]) | st.floats(0, 2), min_size=1, max_size=60)


@dataclass(frozen=True)
class Left:
    """A request that has left."""

    at: float
    sender: str | None
    recipient: str


def leave(pace: Pace, waiting: Iterator[tuple[str | None, str]], times: Iterable[float]) -> list[Left]:
    """What leaves when somebody looks at these times and chooses as the dispatcher does: in order, a little ahead."""
    left = []
    sender, recipient = next(waiting)
    for now in times:
        while True:
            at = max(pace.next(now), pace.next_to(sender, recipient, now))
            if at > now + AHEAD:
                break
            pace.take(sender, recipient, at)
            left.append(Left(max(at, now), sender, recipient))
            assert len(left) < 100_000, "nothing stops them"
            sender, recipient = next(waiting)
    return left


def most(times: list[float], seconds: float) -> int:
    """The most in any window of so many seconds; a window has its beginning, and not its end."""
    return max(bisect_left(times, at + seconds - SLACK) - index for index, at in enumerate(times)) if times else 0


def by(left: list[Left], key: str) -> dict[object, list[float]]:
    times = defaultdict(list)
    for each in left:
        times[each.sender if key == "sender" else (each.sender, each.recipient)].append(each.at)
    return times


def late(interval: float, jitter: list[float], seconds: float) -> Iterator[float]:
    """Times at which somebody looks who wants to every `interval` seconds, and is late by `jitter`."""
    now = 0.0
    for lateness in itertools.cycle(jitter):
        now += interval + lateness
        if now > seconds:
            return
        yield now


@settings(max_examples=150, deadline=None)
@given(rates, rates, messages, gaps)
@example(200.0, 80.0, [(None, "0")], [0.0] + [0.019] * 59)
@example(200.0, 200.0, [("+14151110001", "0"), ("+14151110002", "1")], [0.0, 5.0, 0.0, 0.7])
def test_no_second_holds_more_than_the_rate_in_all_and_from_each_number(
    rate: float, sender_rate: float, given_messages: list[tuple[str | None, str]], steps: list[float]
):
    left = leave(Pace(rate, sender_rate), itertools.cycle(given_messages), itertools.accumulate(steps))
    assert most([each.at for each in left], 1) <= rate * 1.05 + 1
    for times in by(left, "sender").values():
        assert most(times, 1) <= sender_rate * 1.05 + 1


@settings(max_examples=100, deadline=None)
@given(messages, gaps)
@example([(None, "0")], [0.0] * 10 + [5.9] * 50)
def test_no_recipient_gets_more_than_a_burst_and_then_one_in_six_seconds(
    given_messages: list[tuple[str | None, str]], steps: list[float]
):
    left = leave(Pace(math.inf, math.inf), itertools.cycle(given_messages), itertools.accumulate(steps))
    for times in by(left, "pair").values():
        for seconds in (0.5, PAIR_SECONDS, 10 * PAIR_SECONDS):
            # The look ahead shortens the pauses by a little at the most.
            assert most(times, seconds) <= PAIR_BURST + (seconds + AHEAD) / PAIR_SECONDS


def test_a_burst_is_had_in_full_and_again_after_a_rest():
    pace = Pace(math.inf, math.inf)
    minutes = [0.0, *(6.0 * number for number in range(1, 11)), 600.0]
    times = [each.at for each in leave(pace, itertools.repeat((None, "ana")), minutes)]
    assert times.count(0.0) == PAIR_BURST
    assert all(times.count(6.0 * number) == 1 for number in range(1, 11))
    assert times.count(600.0) == PAIR_BURST


def test_what_an_earlier_process_has_sent_counts():
    pace = Pace(math.inf, math.inf)
    pace.remember((None, "ana", 0.0) for _ in range(40))
    assert [each.at for each in leave(pace, itertools.repeat((None, "ana")), [1.0])] == [1.0] * (PAIR_BURST - 40)


def test_recipients_whose_pause_is_over_are_forgotten():
    pace = Pace(math.inf, math.inf)
    for number in range(10_000):
        pace.take(None, str(number), number * 1.0)
    assert len(pace._pairs) < 5_000


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([20.0, 80.0, 200.0]), st.lists(st.floats(0, 0.065), min_size=5, max_size=40))
@example(200.0, [0.065])
def test_a_little_lateness_loses_no_time(rate: float, jitter: list[float]):
    seconds = 20.0
    looks = late(0.0, [lateness + 0.001 for lateness in jitter], seconds)
    fresh = ((None, str(number)) for number in itertools.count())
    assert len(leave(Pace(rate, rate), fresh, looks)) / seconds == pytest.approx(rate, rel=0.02)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 0.05), min_size=5, max_size=40))
def test_numbers_that_take_turns_have_their_rates_added(jitter: list[float]):
    seconds = 20.0
    turns = itertools.cycle(["+14151110001", "+14151110002"])
    fresh = ((sender, str(number)) for number, sender in enumerate(turns))
    left = leave(Pace(2 * SENDER_RATE, SENDER_RATE), fresh, late(0.001, jitter, seconds))
    assert len(left) / seconds == pytest.approx(2 * SENDER_RATE, rel=0.02)


def test_a_long_sleep_is_not_made_up_for():
    fresh = ((None, str(number)) for number in itertools.count())
    left = leave(Pace(API_RATE, API_RATE), fresh, [0.0, 60.0])
    after = [each.at for each in left if each.at >= 60.0]
    # What was missed within the credit, and what is due within the look ahead; not a minute's worth.
    assert len(after) <= API_RATE * (0.02 + AHEAD) + 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 3), min_size=1, max_size=40))
def test_a_429_lowers_the_rate_once_a_second_and_time_raises_it(steps: list[float]):
    pace = Pace(200.0, 200.0)
    lowered_at = -math.inf
    for now in itertools.accumulate(steps):
        before = pace.share(now)
        pace.slow_down(now)
        if now - lowered_at >= 1:
            assert pace.share(now) == pytest.approx(max(0.01, before * 0.7))
            lowered_at = now
        else:
            assert pace.share(now) == before
        assert 0.01 <= pace.share(now) <= 1
    assert pace.share(now + 10) == pytest.approx(min(1, pace.share(now) + 0.2))
    assert pace.share(now + 51) == 1.0


@pytest.mark.parametrize("pace", [Pace(200.0, 100.0), Pace(100.0, 200.0)], ids=["number", "all"])
def test_after_a_429_fewer_leave_in_all_and_from_each_number(pace: Pace):
    fresh = ((None, str(number)) for number in itertools.count())
    leave(pace, fresh, late(0.005, [0.0], 2))
    pace.slow_down(2.0)
    left = [each.at for each in leave(pace, fresh, (2 + at for at in late(0.005, [0.0], 5)))]
    assert most([at for at in left if at < 3.0], 1) <= 100 * 0.7 * 1.05 + 1
    speeds = [sum(2 + second <= at < 3 + second for at in left) for second in range(5)]
    assert speeds == sorted(speeds), "it is raised again, little by little"
    assert speeds[-1] > speeds[0]


def test_a_share_is_never_so_small_that_nothing_leaves():
    pace = Pace(80.0, 80.0)
    for second in range(100):
        pace.slow_down(second * 1.0)
    assert pace.share(99.0) >= 0.01
    fresh = ((None, str(number)) for number in itertools.count())
    assert leave(pace, fresh, late(0.01, [0.0], 5))


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 100), st.lists(st.floats(0, 1), min_size=1, max_size=100))
def test_a_hold_keeps_everything_back_and_ends_without_a_burst(until: float, steps: list[float]):
    pace = Pace(200.0, 200.0)
    pace.hold(until)
    pace.hold(until / 2)  # a shorter one does not shorten it
    fresh = ((None, str(number)) for number in itertools.count())
    left = leave(pace, fresh, itertools.accumulate(steps))
    assert all(each.at >= until for each in left)
    assert most([each.at for each in left], 1) <= 200 * 1.05 + 1


def test_without_a_rate_nothing_waits_but_for_a_recipient():
    fresh = ((None, str(number)) for number in range(5_000))
    left = leave(Pace(math.inf, math.inf), itertools.chain(fresh, itertools.repeat((None, "0"))), [1.0])
    assert len(left) == 5_000 + PAIR_BURST - 1
    assert {each.at for each in left} == {1.0}
