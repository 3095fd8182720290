# bash completion for rqlited
_rqlited() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    case "$previous" in
    -pg-dialect | --pg-dialect) COMPREPLY=($(compgen -W 'postgresql sqlite' -- "$current")); return ;;
    -pg-auth | --pg-auth) COMPREPLY=($(compgen -W 'scram trust' -- "$current")); return ;;
    -log-level | --log-level) COMPREPLY=($(compgen -W 'ERROR WARN INFO DEBUG' -- "$current")); return ;;
    -log-format | --log-format) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    -raft-log-level | --raft-log-level) COMPREPLY=($(compgen -W 'ERROR WARN INFO DEBUG' -- "$current")); return ;;
    -http-cert | --http-cert | -http-key | --http-key | -http-ca-cert | --http-ca-cert | -auth | --auth | -node-cert | --node-cert | -node-key | --node-key | -node-ca-cert | --node-ca-cert | -node-secret-file | --node-secret-file | -pg-cert | --pg-cert | -pg-key | --pg-key | -pg-ca-cert | --pg-ca-cert | -query-log | --query-log) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;
    -node-id | --node-id | -http-addr | --http-addr | -http-adv-addr | --http-adv-addr | -http-allow-origin | --http-allow-origin | -raft-addr | --raft-addr | -raft-adv-addr | --raft-adv-addr | -node-verify-server-name | --node-verify-server-name | -pg-addr | --pg-addr | -pg-adv-addr | --pg-adv-addr | -join | --join | -join-as | --join-as | -join-attempts | --join-attempts | -join-interval | --join-interval | -bootstrap-expect | --bootstrap-expect | -bootstrap-expect-timeout | --bootstrap-expect-timeout | -cluster-connect-timeout | --cluster-connect-timeout | -raft-heartbeat-timeout | --raft-heartbeat-timeout | -raft-election-timeout | --raft-election-timeout | -raft-apply-timeout | --raft-apply-timeout | -write-timeout | --write-timeout | -skip-entry | --skip-entry | -shutdown-timeout | --shutdown-timeout | -raft-snap | --raft-snap | -raft-snap-wal-size | --raft-snap-wal-size | -raft-snap-int | --raft-snap-int | -db-max-ro-conns | --db-max-ro-conns | -read-timeout | --read-timeout) return ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W '-version -hash-password -node-id -http-addr -http-adv-addr -http-allow-origin -http-cert -http-key -http-ca-cert -http-verify-client -auth -raft-addr -raft-adv-addr -node-cert -node-key -node-ca-cert -node-no-verify -node-verify-client -node-verify-server-name -node-secret-file -pg-addr -pg-adv-addr -pg-dialect -pg-cert -pg-key -pg-ca-cert -pg-verify-client -pg-require-tls -pg-auth -join -join-as -join-attempts -join-interval -bootstrap-expect -bootstrap-expect-timeout -raft-non-voter -cluster-connect-timeout -log-level -log-format -query-log -raft-log-level -raft-heartbeat-timeout -raft-election-timeout -raft-apply-timeout -write-timeout -skip-entry -raft-remove-shutdown -raft-cluster-remove-shutdown -raft-shutdown-stepdown -shutdown-timeout -raft-snap -raft-snap-wal-size -raft-snap-int -fk -db-max-ro-conns -read-timeout -help' -- "$current"))
    else
        compopt -o filenames
        COMPREPLY=($(compgen -d -- "$current"))
    fi
}
complete -F _rqlited rqlited
