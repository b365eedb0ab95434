# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# verb-test.sh - kdump test: all that can be tried without a crash; and the crash

need lock arm state probe raw options archive programs tree rehearse records json test-crash

help_test() {
	cat <<-'EOT'
		usage: kdump test [--no-probe] [--no-qemu] [--json]
		       kdump test --crash [--yes-crash-now] [--force]

		Tries what the next crash will need, a line for each thing: "ok", "not ok" with
		why and what to do, or "not here" for what cannot be tried on this machine. What
		is loaded stays loaded.

		  --no-probe       do not try the targets
		  --no-qemu        make no crash in a virtual machine (QEMU, about a minute)
		  --json           one line of JSON instead
		  --crash          crash this machine, really and now; the next boot's
		                   "kdump report" says whether the dump has arrived
		  --yes-crash-now  without being asked for the machine's name
		  --force          although something is not ok

		exit: 0 nothing is wrong; 1 something is; 4 only a server does not answer now;
		2 usage
	EOT
}

test_options() {
	test_probe=yes test_qemu=yes test_json='' test_crash='' test_yes='' test_force=''
	for test_word; do
		case $test_word in
		--probe) test_probe=yes ;;
		--no-probe) test_probe= ;;
		--qemu) test_qemu=yes ;;
		--no-qemu) test_qemu= ;;
		--json) test_json=yes ;;
		--crash) test_crash=yes ;;
		--yes-crash-now) test_yes=yes ;;
		--force) test_force=yes ;;
		*)
			say "test: no option $test_word"
			usage
			;;
		esac
	done
}

# test_line RESULT NAME TEXT: one thing that was tried; kept for JSON
test_line() {
	test_text=$(printf '%s' "$3" | tr '\000-\037\177' ' ')
	printf '%s\t%s\t%s\n' "$1" "$2" "$test_text" >>"$work/tested"
	[ "$quiet$1" = yesok ] || [ "$quiet$1" = 'yesnot here' ] || [ -n "$test_json" ] || printf '%-9s%s: %s\n' "$1" "$2" "$test_text"
}

test_ok() {
	test_line ok "$1" "$2"
}

# test_bad NAME WHY WHAT-TO-DO
test_bad() {
	test_result=1
	test_line 'not ok' "$1" "$2${3:+: $3}"
}

test_not_here() {
	test_line 'not here' "$1" "$2"
}

# test_said: the first thing that a program has complained about
test_said() {
	sed 's/^\(kdump\|mkcapture\|kexec-load\|crashreserve\|dumpsend\): //' "$1" | head -n 1
}

# test_conf: 1 when nothing else can be tried without
test_conf() {
	if ! arm_settings 2>"$work/why"; then
		test_bad configuration "$(test_said "$work/why")" 'mend that'
		return 1
	fi
	test_ok configuration "$([ -e "$KDUMP_ROOT/etc/kdump.conf" ] && printf '/etc/kdump.conf' ||
		printf 'no /etc/kdump.conf: defaults'), kernel $kver"
	arm_resolve 2>"$work/why"
	case $resolve_result in
	0) test_ok targets "$(sed -n 's/^target [0-9]* shown //p' "$resolved/capture.conf" |
		sed '2,$s/^/, then /' | tr -d '\n')" ;;
	6) test_bad targets "$(test_said "$work/why")" 'without that one it works' ;;
	*)
		test_bad targets "$(test_said "$work/why")" 'mend /etc/kdump.conf, or the network'
		resolved=
		;;
	esac
}

# test_kernel WHICH RELEASE NEED...: its options
test_kernel() {
	test_name="options of the $1 kernel"
	test_release=$2
	shift 2
	if ! test_from=$(options_file "$test_release"); then
		test_not_here "$test_name" "the configuration of $test_release is not on this system (/boot/config-$test_release)"
		return
	fi
	options_read "$test_from" >"$work/options.list"
	test_missing=$(options_missing "$work/options.list" "$@" | tr '\n' ' ')
	if [ -z "$test_missing" ]; then
		test_ok "$test_name" "$(printf '%s ' "$@" | sed 's/|[A-Z_|]*//g; s/ $//') ($test_from)"
	else
		test_bad "$test_name" "not in $test_from: ${test_missing% }" \
			'another kernel, by KDUMP_KERNELVER, or built anew'
	fi
}

test_kernels() {
	# shellcheck disable=SC2046 # words
	test_kernel running "$(running_release)" $(options_first)
	# shellcheck disable=SC2046 # words
	test_kernel capture "$kver" $(options_capture "$image")
}

# test_image: is it there, current, and whole? 1 when there is none
test_image() {
	if [ ! -s "$image" ] && test_kept=$(state_hidden); then
		test_bad image "$test_kept: cannot be read" 'are you root?'
		return 1
	elif [ ! -s "$image" ]; then
		test_bad image "${image#"$KDUMP_ROOT"} is not there" 'kdump start makes it'
		return 1
	fi
	if [ -n "$resolved" ] && why=$(arm_stale); then
		test_bad image "not current: $(printf '%s' "$why" | head -n 1)" 'kdump restart'
	else
		test_ok image "${image#"$KDUMP_ROOT"} is current"
	fi
	test_program=$here/mkcapture
	[ -x "$test_program" ] || test_program=mkcapture
	if "$test_program" -q -k "$kver" --check "$image" >"$work/out" 2>"$work/why" 9>&-; then
		test_ok 'image contents' 'libraries, modules, interpreters and keys are all there'
	else
		test_bad 'image contents' "$(test_said "$work/why")" 'kdump rebuild'
	fi
}

# test_reserved: sets test_kib to what is reserved, or would have to be
test_reserved() {
	test_kib=$(reserved_kib)
	case $(sed -n 's/^target [0-9]* kind //p' "$image_dir/capture.conf" 2>/dev/null | sort -u) in
	*ssh*) test_target=ssh ;;
	*nfs*) test_target=nfs ;;
	*) test_target=local ;;
	esac
	crashreserve estimate --json "--kernel=$kernel" "--initrd=$image" --target=$test_target \
		${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} >"$work/out" 2>"$work/why"
	test_need=$(sed -n 's/.*"least": [0-9]*, "bytes": \([0-9]*\),.*/\1/p' "$work/out")
	test_boot=$(sed -n 's/.*"boot": \([0-9]*\), "capture": [0-9]*, "least".*/\1/p' "$work/out")
	if [ -z "$test_need" ]; then
		test_bad reservation "no estimate: $(test_said "$work/why")" ''
	elif [ "${test_kib:-0}" -eq 0 ]; then
		test_bad reservation 'no memory is reserved' \
			"crashkernel=$((test_need >> 20))M on the kernel's command line, and reboot"
	elif [ "$((test_kib * 1024))" -lt "$test_boot" ]; then
		test_bad reservation "$((test_kib / 1024)) MiB are not enough to boot: the estimate is $((test_need >> 20)) MiB" \
			"crashkernel=$((test_need >> 20))M"
	elif [ "$((test_kib * 1024))" -lt "$test_need" ]; then
		test_bad reservation "$((test_kib / 1024)) MiB may be too small: the estimate is $((test_need >> 20)) MiB" \
			"crashkernel=$((test_need >> 20))M, unless the crash in QEMU below goes well"
	else
		test_ok reservation "$((test_kib / 1024)) MiB, the estimate is $((test_need >> 20)) MiB"
	fi
	[ "${test_kib:-0}" -gt 0 ] || test_kib=$((${test_need:-0} / 1024))
}

# test_load: the rehearsal that kexec-load knows; needs root and a reservation
test_load() {
	load_options ''
	load_run -p -n -q ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} >"$work/out" 2>"$work/why" 9>&-
	test_status=$?
	if [ $test_status -ne 0 ]; then
		test_bad load "$(test_said "$work/why")" ''
		return
	elif [ -n "$KDUMP_ROOT" ]; then
		test_ok load "the files fit"
		return
	fi
	load_run -p --check -q >"$work/out" 2>"$work/why" 9>&-
	test_status=$?
	case $test_status in
	0) test_ok load 'the kernel would take it' ;;
	4) test_not_here load "$(test_said "$work/why")" ;;
	*) test_bad load "$(test_said "$work/why")" "kexec-load --check says more" ;;
	esac
}

# test_held N: is it a raw device that takes no dump now? Then it is said
test_held() {
	[ "$(probe_value "$resolved" "$1" kind)" = raw ] || return
	raw_waits "$(device_find "$(probe_value "$resolved" "$1" device)")" || return
	printf 'holds a dump that was not fetched yet: kdump report\n' >"$work/why"
}

# test_targets: each of them
test_targets() {
	if [ -z "$test_probe" ] || [ -z "$resolved" ]; then
		return 0
	fi
	test_n=1
	while [ -n "$(probe_value "$resolved" $test_n kind)" ]; do
		test_shown=$(probe_value "$resolved" $test_n shown)
		probe_target $test_n 2>"$work/why"
		test_status=$?
		[ "$test_status" -ne 0 ] || ! test_held "$test_n" || test_status=1
		case $test_status in
		0) test_ok "target $test_n" "$test_shown: works from here" ;;
		4)
			[ "$test_result" -ne 0 ] || test_result=4
			test_line 'not ok' "target $test_n" "$test_shown: does not answer now: $(test_said "$work/why")"
			;;
		*) test_bad "target $test_n" "$test_shown: $(test_said "$work/why")" '' ;;
		esac
		test_n=$((test_n + 1))
	done
}

# test_armed: and what is really loaded?
test_armed() {
	crashreserve show ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} >"$work/out" 2>"$work/why"
	case $? in
	0) test_ok armed 'a capture kernel is loaded' ;;
	3) test_bad armed 'nothing is loaded' 'kdump start' ;;
	5) test_bad armed 'nothing can be loaded without a reservation' '' ;;
	4) test_bad armed "$(head -n 1 "$work/out")" 'kdump restart' ;;
	*) test_bad armed "$(head -n 1 "$work/out" "$work/why" | head -n 1)" '' ;;
	esac
}

# test_virtual: the crash in QEMU
test_virtual() {
	[ -n "$test_qemu" ] || return 0
	if [ "${test_kib:-0}" -lt 16384 ]; then
		test_not_here 'crash in QEMU' 'it is not known how much memory to reserve'
		return
	fi
	rehearse "$kernel" "$image" "$test_kib" "$(planned_cmdline)" 2>"$work/why"
	case $? in
	0) test_ok 'crash in QEMU' "captured in $((test_kib / 1024)) MiB${rehearse_why:+: $rehearse_why}" ;;
	2) test_not_here 'crash in QEMU' "$rehearse_why" ;;
	*)
		test_bad 'crash in QEMU' "$rehearse_why$([ ! -s "$work/why" ] ||
			printf ': %s' "$(test_said "$work/why")")" ''
		[ "$verbose" -lt 1 ] || tr -d '\r\033' <"$work/rehearsal.log" >&2
		;;
	esac
}

# test_all: everything, in the order in which it is needed
test_all() {
	test_result=0
	: >"$work/tested"
	test_conf || return 0
	if test_image; then
		test_kernels
		test_reserved
		test_load
	fi
	test_armed
	test_targets
	[ ! -s "$image" ] || test_virtual
}

test_as_json() {
	printf '{"status": %s, "checks": [' "$test_result"
	test_comma=
	while IFS='	' read -r test_how test_name test_text; do
		printf '%s{"result": %s, "name": %s, "text": %s}' "$test_comma" \
			"$(json_string "$test_how")" "$(json_string "$test_name")" \
			"$(json_string "$test_text")"
		test_comma=', '
	done <"$work/tested"
	printf ']}\n'
}

verb_test() {
	test_options "$@"
	arm_tools
	work_folder
	[ -z "$test_crash" ] || test_qemu=
	test_all
	[ -z "$test_json" ] || test_as_json
	if [ -n "$test_crash" ]; then
		test_crash
		return
	fi
	[ -n "$test_json" ] || [ "$test_result" -ne 0 ] ||
		inform 'nothing is wrong; whether a dump arrives only a crash can tell: kdump test --crash'
	return "$test_result"
}
