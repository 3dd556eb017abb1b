# Turns SQL files into C: every file of migrate/ becomes one string, in order;
# every section "-- name: NAME" of the files of stmt/ becomes one string under
# enum SQL_NAME.  Comments and indentation stay in the files.
#
#	awk -v want=h -f embed.awk FILE...	the enum
#	awk -v want=c -f embed.awk FILE...	the strings
#
# SPDX-License-Identifier: Apache-2.0

function quoted(line) {
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	return "\t\"" line "\\n\"\n"
}

FNR == 1 {
	section = ""
	if (FILENAME ~ /\/migrate\//) {
		if (FILENAME !~ sprintf("/%04d-[a-z-]+\\.sql$", ++migrations)) {
			print FILENAME ": migrations are numbered without a gap" > "/dev/stderr"
			failed = 1
			exit 1
		}
		section = "migration"
	}
}

/^-- name: / {
	section = $3
	if (section in known) {
		print FILENAME ": statement " section " stands twice" > "/dev/stderr"
		failed = 1
		exit 1
	}
	known[section] = 1
	names[++statements] = section
	next
}

# only whole-line comments go: a "--" inside a string stays
/^[ \t]*--/ || /^[ \t]*$/ { next }

{
	sub(/^[ \t]+/, "")
	if (section == "migration")
		migration[migrations] = migration[migrations] quoted($0)
	else if (section != "")
		text[section] = text[section] quoted($0)
	else {
		print FILENAME ": SQL before the first \"-- name:\"" > "/dev/stderr"
		failed = 1
		exit 1
	}
}

END {
	if (failed)
		exit 1
	print "/* Made by sql/embed.awk: change the files in sql/ instead. */"
	if (want == "h") {
		print "#ifndef THEMIS_DB_SQL_H\n#define THEMIS_DB_SQL_H\n\nenum sql {"
		for (i = 1; i <= statements; i++)
			print "\tSQL_" toupper(names[i]) ","
		print "\tSQL_COUNT\n};\n"
		print "#define SQL_MIGRATIONS " migrations + 0
		print "extern const char *const sql_text[SQL_COUNT];"
		print "extern const char *const sql_migration[SQL_MIGRATIONS];\n\n#endif"
	} else {
		print "#include \"db/sql.h\"\n\nconst char *const sql_text[SQL_COUNT] = {"
		for (i = 1; i <= statements; i++)
			print "\t[SQL_" toupper(names[i]) "] =\n" text[names[i]] "\t,"
		print "};\n\nconst char *const sql_migration[SQL_MIGRATIONS] = {"
		for (i = 1; i <= migrations; i++)
			print migration[i] "\t,"
		print "};"
	}
}
