"""`msgc completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from msgc.cli import group


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish")
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    eval "$(msgc completion bash)"                                  # in ~/.bashrc
    eval "$(msgc completion zsh)"                                   # in ~/.zshrc
    msgc completion fish > ~/.config/fish/completions/msgc.fish
    """
    found = get_completion_class(shell)
    assert found is not None, "click has these three shells built in"
    click.echo(found(group, {}, "msgc", "_MSGC_COMPLETE").source())
