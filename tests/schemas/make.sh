# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# Databases of earlier schemas, as the daemons of that time wrote them (README.md).  To be
# sourced by whoever upgrades one.  It needs sqlite3 and no themisd.  From outside:
# THEMIS_SCHEMAS, the directory of this file.

# What is a moment: table, column, and how many of its units are a second.  With the
# strategy bucket, first is none but a fraction, and not above 0; 0 is none anywhere.
schema_moments="('audit', 'time', 1000000), ('bucket', 'first', 1000000),
	('bucket', 'last', 1000000), ('decision', 'free_at', 1000000),
	('decision', 'time', 1000000), ('object_flag', 'since', 1000000),
	('object_flag', 'until', 1000000), ('object_grant', 'since', 1000000),
	('object_grant', 'until', 1000000), ('pending', 'begun', 1000000),
	('pending', 'decided', 1000000), ('refusal', 'first', 1000000),
	('refusal', 'last', 1000000), ('refused_client', 'last', 1000000),
	('traffic', 'second', 1)"

# schema_make N DIRECTORY: themis.db of schema N there, as if its daemon had been stopped
# just now: every moment in it is moved by as long as it was since then.
schema_make() {
	schema_text=$THEMIS_SCHEMAS/$1.sql schema_file=$2/themis.db
	schema_made=$(sed -n 's/^-- made //p' "$schema_text") && [ -n "$schema_made" ] || return 1
	rm -f "$schema_file" "$schema_file-wal" "$schema_file-shm"
	(umask 077 && sqlite3 -bail "$schema_file" <"$schema_text") &&
		sqlite3 "$schema_file" "SELECT printf('UPDATE %s SET %s = %s + %d WHERE %s > 0;',
				at, what, what, units * (strftime('%s', 'now') - $schema_made), what)
			FROM (SELECT column1 AS at, column2 AS what, column3 AS units
				FROM (VALUES $schema_moments))
			JOIN pragma_table_info(at) ON name = what" >"$schema_file.moves" &&
		sqlite3 -bail "$schema_file" <"$schema_file.moves" || return 1
	rm -f "$schema_file.moves"
	# as it was left, and as .dump does not say
	[ "$(sqlite3 "$schema_file" 'PRAGMA journal_mode = WAL')" = wal ]
}

# schema_commands N: those of which N.want has the rows, a line each.
schema_commands() {
	sed -n 's/^\$ //p' "$THEMIS_SCHEMAS/$1.want"
}

# schema_spelled: the one domain beyond ASCII, as it is spelled today and was not in 1.
schema_spelled() {
	sed 's/@müller\.example/@xn--mller-kva.example/g'
}

# schema_rows N COMMAND: these rows.
schema_rows() {
	awk -v command="$2" '/^\$ / { on = substr($0, 3) == command; next } on' \
		"$THEMIS_SCHEMAS/$1.want" | schema_spelled
}

# schema_lost N COMMAND <ROWS: those of its rows that are not in what tmsh -j prints now.
# Columns that came since then are no matter, and a moment is like any other.
schema_lost() {
	schema_tmp=$(mktemp -d "${TMPDIR:-/tmp}/themis-schema.XXXXXX") || return 1
	schema_flat >"$schema_tmp/got"
	schema_rows "$1" "$2" | schema_flat >"$schema_tmp/want"
	sqlite3 -bail :memory: <<-END
		CREATE TABLE want (row);
		CREATE TABLE got (row);
		.import --ascii $schema_tmp/want want
		.import --ascii $schema_tmp/got got
		SELECT w.row FROM want w WHERE NOT EXISTS (SELECT 1 FROM got g WHERE NOT EXISTS (
			SELECT 1 FROM json_each(w.row) e
			WHERE json_extract(g.row, e.fullkey) IS NOT e.value));
	END
	rm -r "$schema_tmp"
}

schema_flat() {
	sed 's/"[0-9-]*T[0-9:.]*Z"/"a moment"/g' | tr '\n' '\036'
}

# schema_views FILE: the views for administrators that it has, with their columns, a line
# each: "NAME|COLUMN, COLUMN".  What is in them stays from version to version.
schema_views() {
	sqlite3 -readonly "$1" "SELECT v.name, (SELECT group_concat('\"' || name || '\"', ', ')
			FROM pragma_table_info(v.name))
		FROM sqlite_schema v WHERE type = 'view' AND v.name LIKE 'v\\_%' ESCAPE '\\' ORDER BY 1"
}

# schema_shown FILE <VIEWS: all that is in these views, spelled as today.
schema_shown() {
	while IFS='|' read -r schema_view schema_columns; do
		echo "$schema_view:"
		sqlite3 -readonly -bail -cmd '.timeout 5000' "$1" \
			"SELECT $schema_columns FROM $schema_view" </dev/null | schema_spelled | LC_ALL=C sort
	done
}
