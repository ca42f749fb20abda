"""Sending: frozen payloads leave one by one, and every step is on disk before it happens.

    prepare → a run file of frozen payloads → dispatch: pace, post, classify, journal

`run_file` holds a run, `register` what was sent before, `queue` says which message is next and `pace` when, `dispatch`
lets it go, `transport` is the only door to the network, `classify` says what an answer means.
"""
