# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# attest.sh - will this image work? To be sourced behind programs.sh, modules.sh, archive.sh
#
# Every fault is said, as "IMAGE: FACT", and counted in the file attest_faults. ROOT is the
# system the kernel's own files are in, empty for this one.

attest_image=
attest_faults=

# attest_fault WORDS
attest_fault() {
	say "$attest_image: $*"
	echo x >>"$attest_faults"
}

# attest_files TREE PATTERN: of the programs those with a line like this, each once
# shellcheck disable=SC2038  # names without blanks: a list names them so
attest_files() {
	(cd "$1" && find . -type f ! -path './lib/modules/*' ! -path './lib/firmware/*' \
		-exec grep -l -a -e "$2" {} + 2>/dev/null | xargs stat -c '%i %n') 2>/dev/null |
		sort -k 2 | awk '!seen[$1]++ { sub(/^[^ ]* \./, ""); print }'
}

# attest_programs TREE: what runs them is there, too
attest_programs() {
	for attest_file in $(attest_files "$1" "$(printf '^\177ELF')"); do
		attest_elf "$1" "$attest_file"
	done
	for attest_file in $(attest_files "$1" '^#!'); do
		[ ! -x "$1$attest_file" ] || attest_script "$1" "$attest_file"
	done
}

# attest_elf TREE FILE
attest_elf() {
	attest_by=$(elf_interpreter "$1$2") && [ -n "$attest_by" ] || return 0
	if [ ! -x "$1$attest_by" ]; then
		attest_fault "$2: is run by $attest_by, which is missing"
		return
	fi
	elf_list "$1" "$attest_by" "$2" >"$attest_faults.libs"
	while read -r attest_lib attest_name; do
		[ "$attest_lib" != ! ] || attest_fault "$2: needs $attest_name, which is missing"
	done <"$attest_faults.libs"
	[ -s "$attest_faults.libs" ] || attest_fault "$2: $attest_by cannot run it"
}

# attest_script TREE FILE
attest_script() {
	attest_by=$(script_interpreter "$1$2")
	[ -z "$attest_by" ] || [ -x "$1$attest_by" ] ||
		attest_fault "$2: is run by $attest_by, which is missing"
}

# attest_start TREE: what the kernel and init need
attest_start() {
	[ -x "$1/init" ] || attest_fault '/init: not there, or not executable'
	for attest_name in sh mount umount insmod sleep dumpfilter dumpmsg dumpsend; do
		[ -x "$1/bin/$attest_name" ] || attest_fault "/bin/$attest_name: missing"
	done
	for attest_name in capture lib/say.sh; do
		[ -r "$1/lib/crashpipe/$attest_name" ] ||
			attest_fault "/lib/crashpipe/$attest_name: missing"
	done
	for attest_name in proc sys dev tmp run; do
		[ -d "$1/$attest_name" ] || attest_fault "/$attest_name: missing"
	done
}

# attest_tools TREE: are they for this machine, and can dumpsend what the targets want?
attest_tools() {
	attest_can=$(chroot "$1" /bin/dumpsend --version 2>/dev/null) ||
		attest_fault '/bin/dumpsend: cannot be run'
	for attest_name in dumpfilter dumpmsg sh; do
		[ -x "$1/bin/$attest_name" ] || continue
		chroot "$1" "/bin/$attest_name" --help >/dev/null 2>&1
		[ $? -lt 126 ] || attest_fault "/bin/$attest_name: cannot be run"
	done
	attest_options "$1"
	for attest_kind in nfs ssh; do
		grep -q -x "target [0-9]* kind $attest_kind" "$1/etc/crashpipe/capture.conf" 2>/dev/null ||
			continue
		case " $(printf '%s' "$attest_can" | sed -n 's/^transports://p') " in
		*" $attest_kind "*) ;;
		*) attest_fault "/bin/dumpsend: was built without $attest_kind, which a target needs" ;;
		esac
	done
}

# attest_options TREE: does dumpfilter take what it will be given?
attest_options() {
	attest_words=$(sed -n 's/^dump_options //p' "$1/etc/crashpipe/capture.conf" 2>/dev/null)
	[ -x "$1/bin/dumpfilter" ] && [ "${attest_words:-none}" != none ] || return 0
	set -f
	# shellcheck disable=SC2086  # words on purpose
	attest_said=$(chroot "$1" /bin/dumpfilter $attest_words --check-params /proc/vmcore 2>&1) ||
		attest_fault "/bin/dumpfilter: does not take \"$attest_words\": $(printf '%s\n' "$attest_said" |
			sed 's/^dumpfilter: //; q')"
	set +f
}

# attest_modules ROOT TREE KVER WORK: each behind what it depends on, all for one kernel
# and that one, and none left out. attest_for becomes that kernel.
attest_modules() {
	attest_list=$2/etc/crashpipe/modules
	attest_for=''
	[ -s "$attest_list" ] || [ -s "$attest_list-needed" ] || return 0
	modules_facts "$2/lib/modules" <"$attest_list" >"$4/facts"
	attest_for=$(sed -n 's/^vermagic \([^ ]*\).*/\1/p; t end; b; :end; q' "$4/facts")
	attest_from=$(modules_folder "$1" "${3:-$attest_for}") || attest_from=/nowhere
	awk -v folder="$attest_from" -v kver="${3:-$attest_for}" -v needed="$attest_list-needed" '
	function plain(name) {
		sub(/.*\//, "", name)
		sub(/\.ko$/, "", name)
		gsub(/-/, "_", name)
		return name
	}
	function judge(  i, n, list) {
		if (name == "")
			return
		if (magic == "")
			print "/lib/modules/" name ": missing, or no kernel module"
		else if (magic != kver)
			print "/lib/modules/" name ": made for " magic ", not for " kver
		n = split(needs, list, ",")
		for (i = 1; i <= n; i++)
			if (!(plain(list[i]) in there))
				print "/lib/modules/" name ": needs " plain(list[i]) \
					", which is not loaded before it"
		there[plain(name)] = 1
	}
	BEGIN {
		while ((getline line < (folder "/modules.builtin")) > 0)
			there[plain(line)] = 1
	}
	$1 == "module" {
		judge()
		name = $2
		magic = needs = ""
	}
	$1 == "vermagic" { magic = $2 }
	$1 == "depends" { needs = $2 }
	END {
		judge()
		while ((getline line < needed) > 0)
			if (!(line in there))
				print "/etc/crashpipe/modules: has no " line ", which is needed"
	}' "$4/facts" >"$4/facts.wrong"
	attest_tell "$4/facts.wrong"
}

# attest_tell FILE [PREFIX]: each line is a fault
attest_tell() {
	while IFS= read -r attest_line; do
		attest_fault "${2:-}$attest_line"
	done <"$1"
}

# attest_keys TREE: nobody but root reads a private key
attest_keys() {
	# shellcheck disable=SC2013  # names without blanks
	for attest_file in $(grep -r -l -a -e 'PRIVATE KEY-' "$1/etc" "$1/root" 2>/dev/null); do
		attest_mode=$(stat -c '%a %u' "$attest_file")
		case $attest_mode in '600 0' | '400 0') continue ;; esac
		attest_fault "${attest_file#"$1"}: a private key with mode ${attest_mode% *} of user ${attest_mode#* }, not 600 of root"
	done
}

# attest_conf TREE: lines that capture will understand, and files they name
attest_conf() {
	attest_file=$1/etc/crashpipe/capture.conf
	if [ ! -s "$attest_file" ]; then
		attest_fault '/etc/crashpipe/capture.conf: missing'
		return
	fi
	grep -q -x 'format 1' "$attest_file" ||
		attest_fault '/etc/crashpipe/capture.conf: no line "format 1"'
	grep -q '^target 1 kind ' "$attest_file" ||
		attest_fault '/etc/crashpipe/capture.conf: no target'
	awk '
	$1 == "target" && $3 == "kind" {
		kind[$2] = $4
		if ($4 !~ /^(disk|nfs|ssh|raw)$/)
			print "target " $2 ": unknown kind " $4
	}
	$1 == "target" { has[$2 " " $3] = 1 }
	NF < 2 { print "line " NR ": no value: " $0 }
	END {
		for (n in kind) {
			if (kind[n] ~ /disk|raw/ && !(n " device" in has))
				print "target " n ": no device"
			if (kind[n] ~ /nfs|ssh/ && !(n " url" in has))
				print "target " n ": no url"
		}
	}' "$attest_file" | sort >"$attest_faults.conf"
	attest_tell "$attest_faults.conf" '/etc/crashpipe/capture.conf: '
	attest_named "$1" "$attest_file"
	attest_lease "$1" "$attest_file"
}

# attest_lease TREE CONF: who asks for an address, where there is none from before the crash?
attest_lease() {
	[ ! -x "$1/bin/udhcpc" ] || return 0
	sed -n 's/^target [0-9]* net dhcp \([^ ]*\).*/\1/p' "$2" | sort -u | while IFS= read -r attest_name; do
		grep -q "^target [0-9]* net last $attest_name " "$2" ||
			attest_fault "$attest_name: its address comes by DHCP, and there is no udhcpc: install busybox"
	done
}

# attest_named TREE CONF: keys and programs that it names
attest_named() {
	{
		sed -n 's/^\(pre\|post\|emergency\) //p' "$2"
		sed -n 's/^target [0-9]* send //p' "$2" | sed 's/[ =]/\n/g' | grep '^/'
	} | sort -u | while IFS= read -r attest_name; do
		[ -e "$1$attest_name" ] || attest_fault "$attest_name: named in capture.conf, and missing"
	done
}

# attest_kernel ROOT KVER COMPRESSION: can the kernel unpack and start it?
attest_kernel() {
	if ! attest_config=$(kernel_config "$1" "$2"); then
		detail "$attest_image: no configuration of kernel $2 to compare with"
		return
	fi
	attest_wanted='BLK_DEV_INITRD BINFMT_ELF BINFMT_SCRIPT PROC_VMCORE DEVTMPFS'
	[ "$3" = none ] || attest_wanted="$attest_wanted RD_$(printf '%s' "$3" | tr "[:lower:]" "[:upper:]")"
	for attest_name in $attest_wanted; do
		grep -q -x "CONFIG_$attest_name=y" "$attest_config" ||
			attest_fault "$attest_config: has no CONFIG_$attest_name=y: this kernel cannot capture with it"
	done
}

# attest_tree ROOT TREE KVER COMPRESSION WORK: all of it; KVER empty: the modules' own.
# 5 when something is wrong.
attest_tree() {
	attest_faults=$5/faults
	: >"$attest_faults"
	attest_start "$2"
	attest_programs "$2"
	attest_tools "$2"
	attest_modules "$1" "$2" "$3" "$5"
	attest_keys "$2"
	attest_conf "$2"
	attest_kernel "$1" "${3:-${attest_for:-$(uname -r)}}" "$4"
	rm -f "$attest_faults.libs" "$attest_faults.conf"
	[ ! -s "$attest_faults" ] || return 5
}

# attest_size TREE: bytes it takes in memory: whole pages, each file once
attest_size() {
	find "$1" -type f -exec stat -c '%i %s' {} + | sort -u |
		awk '{ n += int(($2 + 4095) / 4096) * 4096 } END { printf "%.0f\n", n }'
}
