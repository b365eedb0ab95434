# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# dumpsend.sh - what the cases of dumpsend share, besides dumpfilter.sh; to be sourced
#
# "with_servers KIND... -- "$@"" instead of "run_cases "$@"" runs the cases in a private
# network, in which real servers have been started once for all of them:
#
#	nfs	tests/net/nfs-server, on the usual ports; its exports are in $NFS, of them
#		"small" has 3 MiB
#	ssh	tests/net/ssh-server, port 2222, in $SSH
#	NAME	another ssh-server of that variant (no-sftp, etm...), see ssh_port, in $SERVERS/NAME
#
# Where one cannot start no case is tried, and each of them has failed.

# shellcheck source-path=SCRIPTDIR source=dumpfilter.sh
. "${0%/*}/../dumpfilter.sh"

net=$(cd "${0%/*}/../net" && pwd) || exit 2

# where the servers have their files
SERVERS=${SERVERS:-}
# shellcheck disable=SC2034 # for those who source this
NFS=$SERVERS/nfs/view SSH=$SERVERS/ssh

# all_failed WHY BIN SAMPLES [CASE...]
all_failed() {
	why=$1
	shift 3
	# shellcheck disable=SC2046 # one word each
	[ $# -gt 0 ] || set -- $(sed -n 's/^test_\([a-z0-9_]*\)() *{.*/\1/p' "$0")
	for name; do
		printf 'not ok %s: a server does not start: %s\n' "$name" "$why"
	done
	exit 1
}

# the port of an SSH server of this kind
ssh_port() {
	case $1 in
	ssh) printf 2222 ;;
	no-sftp) printf 2223 ;;
	etm) printf 2224 ;;
	rsa-host) printf 2225 ;;
	sftp-only) printf 2226 ;;
	rekey) printf 2227 ;;
	many) printf 2228 ;;
	esac
}

# start_ssh KIND: with the keys of the first one, which take their time to be made
start_ssh() {
	mkdir "$SERVERS/$1" || return
	variant=$1
	[ "$1" != ssh ] || variant=
	[ ! -d "$SSH" ] || [ "$1" = ssh ] || cp "$SSH"/id_* "$SSH"/host_* "$SERVERS/$1" || return
	# shellcheck disable=SC2086 # no word, or one
	"$net/ssh-server" start "$SERVERS/$1" "$(ssh_port "$1")" $variant
}

stop_servers() {
	for each in "$SERVERS"/*/sshd.pid; do
		[ ! -e "$each" ] || "$net/ssh-server" stop "${each%/sshd.pid}"
	done
	[ ! -e "$SERVERS/nfs/holder.pid" ] || "$net/nfs-server" stop "$SERVERS/nfs"
	rm -rf "$SERVERS"
}

# in the machine's network: makes the private one, and runs the script again in it
go_inside() {
	SERVERS=$(mktemp -d "${TMPDIR:-/tmp}/dumpsend.XXXXXX") || exit 2
	export SERVERS
	trap stop_servers EXIT
	trap 'exit 1' HUP INT TERM
	case " $kinds " in
	*' nfs '*)
		"$net/nfs-server" start -s 3m "$SERVERS/nfs" 2>"$SERVERS/why" >&2 </dev/null ||
			all_failed "$(tail -n 1 "$SERVERS/why")" "$@"
		"$net/nfs-server" run "$SERVERS/nfs" "$0" "$@"
		;;
	*)
		# shellcheck disable=SC2016 # it is the inner shell that expands
		unshare -n sh -c 'ip link set lo up && exec "$@"' sh "$0" "$@"
		;;
	esac
	exit
}

with_servers() {
	kinds=
	while [ "$1" != -- ]; do
		kinds="$kinds $1"
		shift
	done
	shift
	[ $# -ge 2 ] || run_cases "$@"
	[ -n "$SERVERS" ] || go_inside "$@"
	for each in $kinds; do
		[ "$each" != nfs ] || continue
		start_ssh "$each" 2>"$SERVERS/why" >&2 </dev/null ||
			all_failed "$(tail -n 1 "$SERVERS/why")" "$@"
	done
	run_cases "$@"
}

# at_end COMMAND: when the case is over, the last one first
at_end() {
	ending="$1; ${ending:-}"
	# shellcheck disable=SC2064 # as it is now
	trap "$ending" EXIT
}

dumpsend() {
	"$bin/dumpsend" "$@"
}

# piped STATUS FILE ARGUMENT...: FILE as a stream, which cannot be read twice
piped() {
	wanted=$1
	file=$2
	shift 2
	# shellcheck disable=SC2002 # a pipe is what is wanted
	cat "$file" 2>/dev/null | timeout -k 5 "${TIMEOUT:-120}" "$bin/dumpsend" "$@" >out 2>err
	check_status "$wanted" $? dumpsend "$@"
}

# sending FILE ARGUMENT...: the same in the background, as $job
sending() {
	file=$1
	shift
	mkfifo pipe 2>/dev/null
	cat "$file" >pipe 2>/dev/null &
	"$bin/dumpsend" "$@" <pipe >out 2>err &
	job=$!
}

says_nothing_of() {
	! grep -q -F -e "$1" err || why "says: $(cat err)"
}

# one_line: besides the attempts, and why the ssh program has its turn, a single message
one_line() {
	[ "$(grep -v -c -e 'trying again in' -e 'going on with the ssh program' err)" -eq 1 ] || why "not one line: $(tr '\n' ';' <err)"
}

# refused STATUS SECONDS ARGUMENT...: the file small is not taken, in one line and that time
refused() {
	wanted=$1
	within=$2
	shift 2
	[ -e small ] || head -c 300000 /dev/urandom >small
	began=$(date +%s%N)
	expect "$wanted" "$bin/dumpsend" -i small "$@"
	took=$((($(date +%s%N) - began) / 1000000))
	one_line
	[ "$took" -le $((within * 1000)) ] || why "$*: takes $took ms"
}

# random_file NAME MIB: nothing compresses it, and no two of its pieces are the same
random_file() {
	openssl enc -aes-128-ctr -nosalt -pass "pass:$1" -md sha256 </dev/zero 2>/dev/null |
		head -c "$(($2 << 20))" >"$1"
	[ "$(stat -c %s "$1")" -eq $(($2 << 20)) ] || why "cannot make $1"
}

one_of_them() {
	# shellcheck disable=SC2034 # for the function
	n=$each-${PWD##*/} ending='' proxies=
	cd "$each" || exit
	"$call"
}

# at_once FUNCTION WORD...: with each word as $each, all at the same time, each in a folder of
# its own; $n is a name that no other case has
at_once() {
	call=$1
	shift
	jobs=
	for each; do
		mkdir "$each" || why "mkdir $each"
		(one_of_them) >"$each.said" 2>&1 &
		jobs="$jobs $!"
	done
	bad=
	for each in $jobs; do
		wait "$each" || bad=yes
	done
	[ -z "$bad" ] || why "$(cat ./*.said | grep '^why: ' | head -n 1 | cut -d ' ' -f 2-)"
}

# dump NAME [OPTION...]: of the sample NAME: the stream in "flat", what it must become in
# "whole"; made once for all cases
dump() {
	made=$work/.$(printf '%s' "$*" | tr -c 'a-z0-9' _)
	if [ ! -d "$made" ]; then
		mkdir "$made"
		name=$1
		shift
		"$bin/dumpfilter" -q "$@" "$samples/$name.elf" "$made/whole" || why "dumpfilter $name"
		"$bin/dumpfilter" -q "$@" "$samples/$name.elf" | cat >"$made/flat"
	fi
	cp "$made/whole" "$made/flat" .
}

# proxy NAME FAULT...: a line to 127.0.0.1:$to (with $line, its options); its port in $port
to=2222 line='' proxies=
proxy() {
	name=$1
	shift
	rm -f "$name.port"
	# shellcheck disable=SC2086 # words
	"$tests/proxy" $line 0 127.0.0.1:$to "$@" >"$name.port" 2>"$name.err" &
	proxy=$!
	case $proxies in
	'') at_end 'end_proxies' ;;
	esac
	proxies="$proxies $proxy"
	wait_for 30 test -s "$name.port" || why "proxy $* does not start: $(cat "$name.err")"
	# shellcheck disable=SC2034 # for the caller
	port=$(cat "$name.port")
}

end_proxies() {
	# shellcheck disable=SC2086 # words
	kill $proxies 2>/dev/null
	proxies=' '
}

# proxy_ends NAME: bytes that went there in $there
proxy_ends() {
	end_proxies
	wait "$proxy" 2>/dev/null
	there=$(sed -n 's/^proxy: \([0-9]*\) bytes there.*/\1/p' "$1.err")
	[ -n "$there" ] || why "proxy $1 does not end well: $(cat "$1.err")"
}

# host_print TYPE: the fingerprint of the SSH servers' host key of that type
host_print() {
	ssh-keygen -l -f "$SSH/host_$1.pub" | cut -d ' ' -f 2
}

# tree FOLDER: all in it, on one line
tree() {
	find "$1" -mindepth 1 | tr '\n' ' '
}

# some bytes at every ECDSA signature and at new keys: libssh2 1.10's own, not to be found here
libssh2_leaks() {
	ASAN_OPTIONS=detect_leaks=0
	export ASAN_OPTIONS
}

# mode FILE MODE
mode() {
	[ "$(stat -c %a "$1")" = "$2" ] || why "$1: mode $(stat -c %a "$1"), not $2"
}

# checked FOLDER NAME: NAME.sha256 is there, not for everybody, and says the truth
checked() {
	[ -e "$1/$2.sha256" ] || why "$2.sha256 is missing"
	mode "$1/$2.sha256" 600
	(cd "$1" && sha256sum -c -- "$2.sha256") >sha.out 2>&1 || why "$(cat sha.out)"
	rm sha.out
}

# alone FILE...: in their folder nothing else begins with the first one's name
alone() {
	for each in "$1"*; do
		case " $* $1.sha256 " in
		*" $each "*) ;;
		*) why "$each was left behind" ;;
		esac
	done
}

# numbers HOW_MANY BELOW: at random, in the same way all month, so that it can be repeated
numbers() {
	awk -v n="$1" -v below="$2" -v seed="$(date +%Y%m)" 'BEGIN {
		srand(seed)
		for (i = 0; i < n; i++)
			printf "%d\n", rand() * below
	}'
}

# for how many random places, of each way and fault, there is time
places() {
	if [ "${FULL:-}" = yes ]; then
		printf 200
	else
		printf 4
	fi
}
