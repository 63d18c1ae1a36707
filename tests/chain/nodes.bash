# Nodes whose identities stand on a chain; to be loaded beside registry.bash and ../cmd/net.bash.
# shellcheck shell=bash

# A key, and its record on the chain; no host: no route.
make_chain_node() { # NAME [ROUTERS]
    [ -e "$(key_of "$1.nec")" ] || nectar-net keygen -n "$1" --no-passphrase >/dev/null
    registry_publish "$1" "$(nectar-net pubkey -n "$1")" "" 0 0 "${2:-}" >/dev/null
}

# A verb that serves; ADDRESS is where it listens, SERVER its process.
serve() { # VERB NAME [OPTION...]
    local verb=$1 name=$2
    shift 2
    : >"$HOME/$name.out"
    nectar-net "$verb" -n "$name" --json "$@" >"$HOME/$name.out" 2>"$HOME/$name.err" 3>&- &
    SERVER=$!
    PIDS+=("$SERVER")
    wait_for 10 grep -q '"type":"ready"' "$HOME/$name.out"
    ADDRESS=$(jq -r 'select(.type=="ready").addr // empty' "$HOME/$name.out")
}

# One that can be called.
serve_direct() { # VERB NAME [OPTION...]
    make_chain_node "$2"
    serve "$@" --bind 127.0.0.1:0
    registry_publish "$2" "$(nectar-net pubkey -n "$2")" 127.0.0.1 "${ADDRESS##*:}" 0 "" >/dev/null
}
