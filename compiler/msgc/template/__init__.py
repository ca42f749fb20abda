"""Templates: the leaves of a definition, rendered by Jinja behind a fence, with the place of each problem.

The only room that knows Jinja, and in it `localize` the only module that knows Babel.
"""

from msgc.template.branch import Branch, ListPath
from msgc.template.budget import one_message
from msgc.template.environment import Environment, Loop, Template
from msgc.template.lint import lint
from msgc.template.problem import TemplateProblem
from msgc.template.reference import Reference

__all__ = [
    "Branch",
    "Environment",
    "ListPath",
    "Loop",
    "Reference",
    "Template",
    "TemplateProblem",
    "lint",
    "one_message",
]
