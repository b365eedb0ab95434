# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-status.sh - will the next panic be captured, and where will the dump go?

need arm state json

help_status() {
	cat <<-'EOF'
		usage: kdump status [--json]

		Says in the first line whether the next panic will be captured ("Kdump is
		operational"), and below it why not, what to do, where the dump goes, what the
		last crash was, and whether a real crash was tried with this configuration.

		exit: 0 armed and current; 3 not armed; 4 armed, but not to be trusted (the image
		or the configuration has changed, another program has loaded it, the reservation
		may be too small); 5 no memory is reserved; 1 it cannot be known; 2 usage
	EOF
}

# state_line: the answer
state_line() {
	case $state_code in
	0) printf 'Kdump is operational\n' ;;
	4) printf 'Kdump is not to be trusted: %s\n' "$(printf '%s' "$state_why" | head -n 1)" ;;
	3 | 5) printf 'Kdump is not operational: %s\n' "$(printf '%s' "$state_why" | head -n 1)" ;;
	*) printf 'It cannot be known whether kdump is operational: %s\n' "$state_why" ;;
	esac
}

# rows LABEL: lines of standard input, the first one behind LABEL
rows() {
	awk -v label="$1" '{ printf "%-14s%s\n", (NR == 1 ? label : ""), $0 }'
}

# words TEXT: its lines, none if it is empty
words() {
	[ -z "$1" ] || printf '%s\n' "$1"
}

# loaded_line: from what, and when
loaded_line() {
	printf '%s with %s' "$(load_record kernel)" "$(load_record initrd)"
	loaded_time=$(load_record time)
	[ -z "$loaded_time" ] ||
		printf ', loaded %s UTC' "$(date -u -d "@$loaded_time" '+%Y-%m-%d %H:%M:%S')"
	printf '\n'
}

status_text() {
	state_line
	words "$state_why" | sed 1d | rows 'also:'
	words "$state_do" | rows 'what to do:'
	case $state_code in
	0 | 4) [ -z "$(load_record kernel)" ] || loaded_line | rows 'capture by:' ;;
	esac
	state_targets | awk '{ print NR ". " $0 }' | rows "$(
		case $state_code in
		0 | 4) printf 'dump goes to:' ;;
		*) printf 'would go to:' ;;
		esac
	)"
	words "$state_notes" | rows 'note:'
	state_last | rows 'last crash:'
	state_test | rows 'real test:'
}

status_name() {
	case $state_code in
	0) printf armed ;;
	3) printf 'not armed' ;;
	4) printf 'not trustworthy' ;;
	5) printf 'no reservation' ;;
	*) printf unknown ;;
	esac
}

status_json() {
	status_true=false
	[ "$state_code" -ne 0 ] || status_true=true
	printf '{"state": "%s", "status": %s, "operational": %s' "$(status_name)" "$state_code" \
		$status_true
	printf ', "why": %s, "do": %s, "notes": %s' "$(words "$state_why" | json_list)" \
		"$(words "$state_do" | json_list)" "$(words "$state_notes" | json_list)"
	printf ', "release": %s, "targets": %s' "$(json_or_null "$kver")" "$(state_targets | json_list)"
	status_loaded
	status_last=$(records_list | tail -n 1)
	printf ', "last_crash": %s' "$(
		if [ -n "$status_last" ]; then
			record_json "$records_dir/$status_last"
		else
			printf null
		fi
	)"
	printf ', "test": %s' "$(json_string "$(state_test)")"
	status_reserve=$(crashreserve show --json ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null)
	printf ', "reservation": %s}\n' "${status_reserve:-null}"
}

# status_loaded: kernel, image, command line, time
status_loaded() {
	case $state_code in
	0 | 4)
		printf ', "loaded": {"kernel": %s, "image": %s, "command_line": %s, "time": %s}' \
			"$(json_or_null "$(load_record kernel)")" "$(json_or_null "$(load_record initrd)")" \
			"$(json_or_null "$(load_record command-line)")" \
			"$(load_record time | grep -x '[0-9]*' || printf null)"
		;;
	*) printf ', "loaded": null' ;;
	esac
}

verb_status() {
	status_as=text
	for status_option; do
		case $status_option in
		--json) status_as=json ;;
		*)
			say "status: no argument $status_option"
			usage
			;;
		esac
	done
	state_find
	[ -n "$quiet" ] || "status_$status_as" || return 1
	return "$state_code"
}
