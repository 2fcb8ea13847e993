"""`python -m fastinit` is the command line."""

from fastinit.cli import main

if __name__ == "__main__":
    main()
