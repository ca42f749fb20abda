"""Whatever kills a sender, nothing is sent twice or lost. `tests/benchmarks/crash.py` kills it for longer."""

from pathlib import Path

from crash import send_under_fire


def test_a_sender_that_is_killed_sends_nothing_twice_and_loses_nothing(tmp_path: Path):
    outcome = send_under_fire(tmp_path, rows=600, kills=8, seed=1)
    outcome.check()
    assert outcome.states["sent"] > 400
