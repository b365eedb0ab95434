# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-get-default-crashkernel.sh - crashkernel= that would do for this machine

need arm advice

help_get_default_crashkernel() {
	cat <<-'EOF'
		usage: kdump get-default-crashkernel

		Prints what crashkernel= should be for this machine's kernel, image and targets.

		exit: 0; 1 it is not known
	EOF
}

verb_get_default_crashkernel() {
	# RHEL's command wants to know for what: there is one answer here
	case $#${1:-} in
	0 | 1kdump) ;;
	*)
		say "$verb: takes no argument $1: only kdump"
		usage
		;;
	esac
	arm_settings || [ $? -eq 1 ] || return 5
	default_words=$(advice_size) || {
		say 'crashreserve estimate has no answer'
		return 1
	}
	printf '%s\n' "${default_words#crashkernel=}"
}
