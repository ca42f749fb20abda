"""The contract that a project is held to: its own or msgc's, with the limits that its configuration changes."""

from __future__ import annotations

from msgc.configuration import Configuration, check_names
from msgc.contract import Contract, UnknownLimit, read_contract
from msgc.diagnostic import Diagnostic, Rejected
from msgc.resources import PAYLOAD_FILE, SWAGGER_FILE, data_folder
from msgc.rules import RULES, finding
from msgc.wording import describe


def open_contract(configuration: Configuration) -> Contract:
    """The contract under a configuration.

    Raises `Rejected` when it cannot be read, or when the configuration names rules and limits that do not exist.
    """
    contract = _read(configuration)
    problems = check_names(configuration, {*RULES, *contract.limits}, contract.limits.keys()) + _lowered(
        configuration, contract
    )
    if not problems:
        problems += _sender(configuration, contract)
        try:
            _ = contract.effective
        except UnknownLimit as error:
            span = configuration.places.get(("limits", error.rule))
            problems.append(finding("configuration", str(error), span))
    if problems:
        raise Rejected(*problems)
    return contract


def _read(configuration: Configuration) -> Contract:
    folder = configuration.schemas or data_folder("schemas")
    if configuration.overlays:
        from msgc.schema.build import build, read  # it reads swagger files, which most projects never do

        swagger = folder / SWAGGER_FILE
        if not swagger.is_file():
            raise Rejected(
                finding(
                    "no-contract",
                    f"`overlays` need the swagger file that they change, and {folder} has no {SWAGGER_FILE}",
                    configuration.places.get(("overlays",)),
                    file=str(folder),
                    help=f"put the swagger file there as {SWAGGER_FILE}, and its limits as NAME.overlay.yaml",
                )
            )
        overlays = [*sorted(folder.glob("*.overlay.yaml")), *configuration.overlays]
        strict, _ = build(read(swagger), [read(path) for path in overlays])
        return Contract(strict, configuration.limits)
    path = folder / PAYLOAD_FILE
    try:
        return read_contract(path).with_overrides(configuration.limits)
    except (OSError, ValueError) as error:
        raise Rejected(
            finding(
                "no-contract",
                f"the contract {path.name} in {folder} cannot be read: {reason_of(error)}",
                file=str(path),
                help="`msgc schema build --swagger FILE --overlay FILE -o DIR` makes it",
            )
        ) from error


def reason_of(error: OSError | ValueError) -> str:
    """Why a file could not be read, in words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _lowered(configuration: Configuration, contract: Contract) -> list[Diagnostic]:
    """Errors stay errors: what the API refuses is not sent because a report calls it something else."""
    problems = []
    for rule, level in configuration.severity.items():
        limit = contract.limits.get(rule)
        severity = limit.severity if limit is not None else RULES[rule].severity if rule in RULES else None
        if severity == "error" and level != "error":
            help_ = (
                f"to accept what it refuses, set the limit itself under `limits`: `{rule} = false`"
                if limit is not None
                else "mend what it reports"
            )
            problems.append(
                finding(
                    "configuration",
                    f"the rule `{rule}` is an error and cannot be lowered to `{level}`",
                    configuration.places.get(("severity", rule)),
                    help=help_,
                )
            )
    return problems


def _sender(configuration: Configuration, contract: Contract) -> list[Diagnostic]:
    """What the contract says against the configured sender, at its line instead of in every definition."""
    place = contract.request("session").field("sender")
    number = None if place is None else place.field("id")
    if configuration.sender is None or number is None:
        return []
    violations = contract.judge_at(number, configuration.sender)
    words = describe(violations[0], number) if violations else None
    if words is None:
        return []
    span = configuration.places.get(("sender",))
    return [finding("configuration", words["message"], span, found=words["found"], help=words["help"])]
