# The control socket of a running process; to be loaded beside net.bash.

socket_of() { # NAME
    echo "$XDG_RUNTIME_DIR/nectar-net/$1.sock"
}

# status_of NAME FIELD
status_of() {
    nectar-net status -n "$1" --json | jq -r ".$2"
}

# peers_of NAME: PEER DIRECTION STATE of each connection, sorted.
peers_of() {
    nectar-net peers -n "$1" --json | jq -r '"\(.peer) \(.direction) \(.state)"' | sort
}

# stands NAME FIELD VALUE: does the status say so?
stands() {
    [ "$(status_of "$1" "$2")" = "$3" ]
}

# speak NAME [SECONDS]: sends standard input to the socket, and prints what comes until it is closed.
speak() {
    timeout "${2:-5}" socat -t "${2:-5}" - "UNIX-CONNECT:$(socket_of "$1")"
}
