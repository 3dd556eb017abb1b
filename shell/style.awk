# Turns a style sheet into a C string, without comments and indentation.
#
#	awk -f style.awk page.css
#
# SPDX-License-Identifier: Apache-2.0

BEGIN {
	print "/* Made by shell/style.awk: change page.css instead. */"
	print "extern const char html_style[];\n\nconst char html_style[] ="
}

/^[ \t]*\/\*/ { inside = 1 }

!inside && /[&<]/ {
	print FILENAME ":" FNR ": & and < are none in XML" > "/dev/stderr"
	failed = 1
	exit 1
}

!inside && !/^[ \t]*$/ {
	sub(/^[ \t]+/, "")
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	print "\t\"" $0 "\\n\""
}

/\*\/$/ { inside = 0 }

END {
	if (failed)
		exit 1
	print "\t;"
}
