"""What the scripts of this folder share. Each prints one JSON line a check, on standard output.

The cloud is `chronova` of the file that OS_CLIENT_CONFIG_FILE names.
"""

import concurrent.futures
import json
import sys
import time
import traceback

import openstack


def check(name, work):
    """Runs a check and prints how it went; gives back what it gives, None when it failed."""
    problem = None
    result = None
    try:
        result = work()
    except Exception:
        problem = traceback.format_exc(limit=-3)
    sys.stdout.write(json.dumps({"name": name, "problem": problem}) + "\n")
    sys.stdout.flush()
    return result


def side_by_side(*works):
    """Runs works at once: clients mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as lanes:
        for lane in [lanes.submit(work) for work in works]:
            lane.result()


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def has(actual, **expected):
    """Fails unless a thing has these attributes, and others or not."""
    equal({name: getattr(actual, name) for name in expected}, expected)


def refused(kind, words, work):
    """Fails unless work raises an exception of a kind, in these words."""
    try:
        result = work()
    except kind as refusal:
        assert words in str(refusal), refusal
        return
    raise AssertionError(f"was not refused: {result!r}")


def until(ask, is_wanted, seconds=30):
    """Asks again until the answer is as wanted; gives it."""
    last = time.monotonic() + seconds
    while True:
        answer = ask()
        if is_wanted(answer):
            return answer
        assert time.monotonic() < last, f"still {answer!r}"
        time.sleep(0.1)


def gone(kind, ask):
    """Waits until asking for a thing raises an exception of a kind."""

    def is_gone():
        try:
            ask()
        except kind:
            return True
        return False

    until(is_gone, bool)


def connect(microversion=None, cloud="chronova"):
    """The SDK's connection; without a microversion it and the server agree on one."""
    pinned = {} if microversion is None else {"compute_default_microversion": microversion}
    return openstack.connect(cloud=cloud, **pinned)
