"""What `msgc send` shows: what it would do, how far it has come, and how it ended."""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from msgc.cli.send_way import UNNAMED_BUSINESS, Pacing
from msgc.cli.session import Session, Unusable
from msgc.diagnostic import Diagnostic, enumerate_words
from msgc.emit import parsed, pretty
from msgc.error_table import ErrorTable
from msgc.report.escape import escape, escape_json
from msgc.report.json import dump
from msgc.send.dispatch import Dispatcher, End
from msgc.send.message import STATES, Run, State
from msgc.send.prepare import Ready
from msgc.send.run_file import RunFile

_EVERY_ON_TERMINAL, _EVERY_IN_LOG = 0.2, 15.0
_KINDS = {"session": "session message", "templated": "templated message"}


@dataclass
class Compiled:
    """What came of compiling all rows: how many there are, and how many are not sent for which reason."""

    rows: int = 0
    invalid: int = 0
    equal: int = 0
    given_before: int = 0
    left_out: int = 0
    sent_before: int = 0
    beyond_limit: int = 0
    is_broken: bool = False
    sample: Ready | None = None
    rejects: str | None = None
    overrides: Counter[str] = field(default_factory=Counter)

    @property
    def objections(self) -> int:
        """How many messages could be sent, and something speaks against it."""
        return self.equal + self.given_before

    def note_overrides(self, problems: Iterable[Diagnostic]) -> None:
        """Count the messages for which a limit's override decided."""
        # One line for each limit: what a message has beyond it differs from row to row.
        self.overrides.update({_after(each.message, "; ") for each in problems if each.rule == "limit-overridden"})


def _after(text: str, mark: str) -> str:
    return text.rpartition(mark)[2]


def show_preview(
    session: Session,
    run_file: RunFile,
    run: Run,
    pacing: Pacing,
    compiled: Compiled | None = None,
    states: Sequence[State] = ("pending",),
) -> None:
    """Say what would be sent, to whom, how fast and with which reservations; and show one message."""
    for title, text in _preview(run_file, run, pacing, compiled, states):
        session.say(f"{title:<10} {text}")
    sample = None if compiled is None else compiled.sample
    if sample is None or session.quiet:
        return
    where = f"row {sample.row}, " if run.data is not None else ""
    session.say(f"{'sample':<10} {where}to {sample.recipient}:")
    click.echo(escape_json(pretty(parsed(sample.body)).decode()), nl=False, err=True)
    if sample.fallback is not None:
        session.say("and its fallback:")
        click.echo(escape_json(pretty(parsed(sample.fallback)).decode()), nl=False, err=True)


def _preview(
    run_file: RunFile, run: Run, pacing: Pacing, compiled: Compiled | None, states: Sequence[State]
) -> Iterable[tuple[str, str]]:
    found = run_file.kinds(states)
    kinds, count = [counted(number, _KINDS[kind]) for kind, number in found.items()], sum(found.values())
    of = f" of {run.definition}" if run.definition is not None else ""
    source = f", from {run.data}" if run.data is not None else ""
    yield "messages", f"{enumerate_words(kinds, 'and') or 'none'}{of}{source}"
    for number, words in _left_out(compiled) if compiled is not None else ():
        yield "", f"{counted(number, 'row')} {'is' if number == 1 else 'are'} left out: {words}"
    yield "to", _where(run)
    if count == 0:
        return
    senders = [f"{number or 'a number that Connectly chooses'}" for number, _ in run_file.senders(states)]
    shown = senders if len(senders) <= 3 else [*senders[:2], f"{len(senders) - 2} other numbers"]
    yield "from", enumerate_words(shown, "and") or "nobody"
    yield "rate", pacing.words
    if math.isfinite(pacing.rate) and count > pacing.rate:
        yield "", f"takes about {_duration(count / pacing.rate)}"
    for words, number in compiled.overrides.most_common() if compiled is not None else ():
        yield "overridden", f"{words} ({counted(number, 'message')})"
    if run.allow_fallback:
        yield "fallback", "a template is sent, and paid for, where the 24-hour window is closed"


def _where(run: Run) -> str:
    if run.is_sandbox:
        return "a sandbox on this machine"
    business = "no business is named yet" if run.business_id == UNNAMED_BUSINESS else f"business {run.business_id}"
    return f"{run.base_url}, {business}"


def _left_out(compiled: Compiled) -> Iterable[tuple[int, str]]:
    reasons = (
        (compiled.invalid, "not valid" + (f"; to be copied to {compiled.rejects}" if compiled.rejects else "")),
        (compiled.sent_before, "sent before"),
        (compiled.left_out, "to somebody who is not in `--only-to`"),
        (compiled.beyond_limit, "beyond `--limit`"),
    )
    return [(number, words) for number, words in reasons if number]


def confirm(
    session: Session,
    question: str,
    *,
    otherwise: str = "say `--yes` to send, or `--dry-run` to look only",
    outcome: str = "nothing was sent",
) -> None:
    """Ask on the terminal. Ends the command with an outcome at a no. Raises `Unusable` where nobody can answer."""
    if not sys.stdin.isatty():
        raise Unusable(f"nobody can be asked here: {otherwise}")
    if not click.confirm(question, err=True):
        session.say(outcome)
        sys.exit(0)


async def show_progress(session: Session, dispatcher: Dispatcher, total: int) -> None:
    """Say how far it has come, on stderr, until it is cancelled: in one line on a terminal, seldom elsewhere."""
    if session.quiet:
        return
    is_terminal = sys.stderr.isatty()
    began = time.monotonic()
    line = ""
    try:
        while True:
            await asyncio.sleep(_EVERY_ON_TERMINAL if is_terminal else _EVERY_IN_LOG)
            line = _progress(dispatcher, total, time.monotonic() - began)
            click.echo(f"\r{line}\x1b[K" if is_terminal else line, nl=not is_terminal, err=True, color=is_terminal)
    finally:
        if is_terminal and line:
            click.echo("\r\x1b[K", nl=False, err=True, color=True)


def _progress(dispatcher: Dispatcher, total: int, seconds: float) -> str:
    tally = dispatcher.tally
    done = tally.sent + tally.failed + tally.unknown
    rate = done / seconds if seconds else 0.0
    parts = [f"{tally.sent:,} of {total:,} sent"]
    parts += [f"{number:,} {name}" for number, name in ((tally.failed, "failed"), (tally.unknown, "unknown")) if number]
    parts.append(f"{rate:,.0f} a second")
    if tally.throttled:
        parts.append(f"slowed down {tally.throttled:,} times")
    if dispatcher.trouble is not None:
        parts.append(dispatcher.trouble)
    elif rate:
        parts.append(f"{_duration((total - done) / rate)} left")
    return ", ".join(parts)


def show_summary(session: Session, run_file: RunFile, shown: str, end: End, table: ErrorTable) -> None:
    """Say how a run ended, and what to do about what was not sent: on stdout, because it is the answer."""
    run, counts, problems = run_file.run, run_file.counts(), _problems(run_file, table)
    if session.format == "json":
        click.echo(dump(summary(run, counts, problems, end)), nl=False)
        return
    if session.quiet and counts["sent"] == sum(counts.values()):
        return
    lines = [_counts_line(counts, run_file.fallbacks()), *_problem_lines(problems)]
    lines += _endings(end, counts, shown)
    for line in lines:
        click.echo(escape(line))


def show_run(session: Session, run_file: RunFile, shown: str, table: ErrorTable, *, is_running: bool) -> None:
    """Say what a run is and how its messages stand, on stdout."""
    run, counts, problems = run_file.run, run_file.counts(), _problems(run_file, table)
    if session.format == "json":
        click.echo(dump({**summary(run, counts, problems, None), "is_running": is_running}), nl=False)
        return
    of = run.definition or run.data or run.label
    lines = [f"run {run.id}: {of}" + (f", from {run.data}" if run.definition and run.data else "")]
    lines += [f"made {_time(run.created)}, {_where(run)}" + (f', label "{run.label}"' if run.label != of else "")]
    lines += [_counts_line(counts, run_file.fallbacks()), *_problem_lines(problems)]
    if is_running:
        lines.append("it is being sent now")
    else:
        if counts["sending"]:
            lines.append("it was cut short: nobody knows whether what was being sent was accepted")
            counts = {**counts, "sending": 0, "unknown": counts["unknown"] + counts["sending"]}
        lines += _advice(counts, shown)
    for line in lines:
        click.echo(escape(line))


def _endings(end: End, counts: dict[State, int], shown: str) -> list[str]:
    words = {
        "done": "",
        "interrupted": "interrupted",
        "account": f"stopped: {end.detail}",
        "failures": f"paused, because too many in a row were not sent (`--pause-after`); the last: {end.detail}",
        "unreachable": f"stopped, because the API cannot be reached: {end.detail}",
        "throttled": f"stopped: {end.detail}",
        "storage": f"stopped, because the run file cannot be written: {end.detail}",
    }[end.reason]
    lines = [words] if words else []
    if end.unrecorded:
        lines.append(f"{counted(end.unrecorded, 'answer')} could not be written down: unknown when the run goes on")
    return lines + _advice(counts, shown)


def _advice(counts: dict[State, int], shown: str) -> list[str]:
    """How to go on with what is left, or was not sent."""
    lines = []
    if counts["pending"]:
        lines.append(f"`msgc send --resume {shown}` sends the {counts['pending']:,} that are left")
    retried: tuple[State, ...] = ("failed", "unknown")
    retries = [state for state in retried if counts[state]]
    if retries:
        what = "all" if len(retries) == 2 else retries[0]
        doubt = "; what is unknown may have been sent already" if counts["unknown"] else ""
        lines.append(f"`msgc send --resume {shown} --retry {what}` tries those once more{doubt}")
    return lines


def _problems(run_file: RunFile, table: ErrorTable) -> list[dict[str, Any]]:
    """Why messages were not sent, the most frequent reason first; `help` is what the table advises."""
    return [
        {
            "state": state,
            "code": code,
            "reason": reason or "the process ended before its answer came",
            "help": known.help.rstrip(".") if (known := table.find(code, None)) is not None else None,
            "count": count,
        }
        for state, code, reason, count in run_file.outcomes()
    ]


def _problem_lines(problems: list[dict[str, Any]]) -> Iterable[str]:
    for problem in problems:
        code = f"{problem['code']}: " if problem["code"] is not None else ""
        yield f"  {problem['count']:,} {problem['state']}: {code}{problem['reason']}"
        if problem["help"] is not None:
            yield f"    {problem['help']}"


def summary(run: Run, counts: dict[State, int], problems: list[dict[str, Any]], end: End | None) -> dict[str, Any]:
    """A run as plain data: what it is, how many messages are in each state, and why those that were not sent."""
    return {
        "version": 1,
        "run": run.id,
        "label": run.label,
        "definition": run.definition,
        "data": run.data,
        "created": _time(run.created),
        "base_url": run.base_url,
        "business_id": run.business_id,
        "ended": None if end is None else end.reason,
        "detail": None if end is None else end.detail or None,
        "counts": counts,
        "problems": problems,
    }


def counts_words(counts: dict[State, int]) -> str:
    """`2 sent, 1 failed`: the states that there are."""
    return ", ".join(f"{counts[state]:,} {state}" for state in reversed_states() if counts[state]) or "no messages"


def reversed_states() -> tuple[State, ...]:
    """The states in the order in which people ask for them."""
    return ("sent", "failed", "unknown", "sending", "pending")


def _counts_line(counts: dict[State, int], fallbacks: int) -> str:
    extra = f" ({counted(fallbacks, 'fallback')} among them)" if fallbacks else ""
    return f"{counted(sum(counts.values()), 'message')}: {counts_words(counts)}{extra}"


def ago(at: float) -> str:
    """How long ago a time (seconds since 1970) is."""
    return f"{_duration(max(0.0, time.time() - at))} ago"


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _duration(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size:
            return f"{counted(round(seconds / size), name)}"
    return counted(max(1, round(seconds)), "second")


def counted(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


assert set(reversed_states()) == set(STATES)
