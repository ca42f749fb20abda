"""Tests of messages: suites of cases that authors write beside definitions, and snapshots of what examples send.

`read` makes a suite of a `*.test.yaml` file, `run` runs its cases, `snapshots` writes, reads and compares snapshots;
all give values (`suite`, `result`). `report` has the ways to tell the results.
"""
