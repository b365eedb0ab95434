# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# json.sh - text as JSON; to be sourced

# json_string TEXT: in quotes; control characters become blanks
json_string() {
	printf '"%s"' "$(printf '%s' "$1" | tr '\000-\037\177' ' ' | sed 's/[\\"]/\\&/g')"
}

# json_list: lines of standard input as an array of strings
json_list() {
	tr '\000-\011\013-\037\177' ' ' | sed '/^$/d; s/[\\"]/\\&/g; s/.*/"&"/' |
		awk 'BEGIN { printf "[" } { printf "%s%s", (NR > 1 ? ", " : ""), $0 } END { printf "]" }'
}

# json_or_null TEXT
json_or_null() {
	if [ -n "$1" ]; then
		json_string "$1"
	else
		printf null
	fi
}
