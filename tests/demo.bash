# What the demonstrations share: a temporary home that is removed, commands that are echoed, run and
# held to what they should print, and programs in the background that are ended. Needs BUILD.
# shellcheck shell=bash
set -euo pipefail
: "${BUILD:?the build folder}"
PATH=$BUILD/bin:$PATH
unset "${!NECTAR_@}"

home=$(mktemp -d)
running=() # the processes in the background
end_more() { :; } # for a demonstration that has more to end
cleanup() {
    local status=$? pid
    trap - EXIT INT TERM
    for pid in "${running[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    end_more
    rm -rf "$home"
    [ "$status" = 0 ] || echo "demo: failed" >&2
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export HOME=$home XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache \
    XDG_STATE_HOME=$home/state XDG_RUNTIME_DIR=$home/run

say() { printf '\n# %s\n' "$*"; }

# run EXPECTED COMMAND: echoes a command line, runs it within 20 s, shows what it prints, and fails
# unless that matches EXPECTED, an extended regular expression for one of its lines.
run() {
    local output
    printf '$ %s\n' "$2"
    output=$(timeout 20 bash -o pipefail -c "$2" 2>&1) || {
        printf '%s\n(exit status %s)\n' "$output" "$?"
        exit 1
    }
    printf '%s\n' "$output"
    grep -qE -e "$1" <<<"$output" || {
        echo "(that is not what was expected: $1)"
        exit 1
    }
}

# wait_for FILE PATTERN: until a line of the file matches, 10 s at most.
wait_for() {
    local tries=200
    until grep -qsE -e "$2" "$home/$1"; do
        [ $((tries -= 1)) -gt 0 ] || {
            cat "$home/$1"
            exit 1
        }
        sleep 0.05
    done
}

# start FILE COMMAND: echoes a command line, runs it in the background with its output in a file, and
# waits until it is ready.
start() {
    printf '$ %s &\n' "$2"
    eval "exec $2" >"$home/$1" 2>&1 &
    running+=("$!")
    wait_for "$1" '"type": ?"ready"'
    grep '"ready"' "$home/$1"
}

# stop: ends what runs, each with the exit status 0.
stop() {
    local pid status
    for pid in "${running[@]}"; do
        status=0
        kill "$pid"
        wait "$pid" || status=$?
        [ "$status" = 0 ] || {
            echo "(exit status $status)"
            exit 1
        }
    done
    running=()
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
    done
    echo "$port"
}
