# bash completion for rqlited
_rqlited() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    case "$previous" in
    -pg-dialect | --pg-dialect) COMPREPLY=($(compgen -W 'postgresql sqlite' -- "$current")); return ;;
    -pg-auth | --pg-auth) COMPREPLY=($(compgen -W 'scram trust' -- "$current")); return ;;
    -raft-log-level | --raft-log-level) COMPREPLY=($(compgen -W 'ERROR WARN INFO DEBUG' -- "$current")); return ;;
    -log-level | --log-level) COMPREPLY=($(compgen -W 'ERROR WARN INFO DEBUG' -- "$current")); return ;;
    -log-format | --log-format) COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    -http-cert | --http-cert | -http-key | --http-key | -http-ca-cert | --http-ca-cert | -auth | --auth | -pg-cert | --pg-cert | -pg-key | --pg-key | -pg-ca-cert | --pg-ca-cert | -node-cert | --node-cert | -node-key | --node-key | -node-ca-cert | --node-ca-cert | -node-secret-file | --node-secret-file | -query-log | --query-log) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;
    -config | --config | -node-id | --node-id | -skip-entry | --skip-entry | -shutdown-timeout | --shutdown-timeout | -http-addr | --http-addr | -http-adv-addr | --http-adv-addr | -http-allow-origin | --http-allow-origin | -http-verify-common-name | --http-verify-common-name | -pg-addr | --pg-addr | -pg-adv-addr | --pg-adv-addr | -raft-addr | --raft-addr | -raft-adv-addr | --raft-adv-addr | -node-verify-common-name | --node-verify-common-name | -node-verify-server-name | --node-verify-server-name | -cluster-connect-timeout | --cluster-connect-timeout | -join | --join | -join-as | --join-as | -join-attempts | --join-attempts | -join-interval | --join-interval | -bootstrap-expect | --bootstrap-expect | -bootstrap-expect-timeout | --bootstrap-expect-timeout | -disco-mode | --disco-mode | -disco-key | --disco-key | -disco-config | --disco-config | -raft-reap-node-timeout | --raft-reap-node-timeout | -raft-reap-read-only-node-timeout | --raft-reap-read-only-node-timeout | -raft-heartbeat-timeout | --raft-heartbeat-timeout | -raft-election-timeout | --raft-election-timeout | -raft-apply-timeout | --raft-apply-timeout | -raft-snap | --raft-snap | -raft-snap-wal-size | --raft-snap-wal-size | -raft-snap-int | --raft-snap-int | -write-timeout | --write-timeout | -auto-optimize-int | --auto-optimize-int | -extensions-path | --extensions-path | -auto-vacuum-int | --auto-vacuum-int | -write-queue-capacity | --write-queue-capacity | -write-queue-batch-size | --write-queue-batch-size | -write-queue-timeout | --write-queue-timeout | -db-max-ro-conns | --db-max-ro-conns | -read-timeout | --read-timeout) return ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W '-help -version -hash-password -config -node-id -skip-entry -shutdown-timeout -http-addr -http-adv-addr -http-allow-origin -http-cert -http-key -http-ca-cert -http-verify-client -http-verify-common-name -auth -pg-addr -pg-adv-addr -pg-dialect -pg-cert -pg-key -pg-ca-cert -pg-verify-client -pg-require-tls -pg-auth -raft-addr -raft-adv-addr -node-cert -node-key -node-ca-cert -node-no-verify -node-verify-client -node-verify-common-name -node-verify-server-name -node-secret-file -cluster-connect-timeout -join -join-as -join-attempts -join-interval -bootstrap-expect -bootstrap-expect-timeout -disco-mode -disco-key -disco-config -raft-non-voter -raft-remove-shutdown -raft-cluster-remove-shutdown -raft-reap-node-timeout -raft-reap-read-only-node-timeout -raft-log-level -raft-heartbeat-timeout -raft-election-timeout -raft-apply-timeout -raft-shutdown-stepdown -raft-snap -raft-snap-wal-size -raft-snap-int -write-timeout -auto-optimize-int -extensions-path -auto-vacuum-int -fk -write-queue-capacity -write-queue-batch-size -write-queue-timeout -write-queue-tx -db-max-ro-conns -read-timeout -log-level -log-format -query-log' -- "$current"))
    else
        compopt -o filenames
        COMPREPLY=($(compgen -d -- "$current"))
    fi
}
complete -F _rqlited rqlited
