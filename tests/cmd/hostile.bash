# A peer that does what no peer should (tests/helpers/hostile), honest ones beside it, and what the
# node under attack takes of memory and descriptors; to be loaded beside net.bash and routing.bash.

# Under the sanitizers memory is not given back, and all is slower: fewer repeats will do.
SANITIZED=${NECTAR_SANITIZED:-}
# shellcheck disable=SC2034 # for who loads us
FEWER=$((SANITIZED ? 10 : 1))

# hostile OUT ARGUMENT...: runs it; what it prints goes to $HOME/OUT.out.
hostile() {
    local out=$1
    shift
    "$BUILD/helpers/hostile" "$@" >"$HOME/$out.out"
}

# launch_hostile OUT ARGUMENT...: the same in the background, until all of it is under way. HOSTILE
# is its process.
launch_hostile() {
    local out=$1
    shift
    rm -f "$HOME/$out.out"
    "$BUILD/helpers/hostile" "$@" >"$HOME/$out.out" 3>&- &
    HOSTILE=$!
    PIDS+=("$HOSTILE")
    wait_for 30 has_line "$out" '"type":"standing"'
}

# end_hostile PID
end_hostile() {
    kill -TERM "$1" 2>/dev/null || true
    wait "$1"
}

# said OUT KEY: of the last line that it has printed.
said() {
    tail -n 1 "$HOME/$1.out" | jq -r ".$2"
}

memory_of() { # PID: KiB resident
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

peak_of() { # PID: the most since the last watch
    sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

files_of() { # PID: its descriptors, by what they are
    find "/proc/$1/fd" -mindepth 1 -printf '%l\n' 2>/dev/null | sed 's/:.*//' | sort | uniq -c | xargs
}

sockets_of() { # PID
    find "/proc/$1/fd" -lname 'socket:*' | wc -l
}

# watch PID: from here on its memory and descriptors are looked at.
watch() {
    WATCHED=$1
    echo 5 >"/proc/$1/clear_refs"
    MEMORY=$(memory_of "$1")
    FILES=$(files_of "$1")
}

has_files() { # FILES
    [ "$(files_of "$WATCHED")" = "$1" ]
}

has_memory() { # KIB: at most
    [ "$(memory_of "$WATCHED")" -le "$1" ]
}

# is_as_before PEAK MARGIN: the watched process has never taken more than PEAK KiB above what it had
# and comes back to within MARGIN KiB, and to the very same number of descriptors.
is_as_before() {
    local peak
    kill -0 "$WATCHED"
    wait_for 20 has_files "$FILES" ||
        { echo "descriptors: $(files_of "$WATCHED"), not $FILES" && return 1; }
    [ -z "$SANITIZED" ] || return 0
    peak=$(peak_of "$WATCHED")
    wait_for 10 has_memory $((MEMORY + $2)) || true
    echo "memory: $MEMORY KiB, at most $peak, now $(memory_of "$WATCHED")"
    [ "$peak" -le $((MEMORY + $1)) ] && has_memory $((MEMORY + $2))
}

# keep_sending FROM TO: one message after the other, each over a connection of its own, and beside
# it pings of another, pinger.nec, on one that stays; until enough.
keep_sending() {
    local from=$1 to=$2
    make_node "$from"
    make_node pinger.nec
    (
        n=0
        until [ -e "$HOME/enough" ]; do
            start=${EPOCHREALTIME/./}
            if nectar-net send -q -n "$from" "$to" -m "$((++n))" -W 20 >/dev/null 2>>"$HOME/sending.err"; then
                echo "ack $(((${EPOCHREALTIME/./} - start) / 1000))"
            else
                echo "lost $n"
            fi
            sleep 0.05
        done
    ) >"$HOME/sending" 3>&- &
    SENDING=$!
    PIDS+=("$SENDING")
    nectar-net ping -n pinger.nec "$to" -i 0.1 -c 100000 -W 20 --json >"$HOME/pinging" 2>&1 3>&- &
    PINGING=$!
    PIDS+=("$PINGING")
    wait_for 20 grep -q ack "$HOME/sending"
    wait_for 20 grep -q pong "$HOME/pinging"
}

# all_were_served MS: every message was acknowledged, in no more than that, and every ping.
all_were_served() {
    local slowest
    wait_for 30 sent_since "$(wc -l <"$HOME/sending")"
    touch "$HOME/enough"
    kill -INT "$PINGING"
    wait "$PINGING"
    wait "$SENDING"
    run ! grep lost "$HOME/sending"
    slowest=$(sort -n -k 2 "$HOME/sending" | tail -n 1 | cut -d ' ' -f 2)
    echo "$(wc -l <"$HOME/sending") messages, the slowest in $slowest ms"
    [ "$slowest" -le "$1" ]
    # One may still have been under way when it was told to end.
    jq -se 'all(.[]; .type!="error") and (.[-1] | .received>=.sent-1)' "$HOME/pinging" ||
        { grep -v pong "$HOME/pinging" && return 1; }
}

sent_since() { # N
    [ "$(wc -l <"$HOME/sending")" -gt "$1" ]
}

# refusals NAME: what a router has refused, each kind and how often it was told.
refusals() {
    jq -r 'select(.event=="refused") | "\(.from) \(.to // "-"): \(.why)"' "$HOME/$1.out" | sort | uniq -c
}

# besiege OPTION...: a router r1.nec with these options, bob.nec reached through it, carol.nec who
# keeps sending to bob.nec. AT is how the hostile ones are told of the router.
besiege() {
    start_router r1.nec "$@"
    # shellcheck disable=SC2034 # for who loads us
    AT=(-p "${ADDRESS##*:}" -k "$(key_of r1.nec)")
    start_indirect bob.nec r1.nec
    keep_sending carol.nec bob.nec
    watch "$ROUTER"
}

# make_foes COUNT: so many published nodes foe1.nec foe2.nec ...; KEYS are their key files.
make_foes() {
    local i
    KEYS=()
    for ((i = 1; i <= $1; i++)); do
        make_node "foe$i.nec"
        KEYS+=("$(key_of "foe$i.nec")")
    done
}

# The lines of a node's log that hold this text.
warnings_of() { # NAME TEXT
    grep -c "$2" "$HOME/$1.err"
}
