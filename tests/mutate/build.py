# SPDX-License-Identifier: Apache-2.0
"""Builds of a copy of what is committed, and programs with one fault.

The Makefile is asked once for the commands that make each object and program.
A fault then costs one compilation, and the linking of those programs that its
tests run: its object comes before the archives, which have it without the fault.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys

TREE = os.path.abspath("build/mutate")
PLAIN = "build/plain"
ASAN = "build/asan"
COVER = "build/cover"
RULES = "input/sandbox/sandbox-rules.c"
FILTERS = "input/sandbox/sandbox-filters.c"
FAST_LINKER = ["LDFLAGS=-fuse-ld=gold"] if shutil.which("ld.gold") else []


def sh(args, **kwargs):
    return subprocess.run(args, cwd=TREE, check=False, capture_output=True,
                          **kwargs)


def must(result, what):
    if result.returncode:
        sys.stderr.write(str(result.stderr, "utf-8", "replace"))
        sys.exit(f"mutate: {what}")
    return result.stdout


def copy_tree():
    """What is committed, in TREE; files that stay the same keep their times."""
    os.makedirs(TREE, exist_ok=True)
    env = dict(os.environ, GIT_INDEX_FILE=os.path.join(TREE, ".index"),
               GIT_WORK_TREE=TREE)
    subprocess.run(["git", "read-tree", "--reset", "-u", "HEAD"], check=True,
                   env=env)


def variants():
    """Wire tests that also run with another environment, as the Makefile has it."""
    for name, value in (("PACKED", "VINPUT_RING=packed"),
                        ("HELD", "VINPUT_HOLD=1"),
                        ("SHARED", "VINPUT_SHARE=1")):
        out = sh(["make", "-s", "B=.", "--eval",
                  f"show: ; @echo $({name})", "show"], text=True).stdout
        yield from (f"{value} {os.path.relpath(t, 'tests')}"
                    for t in out.split())


def tests_of(kind):
    """Names like wire/test-frames."""
    top = os.path.join(TREE, "tests", kind)
    return sorted(os.path.relpath(os.path.join(folder, f), f"{TREE}/tests")[:-2]
                  for folder, _, files in os.walk(top) for f in files
                  if f.startswith("test-") and f.endswith(".c"))


class Build:
    """A build folder of TREE, with the flags of its own."""

    def __init__(self, folder, flags):
        self.folder = folder
        self.args = [f"B={folder}", *flags, "all"]
        self.tests = tests_of("unit") + tests_of("wire")
        self.args += [f"{folder}/tests/{t}" for t in self.tests]
        self.tests += variants()

    def make(self):
        must(sh(["make", "-s", f"-j{os.cpu_count()}", *self.args]),
             "the code does not build without a fault")

    def commands(self):
        """The commands that make objects, and those that make programs."""
        compile_, link = {}, {}
        out = must(sh(["make", "-Bn", *self.args], text=True), "make -n")
        for line in out.replace("\\\n", " ").splitlines():
            m = re.search(r" -o (\S+)$", line)
            if m and " -c " in line and f"{self.folder}/obj/pic/" not in line:
                args = shlex.split(line)
                compile_[args[args.index("-c") + 1]] = args
            elif m and " -shared " not in line and " -c " not in line:
                link[os.path.relpath(m.group(1), self.folder)] = \
                    shlex.split(line)
        return compile_, link

    def path(self, name):
        return os.path.join(TREE, self.folder, name)


def cover_build():
    """The build that finds out which test gets where."""
    runtime = os.path.join(TREE, COVER, "cover.o")
    os.makedirs(os.path.dirname(runtime), exist_ok=True)
    must(sh(["cc", "-O2", "-fPIC", "-c", "tests/mutate/cover.c", "-o",
             runtime]), "tests/mutate/cover.c does not compile")
    flags = ["-O0 -g1 -U_FORTIFY_SOURCE -fsanitize-coverage=trace-pc"]
    return Build(COVER, [f"CFLAGS={flags[0]}", f"LDFLAGS={runtime}"])


def plain_build():
    """The usual one: only code makes a difference between its objects."""
    return Build(PLAIN, ["CFLAGS=-g0", *FAST_LINKER])


def asan_build():
    """With the sanitizers of check-asan, for leaks and overruns."""
    return Build(ASAN, ["VARIANT=asan", "CFLAGS=-g0", *FAST_LINKER])


class Bench:
    """A folder in which the programs of a build get a fault."""

    def __init__(self, build, number):
        self.build = build.folder
        self.folder = f"{build.folder}-{number}"
        self.compile, self.link = build.commands()
        self.objects = []
        self.relinked = []
        self.without = {}  # {path: its object's bytes without a fault}
        shutil.rmtree(self.path(""), ignore_errors=True)
        must(sh(["cp", "-al", self.build, self.folder]), "cp -al")
        shutil.rmtree(self.path("obj"))

    def path(self, name):
        return os.path.join(TREE, self.folder, name)

    def clear(self):
        """All programs are as they were, by hard links."""
        for program in self.relinked:
            if os.path.exists(self.path(program)):
                os.unlink(self.path(program))
            os.link(os.path.join(TREE, self.build, program),
                    self.path(program))
        self.relinked = []
        self.objects = []

    def compile_text(self, path, text, more=()):
        """Return: the object, or None if it does not compile."""
        args = self.compile[path]
        out = self.path(os.path.basename(path)[:-2] + ".o")
        i = args.index("-c")
        cmd = [*args[:i], "-w", *more, "-x", "c", "-c", "-", "-o", out]
        cmd = [a for a in cmd if a not in ("-MMD", "-MP")]
        text = f'# 1 "{path}"\n' + text
        if sh(cmd, input=text.encode()).returncode:
            return None
        return out

    def put(self, path, before, after):
        """Put a file's new text in. Return: whether that makes a difference."""
        self.clear()
        if path not in self.without:
            with open(self.compile_text(path, before), "rb") as f:
                self.without[path] = f.read()
        now = self.compile_text(path, after)
        if not now:
            return False
        with open(now, "rb") as f:
            if f.read() == self.without[path]:
                return False
        self.objects = [(path, now)]
        if path == RULES:
            self.make_filters_late()
        return True

    def make_filters_late(self):
        """The rules were used in the build: let programs use them instead."""
        none = self.path("none.inc")
        with open(none, "w", encoding="ascii") as f:
            f.write("static const struct sandbox_filter filters[1];\n")
        with open(os.path.join(TREE, FILTERS), encoding="utf-8") as f:
            text = f.read()
        self.objects.append((FILTERS, self.compile_text(
            FILTERS, text, [f'-DSANDBOX_FILTERS="{none}"'])))

    def relink(self, program):
        """Link a program or test with the fault. Return: whether it links."""
        args = list(self.link[program])
        args[args.index("-o") + 1] = self.path(program)
        os.unlink(self.path(program))
        self.relinked.append(program)
        for path, new in self.objects:
            mine = f"{self.build}/obj/{path[:-2]}.o"
            if mine in args:
                args[args.index(mine)] = new
            else:
                first = next(i for i, a in enumerate(args)
                             if a.endswith((".o", ".a")))
                args.insert(first, new)
        return sh(args).returncode == 0
