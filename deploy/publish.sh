#!/bin/sh
# Publishes rqlited and rqlite, each as one executable that needs no .NET on the machine, with SQLite's library beside them.
# usage: deploy/publish.sh [linux-x64|linux-arm64] [FOLDER]
set -eu
cd "$(dirname "$0")/.."
rid=${1:-linux-x64}
out=${2:-artifacts/publish/$rid}
rm -rf "$out"
mkdir -p "$out"
for project in Host Shell; do
    # The lock files of the tree are those without a platform; the versions are the same, since all are pinned.
    dotnet publish "src/$project" -c Release -r "$rid" -p:PublishProfile=SingleFile -p:NuGetLockFilePath=obj/publish.lock.json -o "$out"
done
rm -f "$out"/*.pdb "$out"/*.xml "$out"/*.dbg
cp LICENSE THIRD-PARTY-NOTICES.txt "$out"
cp -R deploy/completions deploy/systemd "$out"
ls -l "$out"
