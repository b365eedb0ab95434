# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-stop.sh - unload the capture kernel, and put back the settings of before

need lock arm

help_stop() {
	cat <<-'EOF'
		usage: kdump stop
		       kdump unload

		Unloads the capture kernel and puts back what KDUMP_SYSCTL has changed. A panic is
		not captured from then on. The image stays where it is.

		exit: 0 nothing is loaded now; 1 it could not be unloaded; 4 another program is
		loading
	EOF
}

verb_stop() {
	[ $# -eq 0 ] || {
		say "$verb: takes no argument $1"
		usage
	}
	arm_tools
	[ -n "$dry_run" ] || lock_take stop
	if ! armed; then
		inform 'nothing is loaded'
		disarm_rest
		return
	fi
	disarm || return
	[ -n "$dry_run" ] || inform 'unloaded: a panic is not captured from now on'
}
