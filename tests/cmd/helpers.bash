# For the tests of the verbs that need no peer: the temporary home of net.bash, and a terminal.
load net

setup() {
    net_setup
}

teardown() {
    net_teardown
}

# The number of files that match, hidden ones included.
count_files() { # FOLDER PATTERN
    find "$1" -type f -name "$2" | wc -l
}

# Runs a command without a terminal to ask on.
no_terminal() {
    setsid -w "$@" </dev/null
}

# on_terminal ANSWER... -- COMMAND...: answers each prompt that ends in a colon. What the terminal
# shows goes to $HOME/terminal; the status is the command's.
on_terminal() {
    local answers=() quoted
    while [ "$1" != -- ]; do
        answers+=("$1")
        shift
    done
    shift
    printf -v quoted '%q ' "$@"
    printf '%s; echo $? >%q\n' "$quoted" "$HOME/status" >"$HOME/command"
    coproc TERMINAL { socat - EXEC:"bash $HOME/command",pty,setsid,ctty,stderr 2>/dev/null 3>&-; }
    local pid=$TERMINAL_PID shown answer
    exec {from}<&"${TERMINAL[0]}" {to}>&"${TERMINAL[1]}"
    for answer in "${answers[@]}"; do
        IFS= read -r -d : -t 10 -u "$from" shown
        printf '%s:' "$shown" >>"$HOME/terminal"
        printf '%s\n' "$answer" >&"$to"
    done
    cat <&"$from" >>"$HOME/terminal"
    exec {from}<&- {to}>&-
    wait "$pid" || true
    return "$(cat "$HOME/status")"
}
