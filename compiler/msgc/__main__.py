"""`python -m msgc` is `msgc`."""

from msgc.cli import main

main()
