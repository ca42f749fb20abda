"""The options of `msgc send`, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgc.cli.session import Unusable


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `msgc send`, as they were given."""

    name: str | None
    to: str | None
    settings: tuple[str, ...]
    example: str | None
    data: str | None
    data_format: str | None
    to_column: str | None
    jobs: int | None
    payloads: str | None
    resumed: str | None
    retry: str | None
    yes: bool
    dry_run: bool
    limit: int | None
    only_to: tuple[str, ...]
    skip_invalid: bool
    rejects: str | None
    skip_sent: bool
    again: bool
    allow_duplicates: bool
    allow_fallback: bool
    label: str | None
    result: str | None
    run_path: str | None
    business_id: str | None
    base_url: str | None
    sandbox: bool
    rate: str | None
    in_flight: int | None
    pause_after: int
    timeout: float
    connect_timeout: float

    @property
    def is_single(self) -> bool:
        """Whether it is one message of a definition."""
        return self.name is not None and self.data is None

    def check(self) -> None:
        """Raises `Unusable` for options that do not go together, or say too little."""
        if self.resumed is not None:
            self._check_resumed()
            return
        if self.data is not None and self.name is None:
            raise Unusable("`--data` needs a definition: `msgc send orders/shipped --data customers.csv`")
        if self.name is None and self.payloads is None:
            raise Unusable(
                "say what to send: a definition, as in `msgc send orders/shipped --to +16044441111`, "
                "payloads with `-f FILE`, or a run to go on with, `--resume RUN`"
            )
        if self.name is not None and self.payloads is not None:
            raise Unusable("a definition and `-f FILE` are two things to send; choose one")
        if self.data is not None and self.to is not None:
            raise Unusable(
                "`--to` is for one message, and `--data` has recipients of its own; "
                "to try a few of its rows use `--only-to` or `--limit`"
            )
        self._check_belongings()

    def _check_belongings(self) -> None:
        of_data = {
            "--data-format": self.data_format,
            "--to-column": self.to_column,
            "--jobs": self.jobs,
            "--rejects": self.rejects,
        }
        of_one = {"--set": self.settings, "--example": self.example}
        of_many = {
            "--limit": self.limit,
            "--skip-invalid": self.skip_invalid,
            "--allow-duplicates": self.allow_duplicates,
        }
        checks: list[tuple[dict[str, Any], bool, str]] = [
            (of_data, self.data is None, "speaks of a data file: name it with `--data`")
        ]
        checks += [(of_one, not self.is_single, "is for one message of a definition")]
        checks += [(of_many, self.is_single, "is for many messages")]
        checks += [({"--retry": self.retry}, True, "goes with `--resume RUN`")]
        checks += [({"--rejects": self.rejects}, not self.skip_invalid, "goes with `--skip-invalid`")]
        checks += [({"--skip-sent": self.skip_sent}, self.again, "leaves out what `--again` would send: choose one")]
        checks += [
            (
                {"--base-url": self.base_url},
                self.sandbox,
                "(or MSGC_BASE_URL) is another address than that of `--sandbox`: leave one of them out",
            )
        ]
        checks += [({"--allow-fallback": self.allow_fallback}, self.payloads is not None, "needs a definition")]
        for options, is_wrong, words in checks:
            for option, value in options.items():
                if is_wrong and value:
                    raise Unusable(f"`{option}` {words}")

    def _check_resumed(self) -> None:
        others = {
            "NAME": self.name,
            "--to": self.to,
            "--set": self.settings,
            "--example": self.example,
            "--data": self.data,
            "--data-format": self.data_format,
            "--to-column": self.to_column,
            "--jobs": self.jobs,
            "--file": self.payloads,
            "--only-to": self.only_to,
            "--limit": self.limit,
            "--label": self.label,
            "--skip-invalid": self.skip_invalid,
            "--rejects": self.rejects,
            "--run": self.run_path,
            "--allow-fallback": self.allow_fallback,
            "--allow-duplicates": self.allow_duplicates,
            "--skip-sent": self.skip_sent,
        }
        for option, value in others.items():
            if value:
                raise Unusable(f"`--resume` goes on with what a run holds; `{option}` cannot change it")
