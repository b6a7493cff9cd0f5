"""Runs `openstack` commands, each in a process of its own that begins with all modules loaded.

Reads a JSON line a command from standard input, {"args": [...]}, and answers each with a JSON line,
{"code": 0, "out": "...", "errors": "..."}. What runs is the entry point of the command `openstack`
itself; only the second that it takes to load is saved.
"""

import importlib
import importlib.metadata
import json
import os
import sys
import tempfile

from cliff import command
from openstackclient import shell

# Where the commands are, in osc-lib's words.
GROUPS = (
    "openstack.common",
    "openstack.compute.v2",
    "openstack.identity.v3",
    "openstack.image.v2",
    "openstack.network.v2",
    "openstack.volume.v3",
)


def load():
    """Loads the commands' modules; one that is not to be had is the command's own affair."""
    points = importlib.metadata.entry_points()
    for group in GROUPS:
        for module in sorted({point.module for point in points.select(group=group)}):
            try:
                importlib.import_module(module)
            except ImportError:
                pass
    # What each command would else find out anew: which package a module is of.
    command._get_distributions_by_modules()


def run(args):
    """Runs one command in a child process; gives its exit code and what it printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            become(args, out.fileno(), errors.fileno())
        _, status = os.waitpid(child, 0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "out": text_of(out),
            "errors": text_of(errors),
        }


def become(args, out, errors):
    """Is the command from here on, as its own process would be; never returns."""
    code = 1
    try:
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(out, 1)
        os.dup2(errors, 2)
        code = shell.main(args) or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def text_of(file):
    file.seek(0)
    return file.read().decode()


if __name__ == "__main__":
    load()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line)["args"])) + "\n")
        sys.stdout.flush()
