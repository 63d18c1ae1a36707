# shellcheck shell=bash disable=SC2154
# The cells of the matrix in which `it` is from before April 2024 and takes no bin, or hangs up as if it were, and `us`
# send to it. What we remember of a peer goes by its name: one with a name of its own is unknown to us.

# old_peer NODE OPTION...: a listener of that name, of whom we know nothing.
old_peer() {
    local node=$1
    shift
    make_key "$node"
    start "$node" "$peer" listen --name "$node.nec" --seed "$tmp/$node.seed" --registry "$registry" "$@"
    write_registry "$registry"
}

# happened NODE LINES: what is new in its log after that many lines: messages delivered, connections dropped.
happened() {
    tail -n "+$(($2 + 1))" "${log[$1]}" | awk '
        /"type":"message"/ { messages++ }
        /"type":"dropped"/ { drops++ }
        END { print messages + 0 " delivered, " drops + 0 " dropped" }'
}

# happens NODE LINES WANT: the same, once it is WANT and stays so, or after 2 s. A node logs after it has hung up.
happens() {
    local seen
    for _ in {1..40}; do
        seen=$(happened "$1" "$2")
        [[ $seen == "$3" ]] && break
        sleep 0.05
    done
    sleep 0.2
    happened "$1" "$2"
}

# old_cell NODE CASE WANT [OPTION...]: our send, with JSON. WANT is `exit N, N delivered, N dropped`, `, retried` added
# where our send must have gone twice.
old_cell() {
    local node=$1 case=$2 want=$3 lines status from to got retried="" why=""
    shift 3
    printf '%s' "$case" >"$tmp/body"
    lines=$(wc -l <"${log[$node]}")
    from=$(now_ms)
    "$bin/nectar-net-send" -n us-out.nec -p "json:$registry" -W 5 -w 12 --json -f "$tmp/body" "$@" \
        "$node.nec@$echo_process" >"$tmp/reply" 2>"$tmp/stderr" </dev/null
    status=$?
    to=$(now_ms)
    grep -q '"retried":true' "$tmp/reply" && retried=", retried"
    got=${want#*, }
    got="exit $status, $(happens "$node" "$lines" "${got%, retried}")$retried"
    [[ $got == "$want" ]] || why="$got; not $want; $(cat "$tmp/reply" "$tmp/stderr" | head -c 300) "
    if [[ $want == "exit 0"* && $case != *--no-reply* ]]; then
        [[ $("$peer" digest <"$tmp/reply") == "$node.nec"*" $(digest_of "$tmp/body") - - -" ]] ||
            why+="the reply is not as it should be: $(head -c 300 "$tmp/reply") "
    fi
    ((to - from <= 2000)) || why+="took $((to - from)) ms"
    row us-it - "$case" - $((to - from)) "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
}

# run_old PAIR
run_old() {
    [[ $1 == us-it ]] || return
    old_peer it-old --no-bin
    old_cell it-old "no bin" "exit 0, 1 delivered, 1 dropped, retried"
    old_cell it-old "no bin, remembered" "exit 0, 1 delivered, 0 dropped"
    old_peer it-strict --no-bin
    old_cell it-strict "no bin, --no-retry" "exit 7, 0 delivered, 1 dropped" --no-retry
    old_peer it-compat --no-bin
    old_cell it-compat "no bin, --compat" "exit 0, 1 delivered, 0 dropped" --compat
    old_cell it-compat "no bin, no more --compat" "exit 0, 1 delivered, 1 dropped, retried"
    old_peer it-quiet --no-bin
    old_cell it-quiet "no bin, --no-reply" "exit 0, 1 delivered, 0 dropped" --no-reply
    old_peer it-config --no-bin
    mkdir -p "$tmp/config-old/nectar-net"
    echo "compat = it-other.nec it-config.nec" >"$tmp/config-old/nectar-net/config"
    XDG_CONFIG_HOME=$tmp/config-old \
        old_cell it-config "no bin, in the config file" "exit 0, 1 delivered, 0 dropped"
    # What hangs up behind a request may have handled it. Of a peer that we know we know that it was not the form.
    old_peer it-drop-2 --drop-nth 2
    old_cell it-drop-2 "hangs up later, the first" "exit 0, 1 delivered, 0 dropped"
    old_cell it-drop-2 "hangs up later, the second" "exit 7, 1 delivered, 1 dropped"
    old_peer it-drop-1 --drop-nth 1
    old_cell it-drop-1 "hangs up at first" "exit 0, 2 delivered, 1 dropped, retried"
}
