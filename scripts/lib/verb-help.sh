# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-help.sh - what the verbs do

help_help() {
	cat <<-'EOF'
		usage: kdump help [VERB]

		Says what VERB does, or names all verbs.
	EOF
}

# help_summary: a line for each verb, as its file's first comment has it
help_summary() {
	printf 'usage: kdump [-nqv] VERB [ARGUMENT...]\n\n'
	for help_file in "$lib"/verb-*.sh; do
		awk '
		/^# verb-/ {
			name = text = $2
			sub(/^verb-/, "", name)
			sub(/\.sh$/, "", name)
			text = $0
			sub(/^# verb-[a-z-]*\.sh - (kdump [a-z]*: )?/, "", text)
			next
		}
		text != "" && /^# ./ { text = text substr($0, 2); next }
		text != "" { sub(/; to be sourced.*/, "", text); printf "  %-24s%s\n", name, text; exit }
		' "$help_file"
	done
	cat <<-'EOF'
		  load                    the same as start
		  unload                  the same as stop

		  -n, --dry-run           say what would be done, and change nothing
		  -q, --quiet             nothing but errors
		  -v, --verbose           say what is being done
		  -h, --help              of a verb
		  -V, --version

		kdump help VERB and kdump(8) tell more.
	EOF
}

verb_help() {
	if [ $# -eq 0 ]; then
		help_summary
		return
	fi
	help_verb=$(verb_name "$1")
	case $help_verb in
	*[!a-z-]*) help_file= ;;
	*) help_file=$lib/verb-$help_verb.sh ;;
	esac
	if [ ! -r "$help_file" ]; then
		say "no verb $1"
		usage
	fi
	# shellcheck disable=SC1090  # any of lib/verb-*.sh
	. "$help_file"
	help_function=help_$(printf '%s' "$help_verb" | tr - _)
	if command -v "$help_function" >/dev/null; then
		$help_function
	else
		sed -n '/^# verb-/,/^[^#]/s/^# \{0,1\}//p' "$help_file"
	fi
}
