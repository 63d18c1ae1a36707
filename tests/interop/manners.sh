# shellcheck shell=bash disable=SC2154,SC2034
# Routers and nodes without an address that have a manner of their own (late, forgetful, rude, as running nodes are), or
# that are used in an unlucky moment. All of `it` here are honest.

# What runs in the background: ROLE|VIA|CASE and the file of its outcome, and the processes.
later_rows=() later_pids=()
long_rows=() long_pids=()

# later ROLE VIA CASE COMMAND...: in the background; the command prints what is wrong. `collect` makes the rows.
later() {
    local base
    base=$(mktemp "$tmp/later-XXXXXX")
    later_rows+=("$1|$2|$3|$base")
    shift 3
    {
        local from
        from=$(now_ms)
        "$@" >"$base" 2>&1
        echo $(($(now_ms) - from)) >"$base.ms"
    } &
    later_pids+=($!)
}

collect() {
    local entry role via case base why
    ((${#later_pids[@]})) && wait "${later_pids[@]}" 2>/dev/null # One that ended long ago may be known no more.
    for entry in "${later_rows[@]}"; do
        IFS='|' read -r role via case base <<<"$entry"
        why=$(tr '\n' ' ' <"$base")
        between=$via
        row "$role" - "$case" - "$(cat "$base.ms")" "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
    done
    between=ws later_rows=() later_pids=()
}

# at_once ROLE VIA CASE COMMAND...: the same, waited for.
at_once() {
    local from why
    from=$(now_ms)
    why=$("${@:4}" 2>&1 | tr '\n' ' ')
    between=$2
    row "$1" - "$3" - $(($(now_ms) - from)) "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
    between=ws
}

# send_hello SENDER TARGET [OPTION...]: prints what came of it, as JSON; its status.
send_hello() {
    local node=$1 target=$2
    shift 2
    if [[ $node == us-* ]]; then
        "$bin/nectar-net-send" -n "$node.nec" -p "json:$registry" -W 6 -w 14 --json -m hello "$@" "$target.nec"
    else
        "$peer" send --name "$node.nec" --seed "$tmp/$node.seed" --registry "$registry" --to "$target.nec" \
            --body hello --expects 6 "$@"
    fi </dev/null 2>&1
}

# sends SENDER TARGET LEAST MOST [OPTION...]: an ack comes, in so many ms.
sends() {
    local out=$tmp/sends-$BASHPID least=$3 most=$4 from status
    from=$(now_ms)
    send_hello "$1" "$2" "${@:5}" >"$out"
    status=$?
    took "$from" "$least" "$most"
    ((status == 0)) || echo "exit $status: $(head -c 400 "$out")"
    [[ $1 == it-* ]] || grep -q '"body":"ack"' "$out" || echo "no ack: $(head -c 400 "$out")"
}

# took FROM LEAST MOST
took() {
    local ms=$(($(now_ms) - $1))
    ((ms >= $2 && ms <= $3)) || echo "took $ms ms, not $2 to $3"
}

# fails TARGET MOST STAGE [OPTION...]: our send ends with 7, the router's own entry has that stage (a pattern).
fails() {
    local out=$tmp/fails-$BASHPID most=$2 stage=$3 from status
    from=$(now_ms)
    send_hello us-out "$1" "${@:4}" >"$out"
    status=$?
    took "$from" 0 "$most"
    [[ $status == 7 && $(cat "$out") =~ \"stage\":\"router\".*\"tried\":\[\{\"router\":\"[a-z-]*\.nec\",\"stage\":\"($stage)\" ]] ||
        echo "exit $status: $(head -c 400 "$out")"
}

# node NODE ROUTER...: a key and a record for an indirect node of either kind.
node() {
    if [[ $1 == us-* ]]; then make_our_key "$1"; else make_key "$1"; fi
    local node=$1
    shift
    routers["$node"]=$*
}

# router NODE OPTION...
router() {
    make_key "$1"
    write_registry "$registry"
    start_router "$@"
}

# start_manners: what is not as it should be has routers and names of its own.
start_manners() {
    local all=${router_kinds[*]/%/-r} joined node
    router it-slow-r --pair-late 2000
    router it-run-r --running
    router it-forget-r --forget 1000
    router it-again-r
    router it-tell-r --tell-late 300
    router it-wrong-r --wrong-peer it-decoy.nec
    router it-claim-r --announce it-in.nec
    node it-decoy it-wrong-r
    make_key it-fickle
    write_registry "$registry"
    start it-fickle "$peer" listen --name it-fickle.nec --seed "$tmp/it-fickle.seed" --registry "$registry" \
        --forget-nth 1
    node it-late "$all"
    node it-never "$all" it-run-r
    node it-reject "$all"
    node it-run "$all" it-run-r
    node it-hear "$all"
    node it-one "$all" it-tell-r
    node it-two "$all" it-tell-r
    node it-slow it-slow-r
    joined=(it-late it-never it-reject it-run it-slow it-decoy it-hear it-one it-two)
    if [[ -n $with_us ]]; then
        for node in slow run forget again wrong claim; do
            node "us-$node" "it-$node-r"
            joined+=("us-$node")
        done
        node us-hear "$all"
        node us-one "$all" it-tell-r
        node us-two "$all" it-tell-r
        joined+=(us-hear us-one us-two)
        make_our_key us-ping
    fi
    write_registry "$registry"
    join it-late --late 2500
    join it-never --late 60000
    join it-reject --reject
    join it-run --running
    join it-slow
    join it-decoy
    join it-hear
    join it-one
    join it-two
    if [[ -n $with_us ]]; then
        for node in us-slow us-run us-forget us-again us-wrong us-claim us-hear us-one us-two; do join "$node"; done
    fi
    for node in "${joined[@]}"; do wait_joined "$node"; done
}

# What our side must bear, each at a router of either kind.
later_at_routers() {
    local kind
    for kind in "${router_kinds[@]}"; do
        later it-it "$kind" "d-i called back late" sends it-out it-late 2400 6000 --via "$kind-r.nec"
        [[ -n $with_us ]] || continue
        later us-it "$kind" "d-i called back late" sends us-out it-late 2400 6000 --via "$kind-r.nec"
        later us-it "$kind" "d-i never called back" fails it-never 7500 'router|noise' --via "$kind-r.nec"
        later us-it "$kind" "d-i rejected" fails it-reject 2000 'router|noise' --via "$kind-r.nec"
        # One after the other: such a node ends a connection when there is a newer of the same name.
        at_once us-it "$kind" "d-i running node" sends_thrice us-out it-run --via "$kind-r.nec"
    done
}

later_with_us() {
    later us-us it "d-i joined to another" joined_wrongly
    later us-us it "d-i announced as another" announced_wrongly us-out
    later it-us it "d-i announced as another" announced_wrongly it-out
    later us-us it "d-i joined late" sends us-out us-slow 1900 6000
    later it-us it "d-i joined late" sends it-out us-slow 1900 6000
    later us-it it "d-i joined late" sends us-out it-slow 1900 6000
    later us-us it "d-i running router" sends_thrice us-out us-run
    later it-us it "d-i running router" sends_thrice it-out us-run --running
    later us-it it "d-i running router, no call" fails it-never 7500 'router|noise' --via it-run-r.nec
}

# joined_wrongly: a router joins us to someone else than the target. Neither hears anything of the other.
joined_wrongly() {
    fails us-wrong 7500 auth
    ! grep -q '"type":"message"' "${log[it-decoy]}" || echo "it-decoy has got a message"
}

# announced_wrongly SENDER: a router announces us-claim another than the one it joins it to.
announced_wrongly() {
    local out=$tmp/claim-$BASHPID
    ! send_hello "$1" us-claim >"$out" || echo "taken: $(cat "$out")"
    [[ $1 != us-* ]] || grep -q '"exit":7' "$out" || echo "not offline: $(head -c 400 "$out")"
    ! grep -q '"type":"message"' "${log[us-claim]}" || echo "us-claim shows a message"
}

sends_thrice() {
    local n
    for n in 1 2 3; do sends "$1" "$2" 0 4000 "${@:3}"; done
}

# A router that has lost a registration, whose socket stands: the node finds out when it asks next, within 1 min, and
# joins again. Meanwhile nobody reaches it.
forgotten() {
    local out=$tmp/forgotten-$BASHPID
    until ! send_hello us-out us-forget >"$out"; do sleep 0.3; done
    grep -q '"exit":7' "$out" || echo "not offline: $(head -c 300 "$out")"
    for _ in {1..140}; do
        (($(grep -c '"event":"registered".*us-forget' "${log[it-forget-r]}") > 1)) && break
        sleep 1
    done
    sends us-out us-forget 0 4000
}

# A connection through a router without traffic for more than 30 s: pings are sent, and may bring two pongs each.
pinged() {
    local out=$tmp/pinged-$BASHPID count
    "$bin/nectar-net-ping" -n "us-ping.nec" -p "json:$registry" -c 2 -i 33 --via "$2" --json "$1.nec" >"$out" 2>&1 ||
        echo "exit $?"
    grep -q '"received":2' "$out" || echo "not two replies: $(head -c 600 "$out")"
    count=$(grep -c "\"event\":\"open\".*us-ping.nec.*\"$1.nec\"" "${log[${2%.nec}]}")
    ((count == 1)) || echo "$count passthroughs, not one"
}

# A router ends at once, and is back: who was registered is so again within 2 s.
restarted() {
    local lines from
    kill -KILL "${pid[it-again-r]}"
    for _ in {1..100}; do
        grep -q '"type":"router_down"' "${log[us-again]}" && break
        sleep 0.05
    done
    sleep 2 # So that it does not ask as often any more.
    lines=$(wc -l <"${log[us-again]}")
    log[it-again-r]=$tmp/it-again-r.again
    start_router it-again-r --seconds 60
    from=$(now_ms)
    until stands_at us-again it-again-r "$lines"; do
        (($(now_ms) - from > 10000)) && break
        sleep 0.02
    done
    took "$from" 0 2000
    sends us-out us-again 0 4000
}

# simultaneous A B ROUTER [OPTION...]: each sends to the other at once; both get their answer, and each message comes
# once. The options are B's; one that says it does not try again may fail.
simultaneous() {
    local a=$1 b=$2 router=$3 before_a before_b pids own_a=() own_b=()
    shift 3
    if [[ $a == it-* ]]; then own_a=(--want any); else own_a=("${alone[@]}"); fi
    if [[ $b == it-* ]]; then own_b=(--want any); else own_b=("${alone[@]}"); fi
    for _ in 1 2 3; do
        before_a=$(messages_between "$b" "$a")
        before_b=$(messages_between "$a" "$b")
        send_hello "$a" "$b" --via "$router" "${own_a[@]}" >"$tmp/both-a" &
        pids=($!)
        send_hello "$b" "$a" --via "$router" "${own_b[@]}" "$@" >"$tmp/both-b" &
        pids+=($!)
        wait "${pids[0]}" || echo "$a: exit $?: $(head -c 400 "$tmp/both-a")"
        wait "${pids[1]}" || [[ $* == *--running* ]] || echo "$b: exit $?: $(head -c 400 "$tmp/both-b")"
        once "$a" "$b" "$before_b"
        [[ $* == *--running* ]] || once "$b" "$a" "$before_a"
    done
    [[ $router != it-tell-r.nec ]] || met "$a" "$b"
}

# met A B: have they been joined as two initiators, of which each has said its 32 bytes?
met() {
    grep '"event":"close"' "${log[it-tell-r]}" | grep '"bytes_in":32,"bytes_out":32,' | grep "\"$1\.nec\"" |
        grep -q "\"$2\.nec\"" || echo "the two have not met"
}

# messages_between FROM TO: how many have come.
messages_between() {
    grep '"type":"message"' "${log[$2]}" | grep -c "\"from\":\"$1\.nec[\"@]"
}

# once FROM TO BEFORE: one message more.
once() {
    local count
    count=$(messages_between "$1" "$2")
    ((count == $3 + 1)) || echo "$((count - $3)) messages from $1 at $2"
}

# Through the last router the first two that call at once are joined to each other.
run_simultaneous() {
    local router alone=()
    # A `send` beside a `listen` of its name would use that one's connections, such as the one to its `it`, which is
    # a `send`, too, and takes no requests.
    [[ -n $with_us ]] && our send --no-socket && alone=(--no-socket)
    for router in "${router_kinds[@]/%/-r}" it-tell-r; do
        at_once it-it "${router%%-*}" "i-i both at once" simultaneous it-one it-two "$router.nec"
        [[ -n $with_us ]] || continue
        at_once us-us "${router%%-*}" "i-i both at once" simultaneous us-one us-two "$router.nec"
        at_once us-it "${router%%-*}" "i-i both at once" simultaneous us-one it-two "$router.nec"
        at_once us-it "${router%%-*}" "i-i both at once, running" simultaneous us-two it-one "$router.nec" --running
    done
}

# legs ROUTER TARGET: route-via reports all three, and the reply.
legs() {
    local out=$tmp/legs-$BASHPID
    "$bin/nectar-net-route-via" -n us-out.nec -p "json:$registry" --json "$1.nec" "$2.nec" >"$out" 2>&1 || echo "exit $?"
    [[ $(grep -c '"type":"leg".*"ok":true' "$out") == 3 && $(cat "$out") == *'"body":"ack"'* ]] || head -c 600 "$out"
}

run_legs() {
    local kind target
    for kind in "${router_kinds[@]}"; do
        for target in us-in us-ii it-in it-ii; do
            at_once "us-${target%-*}" "$kind" "route-via to $target" legs "$kind-r" "$target"
        done
    done
}

# forgotten_directly: a node that has forgotten us reads on and does not answer. After the one ping that is lost we
# dial anew.
forgotten_directly() {
    local out=$tmp/directly-$BASHPID
    "$bin/nectar-net-ping" -n us-ping.nec -p "json:$registry" -c 4 -i 1.5 -W 1 --json it-fickle.nec >"$out" 2>&1
    grep -q '"sent":4,"received":3,' "$out" || head -c 900 "$out"
}

# begin_manners: what takes long begins first.
begin_manners() {
    start_manners
    [[ -n $with_us ]] || return
    later it-us it "d-i forgotten by the router" forgotten
    later us-us it "d-i two pongs for a ping" pinged us-hear it-r.nec
    later us-it it "d-i two pongs for a ping" pinged it-hear it-r.nec
    later us-it us "d-i pings pass" pinged it-hear us-r.nec
    long_rows=("${later_rows[@]}") long_pids=("${later_pids[@]}") later_rows=() later_pids=()
}

end_manners() {
    later_rows=("${long_rows[@]}") later_pids=("${long_pids[@]}")
    collect
}

run_manners() {
    run_simultaneous
    later_at_routers
    [[ -n $with_us ]] && later_with_us
    collect
    [[ -n $with_us ]] || return
    at_once us-it it "d-i running router and node" sends_thrice us-out it-run --via it-run-r.nec
    at_once us-it it "router restarts" restarted 2>/dev/null
    run_legs
    at_once us-it ws "d-d forgotten by the node" forgotten_directly
}
