# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-showmem.sh - how much memory is reserved

need settings kernel arm

help_showmem() {
	cat <<-'EOF'
		usage: kdump showmem

		Prints the size of the reservation in MB. crashreserve show tells more.

		exit: 0; 5 no memory is reserved
	EOF
}

verb_showmem() {
	[ $# -eq 0 ] || {
		say "$verb: takes no argument $1"
		usage
	}
	showmem_kib=$(reserved_kib)
	if [ "${showmem_kib:-0}" -eq 0 ]; then
		printf 'No memory is reserved for crash kernel\n'
		return 5
	fi
	printf 'Reserved %sMB memory for crash kernel\n' $((showmem_kib / 1024))
}
