#!/usr/bin/env python3
"""Writes the completions of both executables from what their -help shows.

usage: deploy/completions/generate.py [RQLITED [RQLITE]]
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BIN = HERE.parent.parent / "artifacts" / "bin"
VALUES = {
    "rqlited": {
        "raft-log-level": "ERROR WARN INFO DEBUG", "log-level": "ERROR WARN INFO DEBUG", "log-format": "text json",
        "pg-dialect": "postgresql sqlite", "pg-auth": "scram trust",
    },
    "rqlite": {"scheme": "http https"},
}


class Flag:
    def __init__(self, names, takes_value, text):
        self.names = names
        self.long = names[-1].lstrip("-")
        self.takes_value = takes_value
        self.text = re.sub(r" \[default: .*\]$", "", text)
        self.is_file = takes_value and re.match(r"(a )?file ", self.text, re.I) is not None or self.long == "query-log"


def flags_of(program):
    shown = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    found = []
    for line in shown.splitlines():
        match = re.match(r"  (-[^<\s,]+(?:, -[^<\s,]+)*)( <[^>]*>)?\s+(\S.*)", line)
        if match:
            names = [name for name in match[1].split(", ") if name != "-?"]
            names.sort(key=len)

            # A program with Go's spelling has no short names.
            found.append(Flag(names if names[-1].startswith("--") else names[-1:], match[2] is not None, match[3]))
    return found


def bash(name, flags, values, folder):
    def cases(chosen):
        both = [f"-{f.long} | --{f.long}" if name == "rqlited" else " | ".join(reversed(f.names)) for f in chosen]
        return " | ".join(both)

    out = [
        f"# bash completion for {name}", f"_{name}() {{",
        "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}", "    COMPREPLY=()", '    case "$previous" in',
    ]
    for flag in flags:
        if flag.long in values:
            out.append(f"    {cases([flag])}) COMPREPLY=($(compgen -W '{values[flag.long]}' -- \"$current\")); return ;;")
    files = [f for f in flags if f.is_file]
    out.append(f'    {cases(files)}) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;')
    out.append(f"    {cases([f for f in flags if f.takes_value and not f.is_file and f.long not in values])}) return ;;")
    out += ["    esac", "    if [[ $current == -* ]]; then", f"        COMPREPLY=($(compgen -W '{' '.join(f.names[-1] for f in flags)}' -- \"$current\"))"]
    if folder:
        out += ["    else", "        compopt -o filenames", '        COMPREPLY=($(compgen -d -- "$current"))']
    return out + ["    fi", "}", f"complete -F _{name} {name}"]


def zsh(name, flags, values, folder):
    out = [f"#compdef {name}", "", "_arguments -S \\"]
    for flag in flags:
        text = flag.text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
        action = "" if not flag.takes_value else f":value:({values[flag.long]})" if flag.long in values else ":file:_files" if flag.is_file else ":value: "
        spelled = f"'{flag.names[-1]}" if len(flag.names) == 1 else f"'({' '.join(flag.names)})'{{{','.join(flag.names)}}}'"
        out.append(f"    {spelled}[{text}]{action}' \\")
    if folder:
        out.append("    '*:data folder:_directories'")
    else:
        out[-1] = out[-1][:-2]
    return out


def fish(name, flags, values, folder):
    out = [f"# fish completion for {name}"]
    for flag in flags:
        text = flag.text.replace("\\", "\\\\").replace("'", "\\'")
        action = "" if not flag.takes_value else f" -x -a '{values[flag.long]}'" if flag.long in values else " -r -F" if flag.is_file else " -x"
        spelled = f" -o {flag.long}" if len(flag.names) == 1 else f" -s {flag.names[0][1:]} -l {flag.long}"
        out.append(f"complete -c {name}{spelled}{action} -d '{text}'")
    return out + ([f"complete -c {name} -f -a '(__fish_complete_directories)'"] if folder else [f"complete -c {name} -f"])


def main():
    programs = sys.argv[1:] + [str(BIN / "Host/release/rqlited"), str(BIN / "Shell/release/rqlite")][len(sys.argv) - 1:]
    for name, program in zip(("rqlited", "rqlite"), programs):
        flags = flags_of(program)
        for file, write in ((f"{name}.bash", bash), (f"_{name}", zsh), (f"{name}.fish", fish)):
            (HERE / file).write_text("\n".join(write(name, flags, VALUES[name], name == "rqlited")) + "\n")


main()
