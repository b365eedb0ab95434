# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # work, self, name, out, failed: see below
#
# arm64.sh - what the tests with arm64 machines share, for scripts to include
#
# The script that includes this has included suite.sh before, has die(), and sets self
# to its name, work to a folder whose kernels/ keeps the lists of packages, name to the
# machine that is tested, out to the machine's folder, and failed to 0.

# suite.sh asks for this machine's packages
arch=arm64

verdict() {
	if [ "$1" -eq 0 ]; then
		printf 'ok %s %s: %s\n' "$self" "$name" "$2"
	else
		printf 'not ok %s %s: %s: %s\n' "$self" "$name" "$2" \
			"$(tail -n 3 "$out/log" | tr '\n' ' ')"
		failed=1
	fi
	return "$1"
}

skip() {
	printf 'skip %s %s: %s\n' "$self" "$name" "$1"
}

# packages SUITE DIR PACKAGE...: unpack what is for arm64, without its dependencies
packages() {
	suite=$1 dir=$2
	shift 2
	lists=$work/kernels/apt-$suite-arm64
	rm -rf "$dir.new"
	mkdir -p "$lists" "$dir.new"
	[ -d "$lists/lists" ] || update_lists "$suite"
	(cd "$dir.new" && apt apt-get download "$@") >"$lists/log" 2>&1 ||
		die "$*: $(tail -n 1 "$lists/log")"
	for deb in "$dir.new"/*.deb; do
		dpkg-deb -x "$deb" "$dir.new"
		rm -f "$deb"
	done
	[ -e "$dir.new/lib" ] || ln -s usr/lib "$dir.new/lib"
	mv "$dir.new" "$dir"
}

# makedumpfile as Debian's arm64 has it, with its libraries; fails if it cannot run here
fetch_peer() {
	peer=$work/arm64-peer
	[ ! -d "$peer" ] || return 0
	command -v qemu-aarch64-static >/dev/null || return
	lists=$work/kernels/apt-sid-arm64
	mkdir -p "$lists"
	(update_lists sid) || return
	# shellcheck disable=SC2046  # words on purpose
	(packages sid "$peer" makedumpfile $(apt apt-cache depends --recurse --no-recommends \
		--no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances makedumpfile |
		grep -E '^(lib|zlib)' | grep -v -E '^lib(perl|gdbm|db|crypt|c-gconv)' | sort -u))
}

# program FILE ROOT: copy one, and of the sysroot, or the tools, the libraries it names, and those name
program() {
	mkdir -p "$2/bin" "$2/lib"
	cp "$1" "$2/bin/"
	libraries "$1" "$2"
}

libraries() {
	for library in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		[ ! -e "$2/lib/$library" ] || continue
		for folder in sysroot/lib sysroot/usr/lib tools/lib tools/usr/lib; do
			file=$work/arm64-$folder/aarch64-linux-gnu/$library
			[ ! -e "$file" ] || cp -L "$file" "$2/lib/"
		done
		[ -e "$2/lib/$library" ] || die "$1: $library: not among the arm64 libraries"
		libraries "$2/lib/$library" "$2"
	done
}

# module NAME ROOT: of $kernel, behind those it depends on, to be loaded in the order of
# ROOT/modules/list; one that is built into the kernel needs nothing
module() {
	read -r version <"$kernel/version"
	tree=$kernel/lib/modules/$version
	line=$(grep -E "/$1\.ko(\.xz)?:" "$tree/modules.dep") || return 0
	# modules.dep names the nearest first, so loading order is from the end
	order=${line%%:*}
	for need in ${line#*:}; do
		order="$need $order"
	done
	mkdir -p "$2/modules"
	for file in $order; do
		base=${file##*/}
		base=${base%.xz}
		[ ! -e "$2/modules/$base" ] || continue
		case $file in
		*.xz) xz -dc "$tree/$file" >"$2/modules/$base" ;;
		*) cp "$tree/$file" "$2/modules/" ;;
		esac
		printf '%s\n' "$base" >>"$2/modules/list"
	done
}
