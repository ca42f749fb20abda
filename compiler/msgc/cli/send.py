"""`msgc send`: one message, a file of payloads, or a definition over a data file; nothing lost and nothing doubled."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import click

from msgc import __version__
from msgc.cli import FINDINGS, interrupts
from msgc.cli.row_findings import RowFindings
from msgc.cli.send_files import check_files
from msgc.cli.send_messages import Candidate, Messages, open_messages
from msgc.cli.send_options import Options
from msgc.cli.send_rejects import Rejects, open_rejects
from msgc.cli.send_run import carry_out, resume
from msgc.cli.send_screen import Compiled, ago, confirm, show_preview
from msgc.cli.send_way import open_way
from msgc.cli.session import Session, Unusable, exit_code, fails, shared_options
from msgc.cli.values import FORMATS
from msgc.diagnostic import Diagnostic, Rejected
from msgc.pipeline import Project
from msgc.rules import finding
from msgc.send.message import STATES, Run
from msgc.send.prepare import EqualTo, Freezer, LeftOut, Objection
from msgc.send.register import Entry, Register
from msgc.send.run_file import RunFile
from msgc.send.storage import StorageError
from msgc.send.store import Store, check_room

_RETRIES = ("failed", "unknown", "all")


@click.command("send")
@click.argument("name", required=False)
@click.option("--to", metavar="NUMBER", help="The recipient of one message: +16044441111, or a BSUID.")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter; `a.b=v` inside an object.")
@click.option("--example", metavar="NAME", help="Take the values of one message from an example.")
@click.option("--data", metavar="FILE|-", help="Send NAME to every row of a data file (CSV, JSON Lines, JSON, YAML).")
@click.option("--data-format", type=click.Choice(FORMATS), help="What the data file is, if its name does not say.")
@click.option("--to-column", metavar="COLUMN", help="The data's column of the recipient (default `recipient`).")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes share the work (default: one for each processor).",
)
@click.option("-f", "--file", "payloads", metavar="FILE|-", help="Send ready-made payloads: JSON, a list, JSON Lines.")
@click.option("--resume", "resumed", metavar="RUN", help="Go on with a run that was interrupted.")
@click.option("--retry", type=click.Choice(_RETRIES), help="With --resume: send these once more as well.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("-n", "--dry-run", is_flag=True, help="Compile, verify, show what would be sent, and stop.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send the first N messages only.")
@click.option("--only-to", multiple=True, metavar="NUMBER", help="Leave out everybody else; can be repeated.")
@click.option("--skip-invalid", is_flag=True, help="Send the valid rows although others are not.")
@click.option("--rejects", metavar="FILE", help="Where --skip-invalid copies invalid rows (default DATA.rejects.csv).")
@click.option("--skip-sent", is_flag=True, help="Leave out what was sent before, instead of refusing.")
@click.option("--again", is_flag=True, help="Send although the same was sent within seven days.")
@click.option("--allow-duplicates", is_flag=True, help="Rows that are the same are meant to be.")
@click.option(
    "--allow-fallback", is_flag=True, help="Where the 24-hour window is closed send the `fallback`, which costs."
)
@click.option("--label", metavar="TEXT", help="What the run is known by when it is sent again (default NAME).")
@click.option("--result", metavar="FILE", help="Write a line of JSON for every message.")
@click.option("--run", "run_path", metavar="FILE", help="Where to keep the run (default below `.msgc/runs/`).")
@click.option(
    "--business-id", metavar="ID", envvar="MSGC_BUSINESS_ID", show_envvar=True, help="The business to send as."
)
@click.option("--base-url", metavar="URL", envvar="MSGC_BASE_URL", show_envvar=True, help="Another address of the API.")
@click.option("--sandbox", is_flag=True, help="Send to the API on this machine, started for the occasion.")
@click.option("--rate", metavar="N", help="Requests a second (default 80 for each number; at most 200).")
@click.option(
    "--in-flight", type=click.IntRange(1, 1000), metavar="N", help="Requests at a time (default: half a second's)."
)
@click.option(
    "--pause-after",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="Pause when so many in a row were not sent; 0 for never.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1, 600),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds for a whole request.",
)
@click.option(
    "--connect-timeout",
    type=click.FloatRange(0.1, 600),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds for a connection.",
)
@shared_options(short_format=False)
def command(session: Session, **given: Any) -> None:
    """Send messages through Connectly's API. The key comes from the environment variable CONNECTLY_API_KEY.

    Everything is compiled and verified first; then msgc shows what it would send, and asks. Every message and every
    request is kept in a run file, so that a run which was interrupted can go on, and nothing is sent twice.

    \b
    msgc send orders/shipped --to +16044441111 --set first_name=Ana
    msgc send orders/shipped --data customers.csv --dry-run
    msgc send orders/shipped --data customers.csv --yes --result sent.jsonl
    msgc send -f out/orders/shipped.typical.json --to +16044441111
    msgc send --resume 20261124-134502-k3f7 --retry failed
    """
    options = Options(**given)
    options.check()
    try:
        if options.resumed is not None:
            resume(session, session.project_without_catalog(), options)
        _send(session, options)
    except StorageError as error:
        raise Unusable(str(error)) from error


def _send(session: Session, options: Options) -> NoReturn:
    project = session.project((options.name,)) if options.name is not None else session.project_without_catalog()
    check_files(options)
    _check_numbers(project, options.only_to)
    store = Store(project.configuration.root)
    store.prepare()
    now = time.time()
    run_id = store.new_id(now)
    target = Path(options.run_path).absolute() if options.run_path is not None else store.path(run_id)
    draft_path = store.draft(run_id, target)
    with contextlib.ExitStack() as stack:
        way = stack.enter_context(open_way(session, project, options))
        messages = stack.enter_context(open_messages(session, project, options))
        rejects = stack.enter_context(open_rejects(options, messages))
        register = None if way.is_sandbox else stack.enter_context(Register(store.register))
        draft = stack.enter_context(RunFile.create(draft_path))
        stack.callback(draft_path.unlink, missing_ok=True)
        label = options.label or messages.label
        freezer = Freezer(
            draft=draft,
            register=register,
            address=way.address,
            label=label,
            now=now,
            only_to=frozenset(options.only_to) or None,
            allow_duplicates=options.allow_duplicates,
            again=options.again or options.is_single,
        )
        compiled = _compile(session, options, messages, freezer, rejects)
        run = Run(
            id=run_id,
            created=now,
            version=__version__,
            label=label,
            definition=messages.definition,
            data=messages.data,
            base_url=way.endpoint.base_url,
            business_id=way.endpoint.business_id,
            is_sandbox=way.is_sandbox,
            allow_fallback=options.allow_fallback,
            rate=options.rate,
            in_flight=options.in_flight,
        )
        show_preview(session, draft, run, way.pacing(draft), compiled)
        if options.dry_run:
            session.say("nothing was sent: this was a dry run")
            sys.exit(0)
        if freezer.count == 0:
            rejects.keep()
            session.say("there is nothing to send")
            sys.exit(0)
        again = _ask(session, options, freezer, register, draft, now)
        check_room(target.parent, freezer.count)
        session.say(f"{'run':<10} {options.run_path or run_id}")  # now, for whoever finds this process gone
        rejects.keep()
        draft.publish(run, target)
        carry_out(session, project, options, way, target, register, again=again)


def _check_numbers(project: Project, numbers: tuple[str, ...]) -> None:
    """Raises `Unusable` for a number that no message can go to: a list for safety must not be a list of nobody."""
    recipient = project.contract.request("session").field("recipient")
    place = None if recipient is None else recipient.field("id")
    for number in numbers:
        is_known = place is None or not project.contract.judge_at(place, number)
        if not is_known and not project.contract.is_user_id(number):
            raise Unusable(f"`--only-to {number}` is neither a phone number such as +16044441111 nor a BSUID")


def _compile(session: Session, options: Options, messages: Messages, freezer: Freezer, rejects: Rejects) -> Compiled:
    """Freezes every message that can be sent. Ends the command, with a report, where something forbids sending."""
    listed = RowFindings()
    listed.insist(messages.warnings)
    compiled = Compiled()
    try:
        for candidate in messages.candidates:
            interrupts.heed()
            compiled.rows += 1
            problems = list(candidate.problems)
            compiled.note_overrides(problems)
            if candidate.ready is None:
                compiled.invalid += 1
                rejects.write(candidate, problems)
            elif options.limit is not None and freezer.count >= options.limit:
                compiled.beyond_limit += 1
            else:
                objection = freezer.freeze(candidate.ready)
                problems += _objected(objection, candidate, options, compiled)
            listed.add(problem for problem in problems if problem.rule != "limit-overridden")
    except Rejected as rejected:
        listed.insist(rejected.diagnostics)
        compiled.is_broken = True
    interrupts.heed()
    compiled.sample, compiled.rejects = freezer.first, rejects.shown
    data = messages.data or ""
    what_to_do = "mend those that are shown, and send again"
    if compiled.objections:
        what_to_do = "what is said of those that are shown goes for the others as well"
    problems = listed.all(data, what_to_do)
    if compiled.rows == 0 and not exit_code(problems):
        what, help_ = ("rows", "add a row for each recipient")
        if options.payloads is not None:
            what, help_ = ("payloads", "write a payload, or a list of payloads")
        problems.append(finding("no-payload", f"there are no {what} in {data}", file=data, help=help_))
        compiled.is_broken = True
    refused = compiled.invalid and not options.skip_invalid
    if compiled.is_broken or refused or compiled.objections or any(fails(each) for each in messages.warnings):
        session.report(problems)
        _say_ways_out(session, options, compiled)
        session.say("nothing was sent")
        sys.exit(exit_code(problems) or FINDINGS)
    if any(problem.suppressed is None for problem in problems):
        session.report(problems, err=True)
    return compiled


def _say_ways_out(session: Session, options: Options, compiled: Compiled) -> None:
    """How many rows are refused for which reason, and what sends the others, if there are others."""
    if compiled.rows < 2:
        return
    reasons = [
        (0 if options.skip_invalid else compiled.invalid, ("is refused", "are refused"), "--skip-invalid"),
        (compiled.given_before, ("was sent before", "were sent before"), "--skip-sent"),
        (compiled.equal, ("is the same as another", "are the same as another"), ""),
    ]
    there = [(number, words, option) for number, words, option in reasons if number]
    for number, words, _ in there:
        session.say(f"{number:,} of {compiled.rows:,} rows {words[number != 1]}")
    others = compiled.rows - sum(number for number, _, _ in there)
    if there and others > 0 and compiled.equal == 0 and not compiled.is_broken:
        session.say(f"`{' '.join(option for _, _, option in there)}` sends the others")


def _objected(
    objection: Objection | None, candidate: Candidate, options: Options, compiled: Compiled
) -> list[Diagnostic]:
    """What to say of a message that was not frozen, and counting it."""
    number = candidate.number
    if isinstance(objection, LeftOut):
        compiled.left_out += 1
    elif isinstance(objection, EqualTo):
        compiled.equal += 1
        message = f"the row makes the same message for the same recipient as row {objection.row}"
        help_ = "remove one of them, or say `--allow-duplicates` if both are meant"
        return [finding("equal-rows", message, candidate.locate(), row=number, help=help_)]
    elif isinstance(objection, Entry):
        if options.skip_sent:
            compiled.sent_before += 1
            return []
        compiled.given_before += 1
        message = f"the same message was given to run {objection.run}, {ago(objection.at)}"
        help_ = (
            f"`msgc runs show {objection.run}` tells what became of it, `--resume {objection.run}` goes on with it; "
            "`--skip-sent` leaves such rows out, `--again` sends them once more"
        )
        return [finding("sent-before", message, candidate.locate(), row=number, help=help_)]
    return []


def _ask(
    session: Session, options: Options, freezer: Freezer, register: Register | None, draft: RunFile, now: float
) -> bool:
    """Ask whether to send. Returns whether what was sent before may be sent again. Ends the command at a no."""
    entry = None
    if options.is_single and register is not None and not options.again:
        entry = next((found for digest in draft.digests(STATES) if (found := register.find(digest, now))), None)
    if entry is not None:
        if options.yes or not sys.stdin.isatty():
            raise Unusable(
                f"the same message was given to run {entry.run}, {ago(entry.at)}; "
                f"`msgc runs show {entry.run}` tells what became of it, `--again` sends it once more"
            )
        confirm(session, f"The same message was sent {ago(entry.at)} (run {entry.run}). Send it once more?")
        return True
    if not options.yes:
        count = freezer.count
        confirm(session, f"Send {count:,} message{'' if count == 1 else 's'}?")
    return options.again
