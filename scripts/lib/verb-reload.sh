# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-reload.sh - load the same image again, as processors or memory have changed

need lock arm probe
# shellcheck source-path=SCRIPTDIR source=verb-start.sh
. "$lib/verb-start.sh"

help_reload() {
	cat <<-'EOF'
		usage: kdump reload [--if-loaded] [--no-probe]

		Loads kernel and image again, without making the image anew. For kernels that do
		not follow processors and memory that come and go, and after a change of
		/etc/default/kdump. With USE_KDUMP=0 only what is loaded is loaded again.

		  --if-loaded  only if something is loaded now
		  --no-probe   do not try the target

		exit: as of start
	EOF
}

# reload_current: words when the image is not what would be made now
reload_current() {
	[ -n "$resolved" ] && why=$(arm_stale) || return 0
	say "$image: not current: $(printf '%s' "$why" | head -n 1): kdump restart makes it anew"
}

verb_reload() {
	probe=yes reload_if=
	for reload_option; do
		case $reload_option in
		--if-loaded) reload_if=yes ;;
		--no-probe) probe= ;;
		*)
			say "reload: no option $reload_option"
			usage
			;;
		esac
	done
	[ -n "$dry_run" ] || lock_take reload
	if [ -n "$reload_if" ] && ! armed; then
		detail 'nothing is loaded: nothing to reload'
		return 0
	fi
	result=0
	# what is loaded shall stay right as long as it is
	if ! armed && settings_read && ! start_wanted; then
		start_not
		return 0
	fi
	arm_begin
	worse "$resolve_result"
	start_probe || worse $?
	reload_current
	arm_load
	reload_status=$?
	case $reload_status in
	0 | 6) worse "$reload_status" ;;
	*) give_up "$reload_status" ;;
	esac
	[ -n "$dry_run" ] || inform 'loaded again'
	return "$result"
}
