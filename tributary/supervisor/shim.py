"""`python -I -S shim.py PARENT COMMAND…`: becomes COMMAND, which dies with its parent.

The kernel sends SIGTERM to the command when the supervisor is gone, however it went: `kill -9` leaves nobody behind. Linux has
that (PR_SET_PDEATHSIG, kept over exec); elsewhere the command starts without.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the signal, and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    # The parent may have died before the signal was set.
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
