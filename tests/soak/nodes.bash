# The nodes of the soak: each a real process, begun again and again or for as long as it lasts.
# shellcheck shell=bash

declare -A PID PLACE TURN # of each node: its process, where it is bound, how often it was begun
LEDGER=                   # the folder of all that was said and heard

key_of() { # NAME
    echo "$XDG_DATA_HOME/nectar-net/keys/$1.key"
}

make_node() { # NAME
    nectar-net keygen -n "$1" --no-passphrase >/dev/null
    nectar-net publish-tx -n "$1" --no-route >/dev/null
}

wait_for() { # SECONDS COMMAND...
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.05
    done
}

has_ended() { # PID
    ! kill -0 "$1" 2>/dev/null
}

is_ready() { # NAME
    grep -q '"type":"ready"' "$(out_of "$1")"
}

# What a node says goes to a file of its own at each turn: one that was killed may have left half a
# line.
out_of() { # NAME
    echo "$LEDGER/$1.${TURN[$1]}.heard"
}

# begin VERB NAME OPTION...: and waits until it is ready, or not for long: a router may be away.
begin() {
    local verb=$1 name=$2
    shift 2
    TURN[$name]=$((${TURN[$name]:-0} + 1))
    : >"$(out_of "$name")"
    nectar-net "$verb" -n "$name" --json "$@" >"$(out_of "$name")" 2>>"$LEDGER/$name.err" &
    PID[$name]=$!
    wait_for 10 is_ready "$name"
}

# One that listens, at the address that it had or at a new one; published there.
begin_at() { # VERB NAME [new]
    local verb=$1 name=$2
    [ "${3:-}" != new ] || unset "PLACE[$name]"
    begin "$verb" "$name" --bind "${PLACE[$name]:-127.0.0.1:0}" || return
    PLACE[$name]=$(jq -r 'select(.type=="ready").addr' "$(out_of "$name")")
    nectar-net publish-tx -n "$name" --ws "${PLACE[$name]}" >/dev/null
}

begin_behind() { # NAME ROUTERS
    nectar-net publish-tx -n "$1" --routers "$2" >/dev/null
    begin listen "$1" || true
}

end() { # SIGNAL NAME
    kill "-$1" "${PID[$2]}" 2>/dev/null
    wait_for 15 has_ended "${PID[$2]}" || kill -KILL "${PID[$2]}"
    wait "${PID[$2]}" 2>/dev/null
}

freeze() { # NAME SECONDS
    local pid=${PID[$1]}
    kill -STOP "$pid"
    sleep "$2"
    kill -CONT "$pid"
}
