"""The command line: `huishoudboekje COMMAND`, with a module for each subject in commands/."""

from __future__ import annotations

import sys


def main() -> None:
    """Do what the arguments ask; exit 0 done, 1 refused with its sentence on stderr, 2 wrong usage."""
    from huishoudboekje.commands.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
