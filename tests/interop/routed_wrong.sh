# shellcheck shell=bash disable=SC2154
# The cells in which `it` misbehaves and a router has a part: as who asks one, at the far end of one, or as one itself.

# By whose router what goes wrong goes wrong.
wrong_router() {
    if [[ -n $with_us ]]; then echo us-r; else echo it-r; fi
}

# against_router KIND: asks our router for a way.
against_router() {
    "$peer" misbehave asker "$1" --name "it-$1.nec" --seed "$tmp/it-$1.seed" --registry "$registry" \
        --via "$(wrong_router).nec" --to it-ii.nec --claim it-out.nec --bound 8 >"$tmp/wrong-router-$1" 2>&1
}

# against_far_listener RESPONDER KIND: the initiator of wrong.sh, through a router.
against_far_listener() {
    "$peer" misbehave initiator "$2" --name "it-$2.nec" --seed "$tmp/it-$2.seed" --registry "$registry" \
        --via "$(wrong_router).nec" --to "$1-ii.nec" --claim "$1-in.nec" \
        --bound $(($(patience "$2") / 1000 + 5)) >"$tmp/wrong-far-listen-$1-$2" 2>&1
}

# against_far_sender INITIATOR KIND: the responder of wrong.sh, registered with a router.
against_far_sender() {
    local base=$tmp/far-send-$1-$2 status from responding
    "$peer" misbehave responder "$2" --name "it-$2.nec" --seed "$tmp/it-$2.seed" --registry "$registry" \
        --via "$(wrong_router).nec" --wait 20 --claim it-out.nec --bound 20 >"$base" 2>&1 &
    responding=$!
    for _ in {1..200}; do
        grep -q '"type":"ready"' "$base" 2>/dev/null && break
        sleep 0.05
    done
    from=$(now_ms)
    if [[ $1 == us ]]; then
        "$bin/nectar-net-send" -n us-out.nec -p "json:$registry" -W 5 -w 12 --no-retry --json -m hello \
            --via "$(wrong_router).nec" "it-$2.nec"
    else
        "$peer" send --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" --to "it-$2.nec" \
            --via "$(wrong_router).nec" --body hello --expects 5
    fi >"$base.reply" 2>&1 </dev/null
    status=$?
    echo "$status $(($(now_ms) - from))" >"$base.status"
    wait $responding
}

# far_kinds ROLE: what can be done from behind a router.
far_kinds() {
    kinds_for "$1" | grep -v -e -tcp -e wrong-path
}

row_of_router() {
    local why
    why=$(verdict "$1" "$tmp/wrong-router-$1" initiator)
    between=${2%-r}
    row "it-$between" - "$1" - "$(after_ms "$tmp/wrong-router-$1")" "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
    between=ws
}

row_of_far() {
    local role=$1 kind=$2 file=$3 side=$4 why status=0 ms=0
    why=$(verdict "$kind" "$file" "$side")
    if [[ $side == responder ]]; then
        read -r status ms <"$file.status"
        case $role-$status in
            us-it-7 | us-it-28 | it-it-1) ;;
            *) why+=" exit $status: $(head -c 300 "$file.reply")" ;;
        esac
        ((ms <= 8000)) || why+=" took $ms ms"
        [[ $role == it-it ]] || why+=$(wrong_stage "$kind" "$file.reply")
    fi
    between=$(wrong_router)
    between=${between%-r}
    row "$role" - "$kind" - "$(after_ms "$file")" "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
    between=ws
}

# wrong_stage KIND FILE: what our error says of the router's attempt: who is at its far end, or what it speaks.
wrong_stage() {
    local stage
    case $1 in
        bad-signature | other-name | unknown-name) stage=auth ;;
        silent-* | slow-* | *-proof | *-payload | version-2 | *-upgraded | large-frame) stage='noise|auth|router|frame' ;;
        *) stage= ;;
    esac
    [[ -z $stage ]] && return
    [[ $(cat "$2") =~ \"tried\":\[\{\"router\":\"us-r\.nec\",\"stage\":\"($stage)\" ]] || echo " says $(head -c 400 "$2")"
}

# asks_wrongly PAIR: is it with this pair that a router is asked wrongly?
asks_wrongly() {
    [[ $1 == it-us || ($1 == it-it && -z $with_us) ]]
}

# begin_far_wrong PAIR, end_far_wrong PAIR: see wrong.sh.
begin_far_wrong() {
    local initiator=${1%-*} responder=${1#*-} kind
    if asks_wrongly "$1"; then
        for kind in $(kinds_for asker); do
            against_router "$kind" &
            wrong_pids+=($!)
        done
    fi
    if [[ $1 == it-us ]]; then
        for kind in $(far_kinds initiator); do
            against_far_listener "$responder" "$kind" &
            wrong_pids+=($!)
        done
    fi
    if [[ $1 == us-it ]]; then
        for kind in $(far_kinds responder); do
            against_far_sender "$initiator" "$kind" &
            wrong_pids+=($!)
        done
    fi
}

end_far_wrong() {
    local initiator=${1%-*} responder=${1#*-} kind
    if asks_wrongly "$1"; then
        for kind in $(kinds_for asker); do row_of_router "$kind" "$(wrong_router)"; done
    fi
    if [[ $1 == it-us ]]; then
        for kind in $(far_kinds initiator); do
            row_of_far "$1" "$kind" "$tmp/wrong-far-listen-$responder-$kind" initiator
        done
    fi
    if [[ $1 == us-it ]]; then
        for kind in $(far_kinds responder); do
            row_of_far "$1" "$kind" "$tmp/far-send-$initiator-$kind" responder
        done
    fi
}
