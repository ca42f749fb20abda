"""Serving a web application to this machine alone: what the sandbox and the preview have in common.

`serve` is the only door for uvicorn; it comes with the extras that need it.
"""
