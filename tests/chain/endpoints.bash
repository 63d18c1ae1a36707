# Several endpoints of one registry; to be loaded beside registry.bash and ../cmd/net.bash.
# shellcheck shell=bash

# An endpoint of a mode (tests/helpers/endpoint), before the node; with MODE "@" it is what
# `mode NAME ...` says. Sets PORT_NAME and AT_NAME, its URI (MAP_NAME, as Hypermap's); what is asked of it is in $HOME/NAME.asked.
endpoint() { # NAME MODE [ARGUMENT]
    local name=$1 port
    shift
    : >"$HOME/$name.asked"
    if [ "$1" = @ ]; then
        mode "$name" pass
        set -- "@$HOME/$name.mode"
    fi
    "$BUILD/helpers/endpoint" -n "${ANVIL_URL##*:}" "$@" >"$HOME/$name.asked" 2>/dev/null 3>&- &
    PIDS+=("$!")
    wait_for 5 test -s "$HOME/$name.asked"
    port=$(head -n 1 "$HOME/$name.asked")
    declare -g "PORT_$name=$port" "AT_$name=nectar+http://127.0.0.1:$port?contract=${CONTRACT:-}"
    [ -z "${HYPERMAP:-}" ] || declare -g "MAP_$name=hypermap+http://127.0.0.1:$port?contract=$HYPERMAP"
}

# How an endpoint treats what it is asked from now on.
mode() { # NAME MODE...
    local name=$1
    shift
    echo "$*" >"$HOME/$name.new"
    mv "$HOME/$name.new" "$HOME/$name.mode"
}

# How often an endpoint has been asked.
asked() { # NAME
    tail -n +2 "$HOME/$1.asked" | wc -l
}

# The breaker of every endpoint is as at first.
mend() {
    rm -rf "$HOME/.cache"
}
