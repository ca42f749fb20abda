"""Work spread over processes."""

import os
import signal
from collections.abc import Iterator

import pytest

from msgc.jobs import LostWorker, spread


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_are_in_the_order_of_the_pieces(count: int, jobs: int):
    results = list(spread(square, range(count), jobs))
    assert [result for result, _ in results] == [number * number for number in range(count)]
    processes = {process for _, process in results}
    if jobs == 1 or count < 2:
        assert processes <= {os.getpid()}
    else:
        assert os.getpid() not in processes


def test_work_need_not_be_picklable_and_large_pieces_do_not_block():
    piece = b"x" * 1_000_000
    assert list(spread(lambda each: each + piece, [piece] * 8, 2)) == [piece + piece] * 8


def test_pieces_are_taken_no_faster_than_they_are_worked_on():
    taken = 0

    def pieces() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    results = spread(square, pieces(), 2)
    for done in range(1, 50):
        next(results)
        assert taken <= done + 6
    results.close()


def test_what_work_raises_is_raised():
    def fail(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return number

    results = spread(fail, range(10), 2)
    assert [next(results), next(results), next(results)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)


def test_a_worker_that_is_killed_is_no_success():
    def die(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(LostWorker, match="--jobs 1"):
        list(spread(die, range(10), 2))
