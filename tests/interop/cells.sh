# shellcheck shell=bash disable=SC2154
# The cells of the matrix in which both sides behave.

net=net:distro:sys
echo_process=echo:nectar-net:sys
largest=10485800
# What routed.sh changes: who sends (out, or ind, who is indirect), whether the target is indirect, and by which router.
sender=out to_indirect="" via=()

# send_from KIND FORM TARGET BODY_FILE REPLY_FILE [OPTION...]: KIND's own options. Returns its status.
send_from() {
    local kind=$1 form=$2 target=$3 body=$4 reply=$5
    shift 5
    if [[ $kind == it ]]; then
        "$peer" send --name "it-$sender.nec" --seed "$tmp/it-$sender.seed" --registry "$registry" --to "$target" \
            --form "$form" --body-file "$body" --expects 20 "${via[@]}" "$@" >"$reply" 2>"$tmp/stderr"
        return
    fi
    local compat=()
    [[ $form == array ]] && compat=(--compat)
    "$bin/nectar-net-send" -n "us-$sender.nec" -p "json:$registry" -W 20 -w 60 "${compat[@]}" "${via[@]}" \
        -f "$body" "$@" "$target" >"$reply" 2>"$tmp/stderr" </dev/null
}

# new_message NODE LINES: the first message line of its log after that many lines, digested.
new_message() {
    for _ in {1..100}; do
        if tail -n "+$(($2 + 1))" "${log[$1]}" | grep -q '"type":"message"'; then
            tail -n "+$(($2 + 1))" "${log[$1]}" | grep -m 1 '"type":"message"' >"$tmp/arrived"
            "$peer" digest <"$tmp/arrived"
            return
        fi
        sleep 0.05
    done
    return 1
}

digest_of() {
    echo "$(stat -c %s "$1") $(sha256sum "$1" | cut -d ' ' -f 1)"
}

# node_for RESPONDER PROCESS: which of its nodes answers there.
node_for() {
    case ${to_indirect:+i}$1-$([[ $2 == "$net" ]] && echo net) in
        us-) echo us-re ;;
        ius-) echo us-ij ;;
        i*) echo "$1-ii" ;;
        *) echo "$1-in" ;;
    esac
}

# wrong_reply INITIATOR RESPONDER PROCESS BODY_FILE: says what is wrong with the reply of us (it checks its own).
wrong_reply() {
    [[ $1 == it ]] && return
    local want=$tmp/want
    if [[ $3 == "$net" ]]; then
        printf ack >"$want"
    elif [[ $2 == us && ${us_answer[0]} == --reply ]]; then
        printf pong >"$want"
    else
        want=$4
    fi
    cmp -s "$want" "$tmp/reply" || echo "the reply is not as it should be ($(stat -c %s "$tmp/reply") bytes)"
}

# wrong_arrival INITIATOR NODE FORM BODY_FILE LINES [BLOB_FILE]: says what is wrong with the message as it came.
wrong_arrival() {
    local digest want blob="- - -"
    digest=$(new_message "$2" "$5") || {
        echo "nothing arrived"
        return
    }
    [[ -n ${6:-} ]] && blob="image/png $(digest_of "$6")"
    want="$(digest_of "$4") $blob"
    [[ $digest == *" $want" ]] || echo "arrived as $digest, not $want"
    [[ $digest == "$1-$sender.nec"* ]] || echo "came from ${digest%% *}"
    [[ $2 == it-i? ]] && { grep -q "\"form\":\"$3\"" "$tmp/arrived" || echo "not in the form $3"; }
}

# opened_by ROUTER: how many passthroughs it has had.
opened_by() {
    if [[ -n $1 ]]; then grep -c '"event":"open"' "${log[${1%.nec}]}"; else echo 0; fi
}

# cell PAIR FORM CASE PROCESS BODY_FILE [OPTION...]: sends, and checks the reply and what arrived.
cell() {
    local pair=$1 form=$2 case=$3 process=$4 body=$5 initiator=${1%-*} responder=${1#*-}
    shift 5
    local options=("$@") node lines opened status from to why="" blob=""
    node=$(node_for "$responder" "$process")
    if [[ $initiator == it && $responder == us && $process != "$net" && ${us_answer[0]} == --reply ]]; then
        options+=(--want text:pong)
    fi
    lines=$(wc -l <"${log[$node]}")
    opened=$(opened_by "${via[1]:-}")
    from=$(now_ms)
    send_from "$initiator" "$form" "$node.nec@$process" "$body" "$tmp/reply" "${options[@]}"
    status=$?
    to=$(now_ms)
    [[ $case == blob ]] && blob=$tmp/blob
    ((status == 0)) || why+="exit $status: $(head -c 300 "$tmp/stderr"; [[ $initiator == it ]] && tail -n 1 "$tmp/reply" | head -c 300) "
    if [[ $case == *"no reply asked" ]]; then
        [[ $initiator == us && -s $tmp/reply ]] && why+="a reply came "
    else
        why+=$(wrong_reply "$initiator" "$responder" "$process" "$body")
    fi
    why+=$(wrong_arrival "$initiator" "$node" "$form" "$body" "$lines" "$blob")
    [[ $(opened_by "${via[1]:-}") == $((opened + ${#via[@]} / 2)) ]] || why+="${via[1]} has not joined the two once "
    if [[ $case == *largest && $responder == it ]]; then
        grep -q "\"serialised\":$largest," "$tmp/arrived" || why+="not $largest bytes serialised "
    fi
    row "$pair" "$form" "$case" "$(stat -c %s "$body")" $((to - from)) "$([[ -z $why ]] && echo ok || echo FAILED)" "$why"
}

# overhead INITIATOR FORM PROCESS BYTES: what its serialised message has beside a body of about that size.
overhead() {
    local lines
    "$peer" body --body-kind ascii --body-bytes "$4" >"$tmp/probe"
    lines=$(wc -l <"${log[it-in]}")
    send_from "$1" "$2" "it-in.nec@$3" "$tmp/probe" "$tmp/reply"
    new_message it-in "$lines" >/dev/null
    [[ $(cat "$tmp/arrived") =~ \"serialised\":([0-9]+) ]] && echo $((BASH_REMATCH[1] - $4))
}

# too_large PAIR FORM BODY_FILE: must be refused here, at once, with nothing sent.
too_large() {
    local initiator=${1%-*} responder=${1#*-} lines status from to verdict=ok
    lines=$(wc -l <"${log[$responder-in]}")
    from=$(now_ms)
    send_from "$initiator" "$2" "$responder-in.nec@$net" "$3" "$tmp/reply"
    status=$?
    to=$(now_ms)
    if ((status == 0 || status == 7 || status == 28 || status > 128 || to - from > 3000)); then verdict=FAILED; fi
    [[ $(tail -n "+$((lines + 1))" "${log[$responder-in]}") == *'"message"'* ]] && verdict=FAILED
    row "$1" "$2" "one byte too large" "$(stat -c %s "$3")" $((to - from)) $verdict "exit $status"
}

sized() {
    "$peer" body --body-bytes "$1" --body-kind "${2:-random}" --body-seed "$1" >"$tmp/body"
}

run_sizes() {
    local pair=$1 form=$2 size
    for size in 0 1 127 128 65519 65520 65536 131034; do
        sized "$size"
        cell "$pair" "$form" request "$echo_process" "$tmp/body"
    done
    # Where the length and the message fill one chunk, and a byte less and more.
    size=$((65519 - 4 - $(overhead "${pair%-*}" "$form" "$echo_process" 60000)))
    for size in $((size - 1)) $size $((size + 1)); do
        sized "$size" ascii
        cell "$pair" "$form" "request, chunk filled" "$echo_process" "$tmp/body"
    done
    sized $((5 << 20))
    cell "$pair" "$form" request "$echo_process" "$tmp/body"
}

run_largest() {
    local pair=$1 form=$2 size
    size=$((largest - $(overhead "${pair%-*}" "$form" "$net" 70000)))
    sized "$size" ascii
    cell "$pair" "$form" "hello, largest" "$net" "$tmp/body"
    sized $((size + 1)) ascii
    too_large "$pair" "$form" "$tmp/body"
}

run_cells() {
    local pair=$1 form no_reply=--no-reply blob_file=(--blob "$tmp/blob")
    if [[ $pair == it-* ]]; then no_reply=--no-expects blob_file=(--blob-file "$tmp/blob"); fi
    "$peer" body --body-bytes 200000 --body-seed 5 >"$tmp/blob"
    for form in array bin; do
        printf 'hello' >"$tmp/body"
        cell "$pair" "$form" hello "$net" "$tmp/body"
        cell "$pair" "$form" "no reply asked" "$echo_process" "$tmp/body" "$no_reply"
        if [[ $pair == us-* ]] && ! our send --blob; then
            row "$pair" "$form" blob 5 - skipped "our send has no --blob"
        else
            cell "$pair" "$form" blob "$echo_process" "$tmp/body" "${blob_file[@]}" --mime image/png
        fi
        run_sizes "$pair" "$form"
        run_largest "$pair" "$form"
    done
}
