# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-estimate.sh - how much memory to reserve, for this kernel, image and target

need arm advice state

help_estimate() {
	cat <<-'EOF'
		usage: kdump estimate [OPTION...]

		What crashreserve estimate says of the kernel, the capture image and the targets
		of this machine. OPTIONs are crashreserve's: --measure boots them in QEMU, --json,
		--table=all and so on.

		exit: as of crashreserve estimate
	EOF
}

verb_estimate() {
	arm_settings || {
		estimate_status=$?
		[ $estimate_status -eq 1 ] || return "$estimate_status"
	}
	set -- --target="$(advice_target)" "$@"
	if [ -n "$kernel" ]; then
		set -- --kernel="$kernel" "$@"
		if [ -s "$image" ]; then
			set -- --initrd="$image" "$@"
		elif state_hidden >/dev/null; then
			say "$image: cannot be read: the estimate is without it: are you root?"
		else
			say "$image: not made yet: the estimate is without it (kdump rebuild makes it)"
		fi
	fi
	[ -z "$KDUMP_ROOT" ] || set -- --root="$KDUMP_ROOT" "$@"
	[ "$verbose" -lt 1 ] || set -- -v "$@"
	crashreserve estimate "$@"
}
