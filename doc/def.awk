# The tables of the program (.def files), for what is made of them or held against
# them: each macro call on a line, the macro and its arguments separated by tabs.  A
# string loses its quotes; comments go, and white space outside of strings.
#
#	awk -f def.awk FILE.def...
#
# SPDX-License-Identifier: Apache-2.0

{ text = text $0 "\n" }

END {
	while (match(text, /\/\*([^*]|\*+[^*\/])*\*+\//))
		text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\"")
			quoted = !quoted
		else if (quoted)
			call = call c
		else if (c == "(" && depth++ == 0)
			call = call "\t"
		else if (c == ")" && --depth == 0) {
			print call
			call = ""
		} else if (c == "," && depth == 1)
			call = call "\t"
		else if (c !~ /[ \t\n]/)
			call = call c
	}
}
