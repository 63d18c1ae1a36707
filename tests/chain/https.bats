#!/usr/bin/env bats
# An endpoint over HTTPS is believed if its certificate is one that this machine trusts, for its
# name; and one whose name is never resolved costs no more than the deadline.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    cd "$HOME" || return
}

teardown() {
    cd /
    net_teardown
}

# HTTPS before the node, with a certificate for an address that signs itself. Sets PORT.
start_https() { # ADDRESS
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x \
        -addext "subjectAltName=IP:$1" -keyout key.pem -out cert.pem 2>/dev/null
    socat -d -d "OPENSSL-LISTEN:0,bind=127.0.0.1,cert=cert.pem,key=key.pem,verify=0,fork" \
        "TCP:${ANVIL_URL#http://}" 2>socat.err 3>&- &
    PIDS+=("$!")
    wait_for 5 grep -q 'listening on' socat.err
    PORT=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' socat.err)
}

# Runs a command where a file stands in the place of another, all alone; skips where that is not
# allowed.
instead() { # FILE OTHER COMMAND...
    unshare -rm true 2>/dev/null || skip "no namespaces here"
    # shellcheck disable=SC2016 # its own arguments
    unshare -rm sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$@"
}

lookup() {
    nectar-net pki-lookup -p "nectar+https://127.0.0.1:$PORT?contract=$CONTRACT" nobody
}

@test "a certificate that nobody has signed: 5" {
    start_https 127.0.0.1
    run --separate-stderr lookup
    assert_failure 5
    [[ $stderr == *certificate* ]] || fail "says: $stderr"
}

@test "one that is trusted" {
    start_https 127.0.0.1
    run --separate-stderr instead "$PWD/cert.pem" /etc/ssl/certs/ca-certificates.crt \
        nectar-net pki-lookup -p "nectar+https://127.0.0.1:$PORT?contract=$CONTRACT" nobody
    assert_failure 6
}

@test "one that is trusted, for another address: 5" {
    start_https 127.0.0.2
    run --separate-stderr instead "$PWD/cert.pem" /etc/ssl/certs/ca-certificates.crt \
        nectar-net pki-lookup -p "nectar+https://127.0.0.1:$PORT?contract=$CONTRACT" nobody
    assert_failure 5
    [[ $stderr == *"target host name"* ]] || fail "says: $stderr"
}

@test "a name server that is silent: 5, within the deadline" {
    unshare -rmn true 2>/dev/null || skip "no namespaces here"
    printf 'nameserver 127.9.9.9\noptions timeout:30\n' >resolv.conf
    cat >ask <<'ASK'
mount --bind resolv.conf /etc/resolv.conf
ip link set lo up
socat -u UDP4-RECV:53,bind=127.9.9.9 /dev/null &
exec nectar-net pki-lookup -p 'nectar+http://host.example:1?contract=0x5fbdb2315678afecb367f032d93f642f64180aa3' nobody
ASK
    begun=$EPOCHREALTIME
    # libcurl leaves its thread that asks behind, and what that holds.
    export ASAN_OPTIONS=detect_leaks=0
    # All that it began ends with it.
    run --separate-stderr unshare -rmnpf --kill-child sh ask
    assert_failure 5
    [[ $stderr == *"no answer within 5 s: Resolving timed out"* ]] || fail "says: $stderr"
    (((${EPOCHREALTIME/./} - ${begun/./}) / 1000000 < 15 * ${NECTAR_SLOWER:-1})) || fail "took long"
}
