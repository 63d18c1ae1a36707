# Who sends, and writes down what it was told of each message: "ok ID" or "failed-STATUS ID".
# shellcheck shell=bash

TARGETS=(bob.nec bob.nec carol.nec ivy.nec jan.nec)

# The body begins with the message's name; now and then it is larger than a chunk.
body_of() { # ID N
    if (($2 % 16 == 0)); then
        printf '%s %0150000d' "$1" 0
    else
        printf '%s hello' "$1"
    fi
}

# One message after the other, each by a process of its own.
send_singly() { # NAME OPTION...
    local name=$1 n=0 id target status
    shift
    while [ ! -e "$LEDGER/enough" ]; do
        target=${TARGETS[RANDOM % ${#TARGETS[@]}]}
        id=$name:$target:$((++n))
        [ "$target" != "$name" ] || continue
        status=0
        body_of "$id" $n | nectar-net send -q -n "$name" -W 3 "$@" "$target" \
            >/dev/null 2>>"$LEDGER/$name.err" || status=$?
        if [ $status -eq 0 ]; then echo "ok $id"; else echo "failed-$status $id"; fi
        sleep 0.05
    done >"$LEDGER/$name.single.told"
}

# The lines of a batch, so many a second, until enough or so many.
lines() { # PREFIX COUNT PAUSE
    local n=0 id target
    while [ ! -e "$LEDGER/enough" ] && ((n < $2)); do
        target=${TARGETS[RANDOM % ${#TARGETS[@]}]}
        id=$1:$target:$((++n))
        printf '{"to":"%s","ref":"%s","body":"%s"}\n' "$target" "$id" "$(body_of "$id" $n)"
        sleep "$3"
    done
}

# One batch for all of the time.
send_for_long() { # NAME
    lines "$1" 1000000000 0.03 |
        nectar-net send --batch --json -q -n "$1" -W 3 >"$LEDGER/$1.batch" 2>>"$LEDGER/$1.err" &
    # shellcheck disable=SC2034 # for who loads us
    PID[$1]=$!
}

# Batch after batch; some are killed, and nobody was told of what they had in flight.
send_in_batches() { # NAME
    local name=$1 n=0 pid
    while [ ! -e "$LEDGER/enough" ]; do
        n=$((n + 1))
        lines "$name-$n" 200 0.01 |
            nectar-net send --batch --json -q -n "$name" -W 3 >"$LEDGER/$name.$n.batch" 2>>"$LEDGER/$name.err" &
        pid=$!
        if ((n % 3 == 0)); then
            sleep 1
            kill -KILL $pid
        fi
        wait $pid 2>/dev/null
    done
}

ping_in_turns() { # NAME
    while [ ! -e "$LEDGER/enough" ]; do
        nectar-net ping -q -n "$1" -c 20 -i 0.05 -W 3 "${TARGETS[RANDOM % ${#TARGETS[@]}]}" \
            >/dev/null 2>>"$LEDGER/$1.err"
        sleep 0.2
    done
}
