"""Specialising: a definition and a contract become a program from values to payload bytes."""

from msgc.specialise.program import Program

__all__ = ["Program"]
