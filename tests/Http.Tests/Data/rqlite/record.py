#!/usr/bin/env python3
"""Writes the answers of a real rqlited into the files of this folder: record.py RQLITED, the path of its binary.

Each file is run on a node of its own. Requests stay as they are, and so does what is noted after a second ----, our own answer.
"""
import http.client, pathlib, re, shutil, subprocess, sys, tempfile, time

SHOWN = ["Content-Type", "X-Content-Type-Options", "Location"]
PORT = 14501


def mask(text):
    text = re.sub(r'"time":( ?)[0-9.e-]+', r'"time":\1T', text)
    return re.sub(r'"sequence_number":( ?)[0-9]+', r'"sequence_number":\1N', text)


def answer(case):
    head, _, body = case.partition("\n\n")
    lines = head.split("\n")
    method, target = lines[1].split(" ", 1)
    headers = dict(line.split(": ", 1) for line in lines[2:])
    connection = http.client.HTTPConnection("localhost", PORT, timeout=10)
    connection.request(method, target, body.encode() if body else b"" if method != "GET" else None, headers)
    response = connection.getresponse()
    text = mask(response.read().decode(errors="replace"))
    shown = [f"{name}: {response.getheader(name)}" for name in SHOWN if response.getheader(name)]
    return "\n".join([str(response.status), *shown]) + "\n\n" + text.rstrip("\n")


def record(path, rqlited):
    data = tempfile.mkdtemp()
    process = subprocess.Popen(
        [rqlited, "-http-addr", f"localhost:{PORT}", "-raft-addr", f"localhost:{PORT + 1}", data],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                if answer("# \nGET /readyz").startswith("200"):
                    break
            except OSError:
                pass
            time.sleep(0.1)
        cases = []
        for case in path.read_text().split("\n====\n"):
            if case.strip():
                parts = case.strip("\n").split("\n----\n")
                print(path.name, parts[0].split("\n")[0], flush=True)
                cases.append("\n----\n".join([parts[0], answer(parts[0]), *parts[2:]]))
        path.write_text("\n====\n".join(cases) + "\n====\n")
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(data, ignore_errors=True)


for file in sorted(pathlib.Path(__file__).parent.glob("*.http")):
    record(file, sys.argv[1])
