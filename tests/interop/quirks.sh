# shellcheck shell=bash disable=SC2154
# The cells of the matrix in which `it` does what is unusual but allowed.

quirk_of_initiator() {
    local from to why=""
    from=$(now_ms)
    "$peer" quirk initiator "$2" --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
        --to "$1-in.nec" >"$tmp/quirk" 2>&1 || why=$(head -c 300 "$tmp/quirk")
    to=$(now_ms)
    row "it-$1" - "quirk $2" - $((to - from)) "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
}

quirk_of_responder() {
    local base=$tmp/quirk-send-$1-$2 why="" status ms
    against_sender "$1" quirk "$2"
    read -r status ms <"$base.status"
    ((status == 0)) || why="exit $status: $(head -c 300 "$base.stderr") "
    grep -q '"ok":true' "$base" || why+=$(tail -n 1 "$base" | head -c 300)
    row "$1-it" - "quirk $2" - "$ms" "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
}

# far_quirk_of_initiator, far_quirk_of_responder: the same with our router between.
far_quirk_of_initiator() {
    "$peer" quirk initiator "$1" --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
        --via us-r.nec --to us-ii.nec >"$tmp/quirk" 2>&1 || head -c 300 "$tmp/quirk"
}

far_quirk_of_responder() {
    local out=$tmp/quirk-far-$1 responding
    "$peer" quirk responder "$1" --name it-quirk.nec --seed "$tmp/it-quirk.seed" --registry "$registry" \
        --via us-r.nec --wait 20 >"$out" 2>&1 &
    responding=$!
    for _ in {1..200}; do
        grep -q '"type":"ready"' "$out" 2>/dev/null && break
        sleep 0.05
    done
    sends us-out it-quirk 0 8000
    wait $responding || head -c 300 "$out"
}

run_far_quirks() {
    local kind
    if [[ $1 == it-us ]]; then
        for kind in $(kinds_for initiator quirks); do
            at_once "$1" us "quirk $kind" far_quirk_of_initiator "$kind"
        done
    fi
    if [[ $1 == us-it ]]; then
        for kind in $(kinds_for responder quirks); do
            at_once "$1" us "quirk $kind" far_quirk_of_responder "$kind"
        done
    fi
}

run_quirks() {
    local initiator=${1%-*} responder=${1#*-} kind
    if [[ $initiator == it ]]; then
        for kind in $(kinds_for initiator quirks); do quirk_of_initiator "$responder" "$kind"; done
    fi
    if [[ $responder == it ]]; then
        for kind in $(kinds_for responder quirks); do quirk_of_responder "$initiator" "$kind"; done
    fi
}
