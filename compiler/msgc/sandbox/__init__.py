"""The API on this machine, to try sending and to test: it checks what the real one checks, and answers what it answers.

    world → answer → app → serve

`world` is what the sandbox knows, `faults` what goes wrong on request, `answer` turns a request into an answer,
`control` shows and changes the world while it runs. None of them knows the web: `app` is the only door for Starlette,
`serve` runs it by `msgc.serving`, and both are an extra, `pip install 'msgc[sandbox]'`.
"""
