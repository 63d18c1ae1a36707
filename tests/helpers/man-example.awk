# What a manual page marks as runnable. A line `.\" run` (or `.\" compile`) stands before the .Bd of
# an example. With -v kind=run -v want=N: the commands of the Nth, one a line; without want: how
# many there are. In a run block commands stand behind "$ ", their continuations behind "> "; what
# else is there shows output. A compile block is taken as it stands.
function plain(text) {
    gsub(/\\&/, "", text)
    gsub(/\\\(dq/, "\"", text)
    gsub(/\\-/, "-", text)
    gsub(/\\e/, "\\", text)
    return text
}
$1 == ".\\\"" && $2 == kind { armed = 1; next }
armed && /^\.Bd/ { count++; inside = 1; armed = 0; next }
/^\.Ed/ { inside = 0; next }
inside && count == want {
    if (kind == "compile")
        print plain($0)
    else if (sub(/^[$>] /, ""))
        print plain($0)
}
END { if (!want) print count + 0 }
