# SPDX-License-Identifier: Apache-2.0
"""Which test runs which lines, in which program, and how long it takes.

Each test runs once in the build with cover.c, which is slow, and once in the
usual one, for its time. What it got is kept in
build/mutate/coverage until the test, or a program it may start, is another.
"""
import bisect
import concurrent.futures
import hashlib
import os
import pickle
import re
import subprocess
import sys
import tempfile
import threading
import time

from build import TREE, sh

CACHE = os.path.join(TREE, "coverage")
LIMIT_S = 300
ATTEMPTS = 3
# A fault beside a kill() could end any process, so tests see only their own.
ALONE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"] + \
    (["--user", "--map-current-user"] if os.geteuid() else [])
# The first process there inherits orphans: not a test, whose children they
# would be.
ALONE += ["sh", "-c", '"$@"; exit $?', "sh"]
DONE = re.compile(r"\[==========\] \d+ test\(s\) run")
ENDED = re.compile(r"\[  (FAILED|SKIPPED) *\] (\S+)(?!.*listed below)")


def program_of(test):
    return "tests/" + test.split(" ")[-1]


class Run:
    """A test that runs until its first case fails, or for LIMIT seconds.

    TEST is a name below tests/ in FOLDER, perhaps after NAME=VALUE. A case that
    is skipped fails unless it is one of MAY_SKIP; None: all may be.
    """

    def __init__(self, folder, test, limit, may_skip=None, case=None):
        env = dict(os.environ, MALLOC_PERTURB_="165")  # as tests/run has it
        if case:
            env["VINPUT_CASE"] = case
        if "=" in test:
            name, _, value = test.split(" ")[0].partition("=")
            env[name] = value
        path = os.path.join(TREE, folder, program_of(test))
        start = time.monotonic()
        self.skipped = set()
        self.failed_case = None
        self.done = False  # it has come to its end
        with tempfile.TemporaryDirectory(prefix="vinput.") as tmp:
            os.chmod(tmp, 0o1777)
            env["TMPDIR"] = tmp
            with subprocess.Popen([*ALONE, path], cwd=TREE, env=env,
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT) as child:
                timer = threading.Timer(limit, child.kill)
                timer.start()
                for line in child.stdout:
                    self.note(str(line, "utf-8", "replace"), may_skip, child)
                timer.cancel()
        self.took = time.monotonic() - start
        self.passed = child.returncode == 0 and self.done

    def note(self, line, may_skip, child):
        self.done = self.done or bool(DONE.match(line))
        ended = ENDED.match(line)
        if not ended or self.failed_case:
            return
        verdict, case = ended.groups()
        if verdict == "SKIPPED" and (may_skip is None or case in may_skip):
            self.skipped.add(case)
        else:
            self.failed_case = case
            child.kill()


def lines_of(program, offsets):
    """{path: lines} of the code at some offsets of a program."""
    asked = "".join(f"{at - 1:#x}\n" for at in offsets)
    out = sh(["addr2line", "-e", program], input=asked.encode()).stdout
    lines = {}
    for answer in set(str(out, "utf-8").splitlines()):
        path, _, line = answer.split(" ")[0].rpartition(":")
        path = os.path.normpath(os.path.relpath(path, TREE))
        if line.isdigit() and path.startswith(("input/", "injector/")):
            lines.setdefault(path, set()).add(int(line))
    return lines


def digest(build, names):
    h = hashlib.sha256()
    for name in names:
        with open(build.path(name), "rb") as f:
            h.update(f.read())
    return h.hexdigest()


class Coverage:
    """tests: {name: {"key", "took", "passed", "lines": {program: {path: set}}}}"""

    def __init__(self, build, plain, programs):
        self.build = build
        self.plain = plain
        self.programs = programs
        self.tests = {}
        if os.path.exists(CACHE):
            with open(CACHE, "rb") as f:
                self.tests = pickle.load(f)

    def key(self, test, got):
        """What a test got stays true while it and what it ran are the same."""
        return digest(self.build, sorted({program_of(test), *got["lines"]}))

    def is_known(self, test):
        got = self.tests.get(test)
        return got and got["passed"] and got["key"] == self.key(test, got)

    def update(self, jobs):
        self.tests = {t: self.tests[t] for t in self.build.tests
                      if self.is_known(t)}
        new = [t for t in self.build.tests if t not in self.tests]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for test, got in zip(new, pool.map(self.measure, new)):
                self.tests[test] = dict(got, key=self.key(test, got))
        with open(CACHE + ".new", "wb") as f:
            pickle.dump(self.tests, f)
        os.rename(CACHE + ".new", CACHE)

    def measure(self, test):
        folder = f"build/bench-cover-{threading.get_ident()}"
        sh(["cp", "-al", self.build.folder, folder])
        names = [program_of(test), *self.programs]
        marks = {n: os.path.join(TREE, folder, n + ".cover") for n in names}
        for name, path in marks.items():
            with open(path, "wb") as f:
                f.truncate(os.path.getsize(self.build.path(name)))
            os.chmod(path, 0o666)
        # Again: on a busy machine a test may have come too late.
        for _ in range(ATTEMPTS):
            run = Run(folder, test, LIMIT_S)
            if run.passed:
                break
        else:
            print(f"not used, it fails without a fault: {test}",
                  file=sys.stderr)
        lines = {}
        for name, path in marks.items():
            with open(path, "rb") as f:
                seen = [m.start() for m in re.finditer(rb"[^\0]", f.read())]
            if seen:
                lines[name] = lines_of(self.build.path(name), seen)
        sh(["rm", "-rf", folder])
        took = Run(self.plain.folder, test, LIMIT_S).took
        return {"took": took, "passed": run.passed,
                "skipped": run.skipped, "lines": lines}

    def near(self, path, function, line):
        """The tests that run a function, those nearest to a line of it first.

        Then those come first that run many of the file's lines in little time.
        Return: (test, programs) of each.
        """
        found = []
        for test, got in self.tests.items():
            if not got["passed"]:
                continue
            hit = {n: got["lines"][n].get(path, set()) for n in got["lines"]}
            mine = {n: sorted(x for x in lines
                              if function.first <= x <= function.last)
                    for n, lines in hit.items()}
            mine = {n: lines for n, lines in mine.items() if lines}
            if mine:
                before = max((x[bisect.bisect_right(x, line) - 1]
                              if x[0] <= line else 0) for x in mine.values())
                most = max(len(hit[n]) for n in mine)
                found.append((-before, (2 + got["took"]) / most, test,
                              sorted(mine)))
        return [(test, programs) for *_, test, programs in sorted(found)]
