# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-restart.sh - start anew, without a moment in which nothing is loaded

need lock arm
# shellcheck source-path=SCRIPTDIR source=verb-start.sh
. "$lib/verb-start.sh"

help_restart() {
	cat <<-'EOF'
		usage: kdump restart [--no-probe] [--rebuild]

		As start: the new kernel replaces the loaded one in one step, there is no moment
		without. With USE_KDUMP=0 it is a stop.

		exit: as of start
	EOF
}

verb_restart() {
	start_options "$@"
	[ -n "$dry_run" ] || lock_take restart
	if settings_read && ! start_wanted; then
		if armed; then disarm; else disarm_rest; fi
		return
	fi
	start_all
}
