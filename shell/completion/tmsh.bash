# bash completion for tmsh: the candidates come from tmsh -C, which asks the daemon.
# SPDX-License-Identifier: Apache-2.0

_tmsh()
{
	local rest=${COMP_LINE:0:COMP_POINT} piece last=-1 i from
	local -a words=()

	# bash parts words at = and : too; what has no blank before it belongs together
	rest=${rest#*"${COMP_WORDS[0]}"}
	for ((i = 1; i <= COMP_CWORD; i++)); do
		piece=${COMP_WORDS[i]}
		((i < COMP_CWORD)) || piece=${rest#"${rest%%[![:blank:]]*}"}
		if ((last < 0)) || [[ $rest == [[:blank:]]* || -z $rest ]]; then
			words[++last]=
			rest=${rest#"${rest%%[![:blank:]]*}"}
		fi
		words[last]+=$piece
		rest=${rest#"$piece"}
	done
	case ${words[last - 1]} in
	-s | -f)
		((last == 0)) || {
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "${words[last]}")
			return
		}
		;;
	esac
	words=("${words[@]//[\'\"]/}")
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" -C "${words[@]}" 2>/dev/null)

	# what of the word bash does not replace
	from=${words[last]}
	piece=${COMP_WORDS[COMP_CWORD]//[\'\"]/}
	case $piece in
	= | :) ;;
	*) from=${from%"$piece"} ;;
	esac
	COMPREPLY=("${COMPREPLY[@]#"$from"}")
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *[=/] ]] || compopt -o nospace
}

complete -F _tmsh tmsh
