"""`python -m bank_formats FILE`: print a bank file as JSON lines; 1 and a sentence when it is refused."""

import sys
from pathlib import Path

from bank_formats import Refused
from bank_formats.errors import NotOpened
from bank_formats.jsonl import texts


def main() -> int:
    """Read the file that the first argument names."""
    path = Path(sys.argv[1])
    try:
        with path.open("rb") as stream:
            for line in texts(stream, path.name):
                sys.stdout.write(line)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{NotOpened.because(error)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
