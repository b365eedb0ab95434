# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-start.sh - make the capture image if need be, try the target, and load

need lock arm probe advice

help_start() {
	cat <<-'EOF'
		usage: kdump start [--no-probe] [--rebuild]
		       kdump load ...

		Reads /etc/kdump.conf, makes the capture image if it is not there or no longer
		what would be made now, tries whether the first target would take a dump, and
		loads kernel and image. What was loaded before stays loaded until that is done.

		  --no-probe  do not try the target
		  --rebuild   make the image in any case
		  -n          try everything, make and load nothing

		exit: 0 loaded; 4 loaded, but the target's server does not answer now, or not
		loaded, as its name is not found and there is no older image; 6 loaded, but with
		an older image, without one of the targets or without a setting of KDUMP_SYSCTL;
		1 not loaded; 5 a fault in the configuration, not loaded
	EOF
}

# start_options ARGUMENT...
start_options() {
	probe=yes rebuild=
	for start_option; do
		case $start_option in
		--no-probe) probe= ;;
		--rebuild | --force) rebuild=yes ;;
		*)
			say "$verb: no option $start_option"
			usage
			;;
		esac
	done
}

# start_wanted: does USE_KDUMP allow it? As in Debian, 0 means that nothing is loaded
start_wanted() {
	case $(settings_get USE_KDUMP 1) in
	0 | no | false)
		say "$settings_file: USE_KDUMP is $(settings_get USE_KDUMP): nothing is loaded"
		return 1
		;;
	esac
}

# start_not: nothing was asked for; what is loaded stays so
start_not() {
	if armed; then
		inform 'what was loaded before stays loaded: kdump stop unloads it'
	else
		disarm_rest
	fi
}

# start_room: is memory reserved? Otherwise what to do, and the end
start_room() {
	crashreserve show -q ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null
	[ $? -eq 5 ] || return 0
	say "$(crashreserve show ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null | head -n 1)"
	advice_reserve | while IFS= read -r start_line; do
		say "$start_line"
	done
	return 1
}

# start_probe: 0 or 4; ends the program when the first target refuses for good
start_probe() {
	[ -n "$probe" ] && [ -n "$resolved" ] || return 0
	probe_target 1
	start_status=$?
	case $start_status in
	0) ;;
	4) say 'loading all the same: it may answer when it is needed' ;;
	*) give_up 1 ;;
	esac
	return "$start_status"
}

# start_damaged: was it the image, which may have lain on a disk when the machine went down? Then
# it is made anew; 1 when that was not it, or cannot be
start_damaged() {
	[ -n "$resolved" ] && [ -z "$dry_run$rebuild" ] && [ "$(conf_get force_no_rebuild)" != 1 ] || return 1
	! arm_mkcapture -q -k "$kver" --check "$image" >/dev/null 2>&1 || return 1
	rebuild=yes
	say "$image: is damaged"
	arm_build
}

# start_all: from the configuration to the loaded kernel; the status to end with
start_all() {
	result=0
	settings_read || give_up 5
	start_wanted || {
		start_not
		return 0
	}
	start_room || { [ -n "$dry_run" ] || give_up 1; }
	arm_begin
	worse "$resolve_result"
	start_probe || worse $?
	arm_build
	case $? in
	0) ;;
	6) worse 6 ;;
	*) give_up 1 ;;
	esac
	arm_load
	start_loaded=$?
	if [ $start_loaded -eq 5 ] && start_damaged; then
		arm_load
		start_loaded=$?
	fi
	case $start_loaded in
	0 | 6) worse "$start_loaded" ;;
	*) give_up "$start_loaded" ;;
	esac
	[ -n "$dry_run" ] || inform "armed: $(start_where)"
	return "$result"
}

# start_where: the targets in words
start_where() {
	sed -n 's/^target [0-9]* shown //p' "$image_dir/capture.conf" 2>/dev/null |
		sed '2,$s/^/, then /' | tr -d '\n'
}

verb_start() {
	start_options "$@"
	[ -n "$dry_run" ] || lock_take start
	start_all
}
