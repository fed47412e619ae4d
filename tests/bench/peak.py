"""Peak memory of a process, as the kernel counted it.

A child begins with the peak of the process that started it: started by a program that holds 17 MB, nothing takes less.
So a bare interpreter, which holds some 9 MB, starts the command and says what it took.
"""

import subprocess
import sys

BARE = """
import os, sys
null = os.open(os.devnull, os.O_WRONLY)
quiet = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet), 0)
print(usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status))
"""


def peak(argv, cwd):
    """Peak bytes of one run of a command in a folder, and its exit code. Below 9 MB the figure is the interpreter's own."""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", BARE, *argv], cwd=cwd, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=True)
    most, code = map(int, done.stdout.split())
    return most, code
