"""`python -m msgc` is `msgc`."""

from msgc.cli import main

if __name__ == "__main__":
    main()
