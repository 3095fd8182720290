#!/bin/sh
# As in rqlite's image: "run", or flags, start a node with addresses that others can reach; any other word is run as a command.
# NODE_ID, HTTP_ADDR, HTTP_ADV_ADDR, RAFT_ADDR, RAFT_ADV_ADDR, PG_ADDR and DATA_DIR take the place of what is said here.
set -eu

case "${1:-run}" in
run) [ $# -eq 0 ] || shift ;;
-*) ;;
*) exec "$@" ;;
esac

given() {
    name=$1
    shift
    for arg in "$@"; do
        case "$arg" in
        "-$name" | "--$name" | "-$name="* | "--$name="*) return 0 ;;
        esac
    done
    return 1
}

host=$(hostname -f 2>/dev/null || hostname)
given node-id "$@" || set -- -node-id "${NODE_ID:-$(hostname)}" "$@"
given http-addr "$@" || set -- -http-addr "${HTTP_ADDR:-0.0.0.0:4001}" "$@"
given http-adv-addr "$@" || set -- -http-adv-addr "${HTTP_ADV_ADDR:-$host:4001}" "$@"
given raft-addr "$@" || set -- -raft-addr "${RAFT_ADDR:-0.0.0.0:4002}" "$@"
given raft-adv-addr "$@" || set -- -raft-adv-addr "${RAFT_ADV_ADDR:-$host:4002}" "$@"
given pg-addr "$@" || set -- -pg-addr "${PG_ADDR:-0.0.0.0:5001}" "$@"
given pg-adv-addr "$@" || set -- -pg-adv-addr "${PG_ADV_ADDR:-$host:5001}" "$@"
exec rqlited "$@" "${DATA_DIR:-/rqlite/file/data}"
