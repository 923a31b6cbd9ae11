# Prints C or JavaScript without comments and without what is inside string
# literals, line by line, so that line numbers stay.  keep=1 keeps strings.
# Template literals count as strings.  A regular expression with a quote is
# misread; at worst the rest of its line is hidden.
BEGIN { state = "code" }
{
    out = ""
    for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        two = substr($0, i, 2)
        if (state == "comment") {
            if (two == "*/") { state = "code"; i++ }
        } else if (state == "code") {
            if (two == "/*") { state = "comment"; i++; out = out " " }
            else if (two == "//") { out = out "//"; break }
            else {
                out = out c
                if (c == "\"" || c == "'" || c == "`") state = c
            }
        } else if (c == "\\") {
            if (keep) out = out two
            i++
        } else if (c == state) {
            out = out c
            state = "code"
        } else if (keep) out = out c
    }
    if (state == "\"" || state == "'") state = "code"
    print out
}
