# bash completion for rqlite
_rqlite() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    case "$previous" in
    --scheme | -s) COMPREPLY=($(compgen -W 'http https' -- "$current")); return ;;
    --ca-cert | -c | --client-cert | -d | --client-key | -k) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;
    --alternatives | -a | --host | -H | --port | -p | --prefix | -P | --user | -u | --http-timeout | -t) return ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W '--alternatives --scheme --host --port --prefix --insecure --ca-cert --client-cert --client-key --user --http-timeout --help --version' -- "$current"))
    fi
}
complete -F _rqlite rqlite
