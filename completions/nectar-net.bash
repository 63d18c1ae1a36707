# bash completion of nectar-net, made by `nectar-net completion bash`.
# shellcheck shell=bash disable=SC2207

# The names that there are keys of.
_nectar_net_names() {
    local file
    for file in "${XDG_DATA_HOME:-$HOME/.local/share}"/nectar-net/keys/*.key; do
        file=${file##*/}
        [ "$file" = '*.key' ] || echo "${file%.key}"
    done
}

_nectar_net() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local options='' words='' kind=words
    local verbs='keygen pubkey account publish-tx pki-lookup registry tx listen router send ping route-via bench status peers ctl completion exit-codes help version'
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$verbs" -- "$cur"))
        return
    fi
    # --name=value comes as three words.
    if [ "$cur" = = ]; then
        cur=''
    elif [ "$prev" = = ]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case ${COMP_WORDS[1]} in
    keygen)
        options='--output --name --no-passphrase --force --passphrase-file --passphrase-fd --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -o | --output) kind=path ;;
        -n | --name) words=$(_nectar_net_names) ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    pubkey)
        options='--name --key --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    account)
        options='--output --no-passphrase --force --eth-key --eth-key-fd --eth-passphrase-file --eth-passphrase-fd --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -o | --output) kind=path ;;
        --eth-key) kind=path ;;
        --eth-key-fd) kind=nothing ;;
        --eth-passphrase-file) kind=path ;;
        --eth-passphrase-fd) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words='new address' ;;
        esac
        ;;
    publish-tx)
        options='--ws --tcp --routers --no-route --old-key --dry-run --unsigned --sign-only --raw --from --name --key --passphrase-file --passphrase-fd --pki --quorum --max-cached --eth-key --eth-key-fd --eth-passphrase-file --eth-passphrase-fd --mint --max-cost --confirmations --nonce --gas --max-fee --tip --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --ws) kind=nothing ;;
        --tcp) kind=nothing ;;
        --routers) words=$(_nectar_net_names) ;;
        --old-key) kind=path ;;
        --raw) kind=path ;;
        --from) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --eth-key) kind=path ;;
        --eth-key-fd) kind=nothing ;;
        --eth-passphrase-file) kind=path ;;
        --eth-passphrase-fd) kind=nothing ;;
        --max-cost) kind=nothing ;;
        --confirmations) kind=nothing ;;
        --nonce) kind=nothing ;;
        --gas) kind=nothing ;;
        --max-fee) kind=nothing ;;
        --tip) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words='[FILE' ;;
        esac
        ;;
    pki-lookup)
        options='--all --check --watch --every --name --key --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --every) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words=$(_nectar_net_names) ;;
        esac
        ;;
    registry)
        options='--tld --pki --quorum --max-cached --eth-key --eth-key-fd --eth-passphrase-file --eth-passphrase-fd --mint --max-cost --confirmations --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --tld) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --eth-key) kind=path ;;
        --eth-key-fd) kind=nothing ;;
        --eth-passphrase-file) kind=path ;;
        --eth-passphrase-fd) kind=nothing ;;
        --max-cost) kind=nothing ;;
        --confirmations) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words='deploy init names export import sync' kind=either ;;
        esac
        ;;
    tx)
        options='--confirmations --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --confirmations) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words='status' ;;
        esac
        ;;
    listen)
        options='--count --from --reply --exec --exec-max --exec-queue --bind --ready-fd --drain --max-per-address --max-partial --timeout --name --key --passphrase-file --passphrase-fd --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -c | --count) kind=nothing ;;
        --from) words=$(_nectar_net_names) ;;
        --reply) kind=nothing ;;
        --exec) kind=nothing ;;
        --exec-max) kind=nothing ;;
        --exec-queue) kind=nothing ;;
        --bind) kind=nothing ;;
        --ready-fd) kind=nothing ;;
        --drain) kind=nothing ;;
        --max-per-address) kind=nothing ;;
        --max-partial) kind=nothing ;;
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    router)
        options='--allow --allow-from --max-peers --max-passthroughs --max-pending --bind --ready-fd --drain --max-per-address --max-partial --timeout --name --key --passphrase-file --passphrase-fd --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --allow) words=$(_nectar_net_names) ;;
        --allow-from) words=$(_nectar_net_names) ;;
        --max-peers) kind=nothing ;;
        --max-passthroughs) kind=nothing ;;
        --max-pending) kind=nothing ;;
        --bind) kind=nothing ;;
        --ready-fd) kind=nothing ;;
        --drain) kind=nothing ;;
        --max-per-address) kind=nothing ;;
        --max-partial) kind=nothing ;;
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    send)
        options='--message --file --blob --mime --no-reply --compat --no-retry --source-process --via --batch --window --no-socket --timeout --name --key --passphrase-file --passphrase-fd --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -m | --message) kind=nothing ;;
        -f | --file) kind=path ;;
        --blob) kind=path ;;
        --mime) kind=nothing ;;
        --source-process) kind=nothing ;;
        --via) words=$(_nectar_net_names) ;;
        --window) kind=nothing ;;
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words=$(_nectar_net_names) ;;
        esac
        ;;
    ping)
        options='--count --interval --wait --via --no-socket --timeout --name --key --passphrase-file --passphrase-fd --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -c | --count) kind=nothing ;;
        -i | --interval) kind=nothing ;;
        --wait) kind=nothing ;;
        --via) words=$(_nectar_net_names) ;;
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words=$(_nectar_net_names) ;;
        esac
        ;;
    route-via)
        options='--message --no-socket --timeout --name --key --passphrase-file --passphrase-fd --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -m | --message) kind=nothing ;;
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words=$(_nectar_net_names) ;;
        esac
        ;;
    bench)
        options='--duration --timeout --name --key --passphrase-file --passphrase-fd --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -d | --duration) kind=nothing ;;
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        --passphrase-file) kind=path ;;
        --passphrase-fd) kind=nothing ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words=$(_nectar_net_names) ;;
        esac
        ;;
    status)
        options='--timeout --name --key --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    peers)
        options='--timeout --name --key --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    ctl)
        options='--timeout --name --key --pki --quorum --max-cached --json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        -W | --timeout) kind=nothing ;;
        -n | --name) words=$(_nectar_net_names) ;;
        -k | --key) kind=path ;;
        -p | --pki) kind=nothing ;;
        --quorum) kind=nothing ;;
        --max-cached) kind=nothing ;;
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words='check reload stop' ;;
        esac
        ;;
    completion)
        options='--json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words='bash zsh fish' ;;
        esac
        ;;
    exit-codes)
        options='--json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    help)
        options='--json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) words=$verbs ;;
        esac
        ;;
    version)
        options='--json --quiet --verbose --color --deadline -h --help --version'
        case $prev in
        --color) words='auto always never' ;;
        -w | --deadline) kind=nothing ;;
        *) kind=nothing ;;
        esac
        ;;
    *) kind=path ;;
    esac
    case $kind in
    path) COMPREPLY=($(compgen -f -- "$cur")) ;;
    words | either) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    esac
    if [ $kind = either ] && ((${#COMPREPLY[@]} == 0)); then
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    fi
}
complete -F _nectar_net nectar-net
