# What goes wrong on the network, provoked for real: exit status, stage and words of each.

load net

setup() {
    net_setup
    make_node alice.nec
    make_node bob.nec
}

teardown() {
    net_teardown
}

# start_mute STAGE: bob.nec is a peer that falls silent at this stage.
start_mute() {
    "$BUILD/helpers/mute" "$1" 0 "$(key_of bob.nec)" >"$HOME/mute.out" 2>"$HOME/mute.err" 3>&- &
    PIDS+=($!)
    wait_for 10 test -s "$HOME/mute.out"
    PORT=$(head -1 "$HOME/mute.out")
    nectar-net publish-tx -n bob.nec --ws "127.0.0.1:$PORT" >/dev/null
}

# fails STATUS STAGE COMMAND...: exactly so, in words and in JSON.
fails() {
    local status=$1 stage=$2
    shift 2
    run --separate-stderr "-$status" timeout 20 "$@" --json
    assert_equal "$(jq -r 'select(.type=="error") | "\(.exit) \(.stage)"' <<<"$output")" "$status $stage"
}

@test "a port where nobody listens: 7, stage tcp" {
    nectar-net publish-tx -n bob.nec --ws 127.0.0.1:1 >/dev/null
    run -7 nectar-net send -n alice.nec bob.nec -m x
    assert_output "nectar-net send: bob.nec: offline at tcp 127.0.0.1:1: Connection refused"
    fails 7 tcp nectar-net send -n alice.nec bob.nec -m x
}

@test "a host name that does not resolve: 7, stage dns" {
    nectar-net publish-tx -n bob.nec --ws no-such-host.invalid:9000 >/dev/null
    fails 7 dns nectar-net send -n alice.nec bob.nec -m x -W 3
}

@test "a connect that is not answered: 7, stage tcp, within -W" {
    start_mute tcp
    SECONDS=0
    fails 7 tcp nectar-net send -n alice.nec bob.nec -m x -W 0.5
    [ "$SECONDS" -le 3 ]
    assert_output --partial "timed out"
}

@test "an upgrade that is not answered: 7, stage upgrade" {
    start_mute accept
    fails 7 upgrade nectar-net send -n alice.nec bob.nec -m x -W 0.5
    assert_output --partial "timed out"
}

@test "-W may be longer than the usual five seconds" {
    start_mute accept
    local before=${EPOCHREALTIME/./}
    run -7 timeout 20 nectar-net send -n alice.nec bob.nec -m x -W 6
    [ $((${EPOCHREALTIME/./} - before)) -ge 5900000 ]
}

@test "a handshake that is not answered: 7, stage noise" {
    start_mute upgrade
    fails 7 noise nectar-net send -n alice.nec bob.nec -m x -W 0.5
    assert_output --partial "timed out"
}

@test "a request that is not answered: 28, stage reply" {
    start_mute reply
    fails 28 reply nectar-net send -n alice.nec bob.nec -m x -W 0.5
    fails 28 reply nectar-net send -n alice.nec bob.nec --no-reply -m x -W 0.5
}

@test "-w bounds the whole command" {
    start_mute reply
    SECONDS=0
    run -28 timeout 20 nectar-net send -n alice.nec bob.nec -m x -w 0.5
    [ "$SECONDS" -le 3 ]
}

@test "the registry holds another key for the target: 7, stage auth" {
    start_listener bob.nec
    nectar-net keygen -o "$HOME/other.key" --no-passphrase >/dev/null
    nectar-net publish-tx -n bob.nec --ws "$ADDRESS" -k "$HOME/other.key" \
        --old-key "$(key_of bob.nec)" >/dev/null
    fails 7 auth nectar-net send -n alice.nec bob.nec -m x
    assert_output --partial "signature does not match the published key"
    assert_equal "$(messages_of bob.nec)" ""
}

@test "the listener has another key for us: 7, stage auth, and the listener's own words" {
    start_listener bob.nec
    # A second registry, in which alice.nec is published with the key we use.
    nectar-net keygen -n alice.nec -o "$HOME/other.key" --no-passphrase >/dev/null
    nectar-net publish-tx -p "sqlite:$HOME/other.db" -n alice.nec -k "$HOME/other.key" --no-route >/dev/null
    nectar-net publish-tx -p "sqlite:$HOME/other.db" -n bob.nec --ws "$ADDRESS" >/dev/null
    fails 7 auth nectar-net send -p "sqlite:$HOME/other.db" -n alice.nec -k "$HOME/other.key" bob.nec -m x
    assert_output --partial "refused by the peer"
    assert_output --partial "signature does not match the published key"
    assert_equal "$(messages_of bob.nec)" ""
}

@test "a target without a key or a route: 6; an unknown one: 6" {
    fails 6 registry nectar-net send -n alice.nec bob.nec -m x
    fails 6 registry nectar-net send -n alice.nec nobody.nec -m x
}

@test "no registry can be read: 5" {
    echo '{"broken":' >"$HOME/broken.json"
    fails 5 registry nectar-net send -p "json:$HOME/broken.json" -n alice.nec bob.nec -m x
    assert_output --partial "broken.json"
    fails 5 registry nectar-net send -p "json:$HOME/missing.json" -n alice.nec bob.nec -m x
    mkdir "$HOME/folder"
    fails 5 registry nectar-net send -p "sqlite:$HOME/folder" -n alice.nec bob.nec -m x
}

@test "we are not in the registry, or with another key: 4, and a hint" {
    start_listener bob.nec
    nectar-net keygen -n ghost.nec --no-passphrase >/dev/null
    run -4 nectar-net send -n ghost.nec bob.nec -m x
    assert_output --partial "hint:"
    assert_output --partial "publish-tx"
    nectar-net keygen -o "$HOME/other.key" --no-passphrase >/dev/null
    run -4 nectar-net send -n alice.nec -k "$HOME/other.key" bob.nec -m x
    assert_output --partial "publish-tx"
}

@test "stdout is full: 3" {
    start_listener bob.nec
    run -3 sh -c 'nectar-net send -n alice.nec bob.nec -m x >/dev/full'
    run -3 sh -c 'nectar-net ping -n alice.nec bob.nec -c 1 >/dev/full'
    run -3 sh -c 'timeout 10 nectar-net listen -n alice.nec --json --bind 127.0.0.1:0 -w 5 >/dev/full'
}

@test "a file that cannot be read: 3" {
    run -3 nectar-net send -n alice.nec bob.nec -f "$HOME/missing"
    assert_output --partial "$HOME/missing"
}

@test "ping of a node that is offline prints a summary and ends with 7" {
    nectar-net publish-tx -n bob.nec --ws 127.0.0.1:1 >/dev/null
    run -7 nectar-net ping -n alice.nec -c 2 -i 0.05 --json bob.nec
    jq -se 'map(select(.type=="summary"))[0] | .sent == 2 and .received == 0 and .loss == 1' <<<"$output"
}

@test "a listener frozen before the connection stands: 7; after it: 28" {
    start_listener bob.nec
    nectar-net ping -n alice.nec -i 0.2 -c 100 -W 1 --json bob.nec >"$HOME/ping" 2>&1 3>&- &
    local ping=$!
    PIDS+=("$ping")
    wait_for 10 grep -q pong "$HOME/ping"
    kill -STOP "$LISTENER"
    fails 7 upgrade nectar-net send -n alice.nec bob.nec -m x -W 0.5
    wait_for 10 grep -q '"error":"timeout"' "$HOME/ping"
    kill -CONT "$LISTENER"
    kill -INT "$ping"
    wait "$ping"
}

# What a browser sends: an Origin, and offers of an extension and a subprotocol.
browser_request() {
    printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: keep-alive, Upgrade\r\n' "$ADDRESS"
    printf 'Pragma: no-cache\r\nUpgrade: websocket\r\nOrigin: https://example.org\r\n'
    printf 'Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate\r\n'
    printf 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat\r\n'
    printf 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n'
}

@test "a browser's upgrade is taken, its offers declined" {
    start_listener bob.nec
    run -0 bash -c "$(declare -f browser_request); ADDRESS=$ADDRESS; browser_request |
        timeout 5 socat -t 0.3 - TCP:$ADDRESS | tr -d '\r' | sed '/^\$/q'"
    assert_line --index 0 "HTTP/1.1 101 Switching Protocols"
    assert_output --partial "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    refute_output --partial Extensions
    refute_output --partial Protocol:
}

@test "garbage, half requests and other paths are answered or closed; others are served meanwhile" {
    start_listener bob.nec
    head -c 100000 /dev/urandom | timeout 5 socat -t 0.3 - "TCP:$ADDRESS" >/dev/null || true
    run -0 bash -c "printf 'GET /other HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n' | timeout 5 socat -t 1 - TCP:$ADDRESS | head -1"
    assert_output --partial "404"
    run -0 bash -c "printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' | timeout 5 socat -t 1 - TCP:$ADDRESS | head -1"
    assert_output --regexp "40|426"
    # Fifty that say nothing at all do not keep anybody out.
    for _ in $(seq 50); do
        sleep 3 | timeout 8 socat - "TCP:$ADDRESS" 3>&- &
        PIDS+=($!)
    done
    run -0 nectar-net send -n alice.nec bob.nec -m hello
    assert_output ack
    assert_equal "$(messages_of bob.nec | wc -l)" 1
}

@test "what a peer sends cannot steer a terminal" {
    start_listener bob.nec --reply "$(printf 'a\033[31mred\007')"
    run -0 script -qec "nectar-net send -n alice.nec bob.nec -m x" /dev/null
    refute_output --partial $'\033'
    assert_output --partial '\x1b'
}
