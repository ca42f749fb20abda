"""`python -m msgc` is `msgc`."""

from msgc.cli import program

if __name__ == "__main__":
    program()
