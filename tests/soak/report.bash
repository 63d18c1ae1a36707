# What is made of the ledger: who was told what, who heard what, and whether the figures are flat.
# shellcheck shell=bash

# note_sample SECOND: memory (KiB) and descriptors of those that stay.
note_sample() {
    local name pid
    for name in "${STAYING[@]}"; do
        pid=${PID[$name]}
        echo "$name $1 $(awk '/^VmRSS:/ {print $2}' "/proc/$pid/status") $(descriptors_of "$pid")"
    done >>"$LEDGER/samples"
}

descriptors_of() { # PID
    find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l
}

# "ok ID" and "failed-STATUS ID" of all senders. A batch that was killed has said nothing of some.
told() {
    cat "$LEDGER"/*.told
    cat "$LEDGER"/*.batch | jq -rR 'fromjson? | select(.ref) |
        if .type == "reply" then "ok \(.ref)" else "failed-\(.exit) \(.ref)" end'
}

# "RECEIVER ID" for each message that was heard; the operator's hellos of pings are none.
heard() {
    local file
    for file in "$LEDGER"/*.heard; do
        jq -rR 'fromjson? | select(.type == "message" and (.body | test(":"))) |
            "\(.to | split("@")[0]) \(.body | split(" ")[0])"' "$file"
    done
}

# The median of a column of the samples of a node, from one part of the time to another.
median_of() { # NAME COLUMN FROM TO (each of 1000)
    awk -v name="$1" -v column="$2" -v from="$3" -v to="$4" '
        $1 == name { n++; value[n] = $column }
        END { for (i = int(n * from / 1000) + 1; i <= n * to / 1000; i++) print value[i] }' \
        "$LEDGER/samples" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

check() { # TEXT COMMAND...
    local text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok - $text"
    else
        failed=$((failed + 1))
        echo "not ok - $text"
    fi
}

is_none() { # FILE
    [ ! -s "$1" ] || { head -n 20 "$1" && false; }
}

# After a warm-up of a tenth: what the second half takes is at most a tenth and 1 MiB more than what
# the first quarter of the rest took.
check_memory() { # NAME
    local early late
    early=$(median_of "$1" 3 100 325) late=$(median_of "$1" 3 500 1000)
    check "memory of $1: $early KiB early, $late KiB late" \
        [ "$late" -le $((early + early / 10 + 1024)) ]
}

report_messages() {
    told | sort >"$LEDGER/all-told"
    heard | sort >"$LEDGER/all-heard"
    sed -n 's/^ok //p' "$LEDGER/all-told" | sort >"$LEDGER/delivered"
    awk '{ split($2, id, ":"); if (id[2] == $1) print $2 }' "$LEDGER/all-heard" | sort >"$LEDGER/arrived"
    sort -u "$LEDGER/arrived" | comm -23 "$LEDGER/delivered" - >"$LEDGER/lost"
    uniq -d "$LEDGER/arrived" >"$LEDGER/doubled"
    awk '{ split($2, id, ":"); if (id[2] != $1) print }' "$LEDGER/all-heard" >"$LEDGER/astray"
    echo "messages: $(wc -l <"$LEDGER/all-told") told of: $(cut -d ' ' -f 1 "$LEDGER/all-told" | sort |
        uniq -c | awk '{ printf "%s%s %s", sep, $2, $1; sep = ", " }')"
    echo "heard: $(wc -l <"$LEDGER/all-heard"); failed-12, 13 and others: see nectar-exit-codes(7)"
    check "messages were delivered" [ "$(wc -l <"$LEDGER/delivered")" -ge 50 ]
    check "lost, though told delivered: $(wc -l <"$LEDGER/lost")" is_none "$LEDGER/lost"
    check "doubled: $(wc -l <"$LEDGER/doubled")" is_none "$LEDGER/doubled"
    check "heard by another than it was for: $(wc -l <"$LEDGER/astray")" is_none "$LEDGER/astray"
}
