"""Native code: Python functions that are written for one definition, as trees of Python's own syntax.

Nothing is ever written as text: what comes from a definition or a template is a constant in the tree, never source.
"""
