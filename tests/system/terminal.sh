# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# A pseudo-terminal with tmux, for tests of what is typed and shown.  Sourced behind
# lib.sh, in a site; the test says `need tmux`.

# terminal TMUX-COMMAND...: the server of this terminal alone; one that was told to end
# may still have its socket.
terminal_number=0
terminal() {
	tmux -S "$SITE/tmux$terminal_number" "$@"
}

# terminal_begin COLUMNS ROWS COMMAND: runs it in there; when it has ended, its status is
# on the screen ("status N") and the terminal stays.  Ctrl-C is for the command alone.
terminal_begin() {
	mkdir -p "$SITE/home"
	terminal_number=$((terminal_number + 1))
	LC_ALL=C.UTF-8 terminal -f /dev/null new-session -d -x "$1" -y "$2" \
		"trap : INT; export HOME=$SITE/home LC_ALL=C.UTF-8 THEMIS_CONTROL=$SITE/control
		unset XDG_STATE_HOME; cd $SITE; $3; echo status \$?; exec cat"
}

terminal_end() {
	terminal kill-server
}

# one that a script leaves when it ends early
terminal_at_exit() {
	! [ -e "$SITE/tmux$terminal_number" ] || terminal_end 2>/dev/null
	tap_at_exit "$1"
}
SITE_AT_EXIT=terminal_at_exit

# tmsh_begin [COLUMNS ROWS]: a prompt.
tmsh_begin() {
	terminal_begin "${1:-100}" "${2:-40}" "$THEMIS_BUILD/tmsh"
	wait_for 20 shows '^themis> *$'
}

# terminal_resize COLUMNS ROWS: and waits, since tmux tells the program a moment later.
terminal_resize() {
	terminal resize-window -x "$1" -y "$2" && wait_for 20 terminal_has "$2 $1"
}

terminal_has() {
	[ "$(stty -F "$(terminal display-message -p '#{pane_tty}')" size)" = "$1" ]
}

# screen [-e] [-S -]: what is there; with its colours; with what was scrolled up.
screen() {
	terminal capture-pane -p "$@"
}

# shows REGEX: does a line of the screen match?
shows() {
	screen | grep -Eq -e "$1"
}

# showed REGEX: or one that was scrolled up?
showed() {
	screen -S - | grep -Eq -e "$1"
}

# last_line: the lowest one that is not empty.
last_line() {
	screen | grep -v '^ *$' | tail -n 1
}

# prompts: is it drawn to its end, with an empty line to type into?
prompts() {
	[ "$(last_line)" = 'themis>' ]
}

# chances COMMAND...: several of them, for what asks the daemon on Tab.  The shell gives it
# 0.3 s, which a busy machine may take for something else.
chances() {
	for terminal_chance in 1 2 3 4 5 6 7 8; do
		! "$@" || return 0
	done
	screen | head -n 20
	diag "in vain, $terminal_chance times: $*"
	return 1
}

# runs: has the line been taken, and is its command at work?  Then the terminal is as it
# was before the prompt, and Ctrl-C is a signal to the command.
runs() {
	[ "$(terminal display-message -p '#{cursor_x}')" -eq 0 ] &&
		stty -F "$(terminal display-message -p '#{pane_tty}')" -a | grep -Eq '(^| )icanon'
}

# keys TEXT: as from a keyboard.  types TEXT: with Enter.  presses KEY: by its name in
# tmux (C-c, Tab, Enter).
keys() {
	terminal send-keys -l -- "$1"
}

types() {
	keys "$1"
	presses Enter
}

presses() {
	terminal send-keys "$1"
}

# clears: an empty line at the top of the screen.
clears() {
	presses C-a
	presses C-k
	presses C-l
	wait_for 20 only_prompt
}

only_prompt() {
	[ "$(screen | grep -c .)" -eq 1 ]
}
