#!/bin/sh
# As in rqlite's image: "run", or flags, start a node with addresses that others can reach; any other word is run as a command.
# NODE_ID, HTTP_ADDR, HTTP_ADV_ADDR, RAFT_ADDR, RAFT_ADV_ADDR, PG_ADDR and DATA_DIR take the place of what is said here. A flag that is given, also
# as RQLITED_…, stays as it is; with -config nothing is added, so the file has to name the addresses.
set -eu

case "${1:-run}" in
run) [ $# -eq 0 ] || shift ;;
-*) ;;
*) exec "$@" ;;
esac

# The value of a flag on the command line or in the environment; fails if it is in neither.
value() {
    flag=$1
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
        "-$flag" | "--$flag")
            echo "${2:-}"
            return 0
            ;;
        "-$flag="* | "--$flag="*)
            echo "${1#*=}"
            return 0
            ;;
        esac
        shift
    done
    printenv "RQLITED_$(echo "$flag" | tr 'a-z-' 'A-Z_')"
}

if ! value config "$@" > /dev/null; then
    host=$(hostname -f 2>/dev/null || hostname)
    value node-id "$@" > /dev/null || set -- -node-id "${NODE_ID:-$(hostname)}" "$@"
    for door in http:4001 raft:4002 pg:5001; do
        name=${door%:*}
        case "$name" in
        http) address=${HTTP_ADDR:-} advertised=${HTTP_ADV_ADDR:-} ;;
        raft) address=${RAFT_ADDR:-} advertised=${RAFT_ADV_ADDR:-} ;;
        *) address=${PG_ADDR:-} advertised=${PG_ADV_ADDR:-} ;;
        esac
        given=$(value "$name-addr" "$@") || {
            given=${address:-0.0.0.0:${door#*:}}
            set -- "-$name-addr" "$given" "$@"
        }
        if [ -n "$given" ]; then
            value "$name-adv-addr" "$@" > /dev/null || set -- "-$name-adv-addr" "${advertised:-$host:${given##*:}}" "$@"
        fi
    done
fi
exec rqlited "$@" "${DATA_DIR:-/rqlite/file/data}"
