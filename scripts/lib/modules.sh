# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# modules.sh - kernel modules for an image, with all they need; to be sourced behind
# programs.sh
#
# modules.dep, .builtin, .softdep and .alias are depmod's; modules.dep(5) says that the
# nearest comes first, so loading order is from the end. inputs is a file that gets the
# path of everything that was taken from the system.

inputs=${inputs:-/dev/null}

# modules_order FOLDER: names on standard input, aliases too, and with a question mark
# behind it what may be missing; the files to load, in order, "PATH" relative to FOLDER;
# "! NAME" for what is neither there nor built in
modules_order() {
	awk -v folder="$1" '
	function name_of(path) {
		sub(/.*\//, "", path)
		sub(/\.ko(\..*)?$/, "", path)
		gsub(/-/, "_", path)
		return path
	}
	function plain(name) {
		gsub(/-/, "_", name)
		return name
	}
	# with what it needs before it; soft: it may be missing
	function add(name, soft,  n, i, list, known) {
		name = plain(name)
		if (name in done)
			return
		if (name in builtin) {
			done[name] = 1
			return
		}
		if (!(name in path)) {
			if (name in alias) {
				done[name] = 1
				n = split(alias[name], list, " ")
				for (i = 1; i <= n; i++)
					add(list[i], 1)
			} else if (!soft)
				print "! " name
			return
		}
		done[name] = 1
		n = split(before[name], list, " ")
		for (i = 1; i <= n; i++)
			add(list[i], 1)
		n = split(needs[name], list, " ")
		for (i = n; i >= 1; i--)
			add(name_of(list[i]), 0)
		print path[name]
		n = split(after[name], list, " ")
		for (i = 1; i <= n; i++)
			add(list[i], 1)
	}
	BEGIN {
		file = folder "/modules.dep"
		while ((getline line < file) > 0) {
			at = index(line, ":")
			p = substr(line, 1, at - 1)
			path[name_of(p)] = p
			needs[name_of(p)] = substr(line, at + 1)
		}
		file = folder "/modules.builtin"
		while ((getline line < file) > 0)
			builtin[name_of(line)] = 1
		file = folder "/modules.softdep"
		while ((getline line < file) > 0) {
			n = split(line, word, " ")
			if (word[1] != "softdep")
				continue
			kind = ""
			for (i = 3; i <= n; i++)
				if (word[i] == "pre:" || word[i] == "post:")
					kind = word[i]
				else if (kind == "pre:")
					before[plain(word[2])] = before[plain(word[2])] " " word[i]
				else if (kind == "post:")
					after[plain(word[2])] = after[plain(word[2])] " " word[i]
		}
		file = folder "/modules.alias"
		while ((getline line < file) > 0)
			if (split(line, word, " ") == 3 && word[1] == "alias" && word[2] !~ /[*?:]/)
				alias[plain(word[2])] = alias[plain(word[2])] " " word[3]
	}
	NF {
		soft = sub(/\?$/, "", $1)
		add($1, soft)
	}'
}

# modules_facts FOLDER: what the decompressed modules named on standard input say of
# themselves; lines "module NAME", and behind it vermagic, depends and firmware
modules_facts() {
	while read -r modules_name; do
		printf '\ncrashpipe-module=%s\n' "$modules_name"
		[ ! -r "$1/$modules_name" ] || tr '\0' '\n' <"$1/$modules_name"
	done | sed -n 's/^crashpipe-\(module\)=/\1 /p; s/^\(vermagic\|depends\|firmware\)=/\1 /p'
}

# module_unpack FILE OUT: with archive.sh's unxz_any
module_unpack() {
	case $1 in
	*.xz) unxz_any "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac >"$2"
}

# modules_folder ROOT KVER
modules_folder() {
	for modules_try in "$1/lib/modules/$2" "$1/usr/lib/modules/$2"; do
		[ -d "$modules_try" ] || continue
		printf '%s\n' "$modules_try"
		return
	done
	return 1
}

# kernel_config ROOT KVER: the file with the options it was built with; 1 when there is none
kernel_config() {
	for modules_try in "$1/boot/config-$2" "$1/lib/modules/$2/config" \
		"$1/usr/lib/modules/$2/config" "$1/lib/modules/$2/build/.config"; do
		grep -q '^CONFIG_' "$modules_try" 2>/dev/null || continue
		printf '%s\n' "$modules_try"
		return
	done
	return 1
}

# modules_never ROOT KVER: is that kernel one that cannot have modules? All it has is
# built in then. The running one says so by itself: /proc/modules is not there.
modules_never() {
	if modules_config=$(kernel_config "$1" "$2"); then
		! grep -q -x 'CONFIG_MODULES=y' "$modules_config"
	else
		[ "$(cat "$1/proc/sys/kernel/osrelease" 2>/dev/null)" = "$2" ] && [ ! -e "$1/proc/modules" ]
	fi
}

# modules_add ROOT TREE KVER LIST: the modules that LIST names go to TREE/lib/modules, and
# their files' names to TREE/etc/crashpipe/modules, in the order to load them; what they
# say of themselves to LIST.facts. 5 when one is missing or made for another kernel.
modules_add() {
	modules_list=$2/etc/crashpipe/modules
	: >"$modules_list"
	: >"$modules_list-needed"
	: >"$4.facts"
	[ -s "$4" ] || return 0
	if modules_never "$1" "$3"; then
		detail "kernel $3 has no modules: nothing to load"
		return 0
	elif ! modules_from=$(modules_folder "$1" "$3") || [ ! -e "$modules_from/modules.dep" ] ||
		! { [ -s "$modules_from/modules.dep" ] || [ -s "$modules_from/modules.builtin" ]; }; then
		say "$1/lib/modules/$3/modules.dep: not there: run depmod $3"
		return 5
	fi
	printf '%s\n' "$modules_from/modules.dep" >>"$inputs"
	modules_order "$modules_from" <"$4" >"$4.order" || return 1
	modules_bad=0
	modules_copy "$modules_from" "$2/lib/modules" "$4.order" || modules_bad=$?
	sed -n 's/^[^!].*\/\([^/]*\.ko\).*/\1/p' "$4.order" >"$modules_list"
	sed 's/\.ko$//; s/-/_/g' "$modules_list" >"$modules_list-needed"
	modules_facts "$2/lib/modules" <"$modules_list" >"$4.facts"
	awk -v kver="$3" '
	function judge() {
		if (name != "" && magic != kver)
			print name " " (magic == "" ? "an unknown kernel" : magic)
	}
	$1 == "module" {
		judge()
		name = $2
		magic = ""
	}
	$1 == "vermagic" { magic = $2 }
	END { judge() }' "$4.facts" >"$4.wrong"
	while read -r modules_name modules_magic; do
		say "$modules_from: $modules_name: made for $modules_magic, not for $3"
		modules_bad=5
	done <"$4.wrong"
	return $modules_bad
}

# modules_copy FROM TO ORDER: decompressed
modules_copy() {
	mkdir -p "$2" || return 1
	modules_from=$1 modules_to=$2 modules_failed=0
	exec 3<"$3"
	shift 3
	while read -r modules_path modules_name <&3; do
		case $modules_path in
		!)
			say "module $modules_name: neither in $modules_from nor built into that kernel"
			# where nobody says what is built in, it may be
			[ ! -e "$modules_from/modules.builtin" ] || modules_failed=5
			;;
		*.ko) set -- "$@" "$modules_from/$modules_path" ;;
		*)
			modules_name=${modules_path##*/}
			if ! module_unpack "$modules_from/$modules_path" "$modules_to/${modules_name%.ko*}.ko"; then
				say "$modules_from/$modules_path: cannot be decompressed"
				modules_failed=5
			fi
			printf '%s\n' "$modules_from/$modules_path" >>"$inputs"
			;;
		esac
	done
	exec 3<&-
	[ $# -gt 0 ] || return "$modules_failed"
	cp "$@" "$modules_to/" || modules_failed=5
	printf '%s\n' "$@" >>"$inputs"
	return "$modules_failed"
}

# firmware_add ROOT TREE KVER FACTS: what the modules may ask for and this system has.
# Where the running kernel's log names what a driver has loaded, only that.
firmware_add() {
	grep -q '^firmware' "$4" || return 0
	if [ -n "$1" ]; then
		: >"$4.log"
	else
		dmesg 2>/dev/null | grep -i firmware >"$4.log"
	fi
	awk -v log_file="$4.log" '
	function judge(  i, any) {
		for (i = 1; i <= n; i++)
			any = any || index(log_text, all[i])
		for (i = 1; i <= n; i++)
			if (!any || index(log_text, all[i]))
				print all[i]
		n = 0
	}
	BEGIN {
		while ((getline line < log_file) > 0)
			log_text = log_text "\n" line
	}
	$1 == "module" { judge() }
	$1 == "firmware" { all[++n] = $2 }
	END { judge() }' "$4" | sort -u >"$4.wanted"
	while read -r firmware_name; do
		firmware_copy "$1" "$2" "$firmware_name" "$3" || return 1
	done <"$4.wanted"
}

# firmware_copy ROOT TREE NAME KVER: decompressed; one that is not there is none
firmware_copy() {
	for firmware_dir in "$1/lib/firmware/updates/$4" "$1/lib/firmware/updates" \
		"$1/lib/firmware/$4" "$1/lib/firmware"; do
		for firmware_end in '' .xz .zst; do
			firmware_file=$firmware_dir/$3$firmware_end
			[ -f "$firmware_file" ] || continue
			mkdir -p "$2/lib/firmware/${3%/*}" || return 1
			module_unpack "$firmware_file" "$2/lib/firmware/$3" || return 1
			printf '%s\n' "$firmware_file" >>"$inputs"
			return 0
		done
	done
	return 0
}

# watchdog_modules ROOT: the drivers of the watchdogs that run: they would end the capture
# if nobody fed them
watchdog_modules() {
	for watchdog_driver in "$1"/sys/class/watchdog/watchdog*/device/driver/module; do
		[ -e "$watchdog_driver" ] || continue
		watchdog_state=${watchdog_driver%/device/driver/module}/state
		[ ! -r "$watchdog_state" ] || ! grep -q inactive "$watchdog_state" || continue
		watchdog_name=$(readlink "$watchdog_driver")
		watchdog_name=${watchdog_name##*/}
		# only what was loaded has a state
		[ -e "$1/sys/module/$watchdog_name/initstate" ] || watchdog_name="$watchdog_name?"
		printf '%s\n' "$watchdog_name"
	done
}
