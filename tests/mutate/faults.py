# SPDX-License-Identifier: Apache-2.0
"""The faults that a source file can get, and the functions they are in."""
import bisect
import collections
import functools
import re

# What is replaced, and by what: each match in a function's body is a fault.
SWAPS = [
    (r"==", "!="), (r"!=", "=="),
    (r"<=", "<"), (r">=", ">"),
    (r"(?<=\s)<(?=\s)", "<="), (r"(?<=\s)>(?=\s)", ">="),
    (r"&&", "||"), (r"\|\|", "&&"),
    (r"(?<!\(void\))!(?=[\w(*])", ""),
    (r"(?<=\s)\+(?=\s)", "-"), (r"(?<=\s)-(?=\s)", "+"),
    (r" [+-] 1\b", ""),
    (r"\+\+", "--"), (r"(?<=\s)\+=(?=\s)", "-="),
    (r"(?<=\s)\|=(?=\s)", "="), (r"(?<=\s)\|(?=\s)", "&"),
    (r"(?<=\s)&(?=\s)", "|"),
    (r"\bbreak(?=;)", ""), (r"\bcontinue(?=;)", ""),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
]
# A whole statement on one line that is no declaration.
STATEMENT = re.compile(
    r"^\t+((?:[\w.>*\[\]-]+ (?:[-+|&^]|<<|>>)?= .*|\w+\(.*\)"
    r"|[\w.>*\[\]-]+(?:\+\+|--)|\*?\+\+.*|goto \w+));$", re.M)
# No code: comments, texts, directives. No promise: what developers ask for,
# assertions, which never fail, and what an fd of 0 would mean: standard input
# is open in each program.
BLANKED = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])+'",
    re.S)
DIRECTIVE = re.compile(r"^#(?:.*\\\n)*.*$", re.M)
UNPROMISED = re.compile(
    r"\b(?:assert|static_assert)\([^;]*;"
    r"|\b\w*fd(?:\[\w+\])? (?:<|>=) 0\b"
    r"|\blog_(?:line|limited)\([^;]*\bLOG_(?:DEBUG|TRACE)\b[^;]*;", re.S)
BODY = re.compile(r"^\{\n.*?^\}", re.S | re.M)

# A function's lines, from 1, both included.
Function = collections.namedtuple("Function", "name first last")


class Fault(collections.namedtuple("Fault", "path at length new")):
    """LENGTH characters AT this offset of PATH become NEW."""

    def apply(self, text):
        return text[:self.at] + self.new + text[self.at + self.length:]

    def line(self, text):
        return text.count("\n", 0, self.at) + 1

    def change(self, text):
        """The line, before and after."""
        start = text.rfind("\n", 0, self.at) + 1
        end = text.find("\n", self.at)
        was = text[start:end].strip()
        now = (text[start:self.at] + self.new +
               text[self.at + self.length:end]).strip()
        return f"{was}  →  {'(nothing)' if now in ('', ';') else now}"


def blank(match):
    """Spaces instead of what is no code; lines stay lines."""
    return re.sub(r"[^\n]", " ", match.group())


def code_of(text):
    return DIRECTIVE.sub(blank, BLANKED.sub(blank, text))


def functions_in(text):
    """The functions of a file, in their order."""
    code = code_of(text)
    for m in BODY.finditer(code):
        head = re.split(r"[;}]|\n[ \t]*\n", code[:m.start()])[-1].lstrip()
        name = re.search(r"\b(?!__attribute__)(\w+)\(", head)
        first = code.count("\n", 0, m.start() - len(head)) + 1
        yield Function(name.group(1) if name else "?", first,
                       code.count("\n", 0, m.end()) + 1)


@functools.lru_cache(None)
def read_text(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


@functools.lru_cache(None)
def functions_of(path):
    return list(functions_in(read_text(path)))


def function_at(path, line):
    """Return: the function that holds a line of a file, or None."""
    functions = functions_of(path)
    i = bisect.bisect_right([f.first for f in functions], line) - 1
    return functions[i] if i >= 0 and line <= functions[i].last else None


def faults_in(path):
    """All faults of a file."""
    code = UNPROMISED.sub(blank, code_of(read_text(path)))
    inside = set()
    for body in BODY.finditer(code):
        inside.update(range(*body.span()))
    for pattern, new in SWAPS:
        for m in re.finditer(pattern, code):
            if m.start() in inside:
                yield Fault(path, m.start(), len(m.group()), new)
    for m in STATEMENT.finditer(code):
        if m.start(1) in inside:
            yield Fault(path, m.start(1), len(m.group(1)), "")
