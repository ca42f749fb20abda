"""msgc: a compiler for messages."""

__version__ = "0.1.0"
