# Prints C or JavaScript without comments and without what is inside string
# literals, line by line, so that line numbers stay.  keep=1 keeps strings;
# where=1 puts FILE:LINE: before each line.  Template literals count as strings.
# A regular expression with a quote is misread; at worst the rest of its line is
# hidden.
FNR == 1 { state = "code" }
{
    out = ""
    rest = $0
    while (rest != "") {
        if (state == "comment") {
            at = index(rest, "*/")
            if (at == 0) break
            rest = substr(rest, at + 2)
            state = "code"
            continue
        }
        at = match(rest, state == "code" ? "[\"'`]|/[*/]" : "[\\\\" state "]")
        if (state == "code" || keep) out = out (at ? substr(rest, 1, at - 1) : rest)
        if (at == 0) break
        c = substr(rest, at, 1)
        two = substr(rest, at, 2)
        rest = substr(rest, at + 1)
        if (state == "code") {
            if (two == "//") { out = out two; break }
            if (c != "/") { out = out c; state = c }
            else { out = out " "; state = "comment"; rest = substr(rest, 2) }
        } else if (c == "\\") {
            if (keep) out = out two
            rest = substr(rest, 2)
        } else {
            out = out c
            state = "code"
        }
    }
    if (state == "\"" || state == "'") state = "code"
    print (where ? FILENAME ":" FNR ":" : "") out
}
