# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # some names are of case.sh and kdump.sh
#
# conf.sh - what the cases of kdump.conf share; to be sourced behind kdump.sh

scripts=$(cd "${0%/*}/../../scripts" && pwd)

# program: a script that reads a configuration; its output is in settled
program() {
	cat >reader <<-END
		self=conf lib=$scripts/lib quiet=\${QUIET:-}
		. "\$lib/say.sh"
		. "\$lib/collector.sh"
		. "\$lib/conf.sh"
		conf_read "\$1"
		status=\$?
		printf '%s\n' "\$conf_text"
		printf 'targets %s\n' "\$(conf_get target | grep -c '^[0-9]* kind ')"
		exit \$status
	END
}

# run STATUS COMMAND...: by the shell of this round, with our tools and its own programs
run() {
	wanted=$1
	shift
	case $shell in
	dash) expect "$wanted" env PATH="$bin:$PATH" KDUMP_ROOT="$PWD/root" dash "$@" ;;
	*) expect "$wanted" env PATH="$bin:$(applets)" KDUMP_ROOT="$PWD/root" "$(applets)/busybox" sh "$@" ;;
	esac
}

# reads STATUS: the configuration on standard input
reads() {
	cat >conf
	[ -e reader ] || program
	run "$1" reader conf
}

# has LINE...: in the settled configuration, and once
has() {
	for wanted_line; do
		[ "$(grep -c -x -F -e "$wanted_line" out)" -eq 1 ] ||
			why "not once \"$wanted_line\" in: $(cat out)"
	done
}

hasnt() {
	! grep -q -E -e "$1" out || why "\"$1\" in: $(cat out)"
}
