#!/usr/bin/env bats
# nectar-net bench: what it prints, and that it leaves nothing behind

load helpers

setup() {
    net_setup
}

teardown() {
    net_teardown
}

ROWS="goodput_array goodput_bin handshakes messages round_trip_median round_trip_min round_trip_p99"

@test "this machine: each figure once, above 0, with its unit; nothing of ours is touched" {
    nectar-net bench -d 0.1 --json >"$HOME/out"
    assert_equal "$(jq -r .what "$HOME/out" | sort | paste -sd ' ')" "$ROWS"
    jq -es 'all(.v == 1 and .type == "bench" and .value > 0)' "$HOME/out"
    assert_equal "$(jq -r .unit "$HOME/out" | sort | uniq -c | awk '{print $2 $1}' | paste -sd ' ')" "1/s2 MB/s2 us3"
    jq -es 'map({(.what): .value}) | add |
        .round_trip_min <= .round_trip_median and .round_trip_median <= .round_trip_p99' "$HOME/out"
    [ ! -e "$XDG_DATA_HOME" ] && [ ! -e "$XDG_STATE_HOME" ]
}

@test "text: a line for each figure" {
    run nectar-net bench -d 0.05
    assert_success
    assert_equal "${#lines[@]}" 7
    for line in "${lines[@]}"; do
        [[ $line =~ ^[a-z0-9_]+\ +[0-9.]+\ (1/s|us|MB/s)$ ]]
    done
}

@test "a target: what its hellos show, and no more of them than is said" {
    make_node alice.nec
    start_listener bob.nec
    nectar-net bench -n alice.nec -d 5 --json bob.nec >"$HOME/out"
    assert_equal "$(jq -r .what "$HOME/out" | sort | paste -sd ' ')" \
        "handshakes messages round_trip_median round_trip_min round_trip_p99"
    jq -es 'all(.value > 0)' "$HOME/out"
    assert_equal "$(messages_of bob.nec | wc -l)" $((1 + 200 + 1 + 1000 + 5000))
}

@test "a target that is not there: exit 7; none of that name: exit 6; a mute one: exit 28" {
    make_node alice.nec
    make_node dead.nec
    nectar-net publish-tx -n dead.nec --ws 127.0.0.1:1
    run nectar-net bench -n alice.nec dead.nec
    assert_failure 7
    run nectar-net bench -n alice.nec nobody.nec
    assert_failure 6
    start_listener bob.nec --exec 'exit 1'
    run nectar-net bench -n alice.nec -W 0.5 bob.nec
    assert_failure 28
}

@test "-w bounds it; killed, it leaves no process behind" {
    run nectar-net bench -d 60 -w 1
    assert_failure 28
    nectar-net bench -d 60 >/dev/null 2>&1 3>&- &
    pid=$!
    PIDS+=("$pid")
    wait_for 10 pgrep -P "$pid"
    child=$(pgrep -P "$pid")
    kill -KILL "$pid"
    wait "$pid" || true
    wait_for 10 bash -c "! kill -0 $child 2>/dev/null"
}

@test "bad options: exit 2" {
    for options in "-d 0" "-d x" "-d -1" "a.nec b.nec"; do
        # shellcheck disable=SC2086
        run nectar-net bench $options
        assert_failure 2
    done
}
