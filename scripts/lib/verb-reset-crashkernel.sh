# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-reset-crashkernel.sh - the line that reserves memory on this machine

need arm advice

help_reset_crashkernel() {
	cat <<-'EOF'
		usage: kdump reset-crashkernel

		Prints the command that adds the right crashkernel= to this machine's boot loader.
		It is not run: these files are the distribution's and yours.

		exit: 0
	EOF
}

verb_reset_crashkernel() {
	[ $# -eq 0 ] || {
		say "$verb: takes no argument $1"
		usage
	}
	arm_settings || [ $? -eq 1 ] || return 5
	advice_reserve
}
