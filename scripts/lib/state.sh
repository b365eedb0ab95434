# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# state.sh - would the next panic be captured? What status and show answer; to be sourced
# behind arm.sh
#
# crashreserve judges reservation and load; to that comes what it cannot know: who loaded
# it, whether image and configuration are those of now, where the dump goes.

need records advice raw

# sets:
#	state_code	0 armed and current, 1 not known, 3 not armed, 4 armed but not to be
#			trusted, 5 no reservation
#	state_why	reasons, a line each, the one that decides first
#	state_do	what to do about it, lines to type or read
#	state_notes	what else is worth a line
state_code=1 state_why='' state_do='' state_notes='' state_faults=''

# state_distrust REASON DO: armed, but
state_distrust() {
	[ -n "$1" ] || return 0
	case $state_code in
	0 | 4) state_code=4 ;;
	*) return 0 ;;
	esac
	state_why=${state_why:+$state_why
}$1
	case "
$state_do
" in
	*"
$2
"*) ;;
	*) state_do=${state_do:+$state_do
}$2 ;;
	esac
}

state_note() {
	[ -z "$1" ] || state_notes=${state_notes:+$state_notes
}$1
}

# state_reserve: what crashreserve says
state_reserve() {
	crashreserve show ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} >"$work/reserve" 2>"$work/reserve.err"
	state_code=$?
	state_answer=$(head -n 1 "$work/reserve")
	case $state_code in
	0) ;;
	3)
		state_why=${state_answer#not armed: }
		state_why=${state_why%: see kexec-load}
		state_do='kdump start'
		;;
	4)
		state_why=${state_answer#armed, but not to be trusted: }
		case $state_answer in
		*'the reservation of '*) state_do=$(advice_reserve) ;;
		*) state_do='kdump restart' ;;
		esac
		;;
	5)
		state_why=${state_answer#no reservation: }
		state_do=$(advice_reserve)
		;;
	*)
		state_code=1
		state_why=${state_answer:-$(head -n 1 "$work/reserve.err")}
		state_why=${state_why:-crashreserve: not found}
		;;
	esac
	state_notes=$(sed -n 's/^warning: *//p; s/^note: *//p' "$work/reserve" |
		grep -v -e 'come and go' -e 'processors or memory')
}

# loaded_value NAME: of what kdump has loaded
loaded_value() {
	sed -n "s/^$1 //p" "$KDUMP_ROOT/run/crashpipe/loaded" 2>/dev/null | head -n 1
}

# state_loaded: is what is loaded our image?
state_loaded() {
	case $(kexec-load --status --json ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null) in
	*'"another program"'*)
		state_distrust 'another program has loaded it: where its dump would go is not known here' \
			'kdump restart'
		return
		;;
	esac
	state_initrd=$(load_record initrd)
	[ -n "$state_initrd" ] || return 0
	[ "$state_initrd" = "$image" ] || [ "$KDUMP_ROOT$state_initrd" = "$image" ] ||
		state_distrust "$state_initrd is loaded, not $image" 'kdump restart'
}

# state_fault [WORDS]: what was told into $work/faults is wrong with the configuration; WORDS
# where kdump start loads all the same
state_fault() {
	state_faults=$(sed 's/^[a-z]*: //' "$work/faults")
	state_first=$(printf '%s\n' "$state_faults" | head -n 1)
	case $state_code in
	0 | 4) state_distrust "$state_first" 'mend that; then kdump restart' ;;
	*) state_note "${1:-kdump start would not do}: $state_first" ;;
	esac
}

# state_before_start WHAT: what to do, where kdump start alone would load nothing
state_before_start() {
	[ "$state_do" != 'kdump start' ] || state_do="$1; then kdump start"
}

# state_settled: is the configuration in order, and what does it come to?
state_settled() {
	[ "$state_settings" -eq 0 ] || {
		state_fault
		state_before_start 'mend what the note says'
		return 1
	}
	case $(settings_get USE_KDUMP 1) in
	0 | no | false)
		state_note "$settings_file: USE_KDUMP is 0: kdump start loads nothing"
		state_before_start "write USE_KDUMP=1 into $settings_file"
		;;
	esac
	arm_resolve 2>"$work/faults"
	case $resolve_result in
	0) return 0 ;;
	6)
		state_fault 'kdump start would do, but not with all targets'
		return 0
		;;
	# a server's name cannot be looked up now; what is loaded has the address
	4)
		resolved=
		state_note "$(sed 's/^[a-z]*: //; q' "$work/faults")"
		return 0
		;;
	*)
		state_fault
		state_before_start 'mend what the note says'
		;;
	esac
	resolved=
	return 1
}

# state_raw: where nothing but such a device is left, the next dump would be refused
state_raw() {
	[ -n "$resolved" ] || return 0
	state_held=$(raw_holding "$resolved" | head -n 1)
	[ -n "$state_held" ] || return 0
	state_full="$state_held: holds a dump that was not fetched yet, and takes no other one until then"
	if grep -q '^target [0-9]* kind [^r]' "$resolved/capture.conf"; then
		state_note "$state_full (kdump report)"
	else
		state_distrust "$state_full" \
			"kdump report; if it cannot fetch it: dd if=/dev/zero of=$state_held bs=1M count=1"
	fi
}

# state_current: would what is loaded be loaded now?
state_current() {
	state_settled || return 0
	case $state_code in
	0 | 4) ;;
	*) return 0 ;;
	esac
	state_loaded
	state_raw
	state_note "$(foreign_target)"
	if ! why=$(arm_stale); then
		:
	elif [ "$(conf_get force_no_rebuild)" = 1 ]; then
		state_note "the image is not current, and stays: $(printf '%s' "$why" | head -n 1) (force_no_rebuild 1)"
	else
		state_distrust "the image is not current: $(printf '%s' "$why" | head -n 1)" \
			'kdump restart'
	fi
	state_then=$(loaded_value settings)
	case $state_then in
	'' | "$(settings_state)") ;;
	none) state_distrust "$settings_file is new since the load" 'kdump reload' ;;
	*) state_distrust "${state_then#* * } has changed since the load" 'kdump reload' ;;
	esac
	case $(loaded_value rules) in
	'' | "$(rules_state)") ;;
	*) state_distrust "$cmdline_file has changed since the load" 'kdump reload' ;;
	esac
	state_sysctl=$(sysctl_missing | tr '\n' ' ')
	[ -z "$state_sysctl" ] || state_note "not in force now: ${state_sysctl% } (KDUMP_SYSCTL)"
}

# state_hidden: the first of the folders that only root can read, for another user
state_hidden() {
	for state_kept in "$KDUMP_ROOT/var/lib/crashpipe" "$KDUMP_ROOT/run/crashpipe"; do
		if [ -d "$state_kept" ] && ! { [ -r "$state_kept" ] && [ -x "$state_kept" ]; }; then
			printf '%s\n' "$state_kept"
			return
		fi
	done
	return 1
}

# state_find: all of it
state_find() {
	arm_tools
	work_folder
	# the advice wants to know kernel and target
	arm_settings 2>"$work/faults"
	state_settings=$?
	state_reserve
	case $state_code in
	0 | 4) ! state_kept=$(state_hidden) || {
		state_code=1
		state_why="$state_kept: cannot be read: are you root?"
		state_do=
		return
	} ;;
	esac
	state_current
}

# state_targets: where the dump goes, a line each: of what is loaded, else of what would be
state_targets() {
	state_from=$KDUMP_ROOT/run/crashpipe/loaded
	case $state_code in
	0 | 4) [ -s "$state_from" ] || state_from=$image_dir/capture.conf ;;
	*) state_from=${resolved:-$image_dir}/capture.conf ;;
	esac
	sed -n 's/^target [0-9]* shown //p; s/^shown //p' "$state_from" 2>/dev/null
}

# state_last: one line on the last crash
state_last() {
	state_name=$(records_list | tail -n 1)
	[ -n "$state_name" ] || {
		! state_hidden >/dev/null || {
			printf 'not known: are you root?\n'
			return
		}
		printf 'none is recorded\n'
		return
	}
	state_file=$records_dir/$state_name
	state_kind=$(record_get panic "$state_file")
	state_place=$(record_get place "$state_file")
	printf '%s: %s; log %s, dump %s%s\n' "$(record_get crash_time "$state_file")" \
		"${state_kind:-of unknown cause}" "$(record_get log "$state_file")" \
		"$(record_get dump "$state_file")" "${state_place:+: $state_place}"
}

# state_test: whether a crash was tried with this configuration
state_test() {
	state_tested=$KDUMP_ROOT/var/lib/crashpipe/test
	state_time=$(record_number time "$state_tested")
	state_result=$(record_get result "$state_tested")
	if [ -z "$state_time" ] && state_hidden >/dev/null; then
		printf 'not known: are you root?\n'
		return
	elif [ -z "$state_time" ]; then
		printf 'never done: kdump test --crash does one\n'
		return
	fi
	state_when=$(date -u -d "@${state_time%%.*}" +%Y-%m-%d 2>/dev/null)
	state_now=$(sha256sum <"$image_dir/capture.conf" 2>/dev/null | cut -c 1-64)
	if [ "$(record_get config "$state_tested")" != "$state_now" ]; then
		printf 'done on %s, but target, network or actions are others since\n' "$state_when"
		return
	fi
	printf 'done on %s: %s\n' "$state_when" "${state_result:-the result is not known yet}"
}
