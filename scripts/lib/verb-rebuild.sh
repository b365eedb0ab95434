# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-rebuild.sh - make the capture image, and load nothing

need lock arm

help_rebuild() {
	cat <<-'EOF'
		usage: kdump rebuild [--if-stale] [RELEASE]

		Makes the capture image for the kernel RELEASE (the one that would be loaded) and
		loads nothing. What is loaded stays as it is; kdump status tells that it is not
		what would be loaded now.

		  --if-stale  only if it is not there or no longer what would be made now

		exit: 0 made, or current; 6 the same, but without one of the targets; 1 not made;
		4 a target's server is not found now; 5 a fault in the configuration
	EOF
}

verb_rebuild() {
	rebuild=yes rebuild_release=
	for rebuild_option; do
		case $rebuild_option in
		--if-stale) rebuild= ;;
		-*)
			say "rebuild: no option $rebuild_option"
			usage
			;;
		*)
			[ -z "$rebuild_release" ] || {
				say "rebuild: one kernel's release: not $rebuild_option as well"
				usage
			}
			rebuild_release=$rebuild_option
			;;
		esac
	done
	[ -n "$dry_run" ] || lock_take rebuild
	arm_settings "$rebuild_release" || [ $? -eq 1 ] || return 5
	arm_resolve
	case $resolve_result in
	0 | 6) ;;
	*) return "$resolve_result" ;;
	esac
	arm_build || return 1
	[ -n "$dry_run" ] || rebuild_cmdline
	return "$resolve_result"
}

# rebuild_cmdline: for a load from an initramfs
rebuild_cmdline() {
	[ -n "$kernel" ] || return 0
	load_options
	keep_cmdline "$(planned_cmdline)"
}
