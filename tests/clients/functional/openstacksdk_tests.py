"""Runs openstacksdk's own functional tests as they are; each result is a line of JSON.

    python openstacksdk_tests.py <suite> [<word that the test's name must have> ...]

A suite is a package of openstack.tests.functional. What the tests print themselves is thrown away.
"""

import json
import os
import re
import sys
import unittest

import testtools

import openstack.tests.functional

ROOT = "openstack.tests.functional"
results = os.fdopen(os.dup(1), "w", buffering=1)
sys.stdout = open(os.devnull, "w")


def name_of(test):
    """Without what all names of a suite have in common."""
    return re.sub(rf"\b{re.escape(ROOT)}\.\w+\.", "", test.id())


def last_line_of(error, details):
    """What was raised, without where: the lines of the first traceback that are not indented."""
    if error is not None:
        return f"{error[0].__name__}: {error[1]}"
    traceback = next((one for name, one in details.items() if "traceback" in name), None)
    if traceback is None:
        return "; ".join(one.as_text() for one in details.values())
    lines = traceback.as_text().strip().splitlines()
    last = max(at for at, line in enumerate(lines) if line.startswith("  File "))
    return "\n".join(line for line in lines[last + 1 :] if not line.startswith("    "))


class Results(testtools.TestResult):
    def tell(self, test, result, why=None):
        line = {"test": name_of(test), "result": result}
        if why is not None:
            line["why"] = why
        results.write(json.dumps(line) + "\n")

    def addSuccess(self, test, details=None):
        self.tell(test, "passed")

    def addError(self, test, err=None, details=None):
        self.tell(test, "failed", last_line_of(err, details))

    def addFailure(self, test, err=None, details=None):
        self.tell(test, "failed", last_line_of(err, details))

    def addSkip(self, test, reason=None, details=None):
        if reason is None:
            reason = details["reason"].as_text()
        self.tell(test, "skipped", reason)

    def addExpectedFailure(self, test, err=None, details=None):
        self.tell(test, "passed")

    def addUnexpectedSuccess(self, test, details=None):
        self.tell(test, "failed", "it was expected to fail")


def all_tests(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from all_tests(one)
        else:
            yield one


def main(suite, *words):
    functional = os.path.dirname(openstack.tests.functional.__file__)
    top = os.path.dirname(os.path.dirname(os.path.dirname(functional)))
    found = unittest.defaultTestLoader.discover(os.path.join(functional, suite), top_level_dir=top)
    chosen = [test for test in all_tests(found) if all(word in test.id() for word in words)]
    unittest.TestSuite(chosen).run(Results())


if __name__ == "__main__":
    main(*sys.argv[1:])
