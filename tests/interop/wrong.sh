# shellcheck shell=bash disable=SC2154,SC2034
# The cells of the matrix in which `it` misbehaves, once on each connection, and `us` or `it` is the other side.

# What it may take, in ms, from the wrong byte to the close.
patience() {
    case $1 in
        silent-* | slow-tcp | slow-upgraded | flipped-first) echo 6500 ;;
        stalled-message) echo 40000 ;;
        slow-message) echo 310000 ;;
        *) echo 2000 ;;
    esac
}

# May a kind be answered before it is closed: the honest half of a replay, message 2.
may_answer() {
    [[ $1 == replayed-frame || $1 == flipped-first ]]
}

# kinds_for ROLE [LIST]: without slow-message, which takes minutes, unless $SLOW is set.
kinds_for() {
    "$peer" "${2:-kinds}" | awk -v role="$1" -v slow="${SLOW:-}" '$2 ~ role && ($1 != "slow-message" || slow) { print $1 }'
}

# verdict KIND OUTCOME_FILE: nothing if the other side closed as it should, else what is wrong.
verdict() {
    local outcome after messages
    outcome=$(tail -n 1 "$2")
    [[ $1 == truncated && $outcome == *'"type":"left"'* ]] && return
    if [[ $outcome != *'"type":"closed"'* ]]; then
        echo "$outcome"
        return
    fi
    [[ $outcome =~ \"after_ms\":([0-9]+) ]] && after=${BASH_REMATCH[1]}
    [[ $outcome =~ \"messages\":([0-9]+) ]] && messages=${BASH_REMATCH[1]}
    ((after <= $(patience "$1"))) || echo "closed only after $after ms"
    [[ $1 == wrong-path && $outcome != *"http 404"* ]] && echo "not 404: $outcome"
    [[ $3 == initiator && $messages != 0 ]] && ! may_answer "$1" && echo "answered"
}

after_ms() {
    [[ $(tail -n 1 "$1") =~ \"after_ms\":([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || echo -
}

# against_listener RESPONDER KIND: in the background; the outcome goes to a file.
against_listener() {
    # A name for each kind: a newer connection of the same name would have this one closed, whatever it does.
    "$peer" misbehave initiator "$2" --name "it-$2.nec" --seed "$tmp/it-$2.seed" --registry "$registry" \
        --to "$1-in.nec" --claim "$1-in.nec" --bound $(($(patience "$2") / 1000 + 5)) >"$tmp/wrong-listen-$1-$2" 2>&1
}

# against_sender INITIATOR VERB KIND: a responder of its own, a registry of its own, one hello.
against_sender() {
    local base=$tmp/$2-send-$1-$3 status from to responding options=()
    local -A addr=()
    [[ $2 == misbehave ]] && options=(--claim it-out.nec --bound 20)
    "$peer" "$2" responder "$3" --name it-in.nec --seed "$tmp/it-in.seed" --registry "$registry" --wait 20 \
        "${options[@]}" >"$base" 2>&1 &
    responding=$!
    addr[it-in]=$(wait_ready "$base")
    write_registry "$base.json"
    from=$(now_ms)
    if [[ $1 == us ]]; then
        "$bin/nectar-net-send" -n us-out.nec -p "json:$base.json" -W 5 -w 12 --no-retry -m hello it-in.nec
    else
        "$peer" send --name it-out.nec --seed "$tmp/it-out.seed" --registry "$base.json" --to it-in.nec \
            --body hello --expects 5
    fi >"$base.reply" 2>"$base.stderr" </dev/null
    status=$?
    to=$(now_ms)
    echo "$status $((to - from))" >"$base.status"
    wait $responding
}

row_of_listener() {
    local kind=$2 why
    why=$(verdict "$kind" "$tmp/wrong-listen-$1-$kind" initiator)
    row "it-$1" - "$kind" - "$(after_ms "$tmp/wrong-listen-$1-$kind")" "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
}

row_of_sender() {
    local base=$tmp/misbehave-send-$1-$2 kind=$2 why status ms
    read -r status ms <"$base.status"
    why=$(verdict "$kind" "$base" responder)
    case $1-$status in
        us-7 | us-28 | it-1) ;;
        *) why+=" exit $status" ;;
    esac
    ((ms <= 8000)) || why+=" took $ms ms"
    row "$1-it" - "$kind" - "$(after_ms "$base")" "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
}

# How many messages a listener has shown. (Of all the kinds only one may bring it one: the honest half of a replay.)
messages_of() {
    grep -c '"type":"message"' "${log[$1-in]}"
}

# begin_wrong PAIR, end_wrong PAIR: all kinds at once, of all pairs, since some take their time. Only `it` misbehaves.
wrong_pids=()
declare -A messages_before

begin_wrong() {
    local initiator=${1%-*} responder=${1#*-} kind
    if [[ $initiator == it ]]; then
        messages_before[$responder]=$(messages_of "$responder")
        for kind in $(kinds_for initiator); do
            against_listener "$responder" "$kind" &
            wrong_pids+=($!)
        done
    fi
    if [[ $responder == it ]]; then
        for kind in $(kinds_for responder); do
            against_sender "$initiator" misbehave "$kind" &
            wrong_pids+=($!)
        done
    fi
}

end_wrong() {
    local initiator=${1%-*} responder=${1#*-} kind count
    if [[ $initiator == it ]]; then
        for kind in $(kinds_for initiator); do row_of_listener "$responder" "$kind"; done
        count=$(($(messages_of "$responder") - messages_before[$responder]))
        row "it-$responder" - "messages let through" "$count" - "$([[ $count == 1 ]] && echo ok || echo FAILED)"
        printf 'still there' >"$tmp/body"
        cell "$1" bin "hello after all that" "$net" "$tmp/body"
    fi
    if [[ $responder == it ]]; then
        for kind in $(kinds_for responder); do row_of_sender "$initiator" "$kind"; done
    fi
}

# run_wrong: of all pairs, directly and with a router between.
run_wrong() {
    local pair
    for pair in "${pairs[@]}"; do
        begin_wrong "$pair"
        begin_far_wrong "$pair"
    done
    ((${#wrong_pids[@]})) && wait "${wrong_pids[@]}"
    for pair in "${pairs[@]}"; do
        end_wrong "$pair"
        end_far_wrong "$pair"
    done
}
