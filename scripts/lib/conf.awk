# SPDX-License-Identifier: GPL-2.0-or-later
#
# conf.awk - the lines of /etc/kdump.conf, one by one; used by conf.sh, with conf-values.awk
# for what a value may look like and conf-settle.awk for what all of them come to
#
# prints	! LINE TEXT	a fault
#		? LINE TEXT	a warning
#		= NAME VALUE	a settled line
#		@ LINE		where core_collector was found

# of a file that is something else altogether, the first hundred are enough
function fault(text) {
	if (++faults <= 100)
		print "! " line " " text
}

function warn(text) {
	print "? " line " " text
}

# know NAMES KIND: how a directive is handled
function know(names, kind,    i, n, list) {
	n = split(names, list, " ")
	for (i = 1; i <= n; i++)
		kinds[list[i]] = kind
}

BEGIN {
	targets = 0
	know("ext2 ext3 ext4 xfs btrfs minix virtiofs", "disk")
	know("raw", "raw")
	know("nfs nfs4", "nfs")
	know("ssh", "ssh")
	know("path sshkey known_hosts host_key time_limit max_size", "target")
	know("core_collector", "collector")
	know("kdump_pre kdump_post kdump_emergency", "program")
	know("extra_bins extra_modules fence_kdump_nodes fence_kdump_args", "names")
	know("failure_action final_action allow_raw layout watchdog auto_reset_crashkernel", "choice")
	know("force_rebuild force_no_rebuild", "choice")
	know("default", "default")
	know("dracut_args", "dracut")
	know("host network keep keep_free total_time_limit", "own")
	know("net options link_delay disk_timeout debug_mem_level blacklist", "gone")

	choices["failure_action"] = "reboot halt poweroff shell dump_to_rootfs none"
	choices["final_action"] = "reboot halt poweroff shell none"
	choices["allow_raw"] = choices["watchdog"] = choices["auto_reset_crashkernel"] = "yes no"
	choices["layout"] = "rhel debian"
	choices["force_rebuild"] = choices["force_no_rebuild"] = "0 1"

	pattern["extra_bins"] = "^(/[A-Za-z0-9._/+@:-]+|[A-Za-z0-9_][A-Za-z0-9._+@:-]*)$"
	wanted["extra_bins"] = "write names or whole paths of programs"
	pattern["extra_modules"] = "^[A-Za-z0-9_][A-Za-z0-9_-]*$"
	wanted["extra_modules"] = "write names of modules, without folder and .ko"
	pattern["fence_kdump_nodes"] = "^[A-Za-z0-9_:.][A-Za-z0-9_:.%-]*$"
	wanted["fence_kdump_nodes"] = "write names or addresses of nodes"
	pattern["fence_kdump_args"] = "^[A-Za-z0-9_:.=-]+$"
	wanted["fence_kdump_args"] = "write options of fence_kdump_send"

	instead["net"] = "write nfs HOST:/EXPORT or ssh USER@HOST"
	instead["options"] = "write MODULE.OPTION=VALUE into KDUMP_COMMANDLINE_APPEND of " \
		"/etc/default/kdump or /etc/sysconfig/kdump"
	instead["link_delay"] = "leave it out: the link is waited for; time_limit says how " \
		"long a target may take"
	instead["disk_timeout"] = "leave it out: disks are waited for; time_limit says how " \
		"long a target may take"
	instead["debug_mem_level"] = "leave it out: every dump's record says how much memory was used"
	instead["blacklist"] = "write module_blacklist=NAME into KDUMP_COMMANDLINE_APPEND of " \
		"/etc/default/kdump or /etc/sysconfig/kdump; only modules that are needed are loaded"
}

# how many letters a and b differ by
function apart(a, b,    i, j, row, left, above, best) {
	for (j = 0; j <= length(b); j++)
		row[j] = j
	for (i = 1; i <= length(a); i++) {
		left = row[0]
		row[0] = i
		for (j = 1; j <= length(b); j++) {
			above = row[j]
			best = left + (substr(a, i, 1) != substr(b, j, 1))
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1
			if (above + 1 < best)
				best = above + 1
			row[j] = best
			left = above
		}
	}
	return row[length(b)]
}

# the known directive that name is nearest to; of equals the first in the alphabet
function nearest(name,    other, best, least, d) {
	if (length(name) > 30)
		return ""
	name = tolower(name)
	gsub(/-/, "_", name)
	least = length(name) < 5 ? 2 : 4
	for (other in kinds) {
		if (kinds[other] == "gone")
			continue
		d = apart(name, other)
		if (d < least || (d == least && best != "" && other < best)) {
			least = d
			best = other
		}
	}
	return best
}

function unknown(name,    before, other) {
	# what was meant is not looked for where nobody will read it
	if (faults >= 100) {
		faults++
		return
	}
	if (name ~ /^[A-Z][A-Z_0-9]*=/) {
		fault("this is a line of a shell's file: write NAME VALUE; kdump convert FILE reads " \
			"/etc/default/kdump-tools, /etc/sysconfig/kdump and simple-kdump.conf")
		return
	}
	before = name
	sub(/=.*/, "", before)
	if (before !~ /^[A-Za-z0-9_.-]+$/ || length(before) > 40) {
		fault("this line does not begin with a directive: write NAME VALUE")
		return
	}
	if (before != name && before in kinds) {
		fault(before "=: write a blank between name and value: " before " VALUE")
		return
	}
	other = nearest(before)
	fault(before ": no such directive" (other != "" ? ": is " other " meant?" : \
		": see kdump.conf(5)"))
}

# what is for the whole of the capture
function put(name, text) {
	if (name in first_line) {
		fault(name ": given twice: leave this one or the one of line " first_line[name] " out")
		return
	}
	first_line[name] = line
	settled[name] = text
}

# what is for the target that began last; for all, before the first one
function put_own(name, text) {
	if ((targets, name) in own_line) {
		fault(name ": given twice" (targets ? " for one target" : "") \
			": leave this one or the one of line " own_line[targets, name] " out")
		return
	}
	own_line[targets, name] = line
	own[targets, name] = text
}

function begin_target(kind, spec, fstype, as) {
	targets++
	t_kind[targets] = kind
	t_spec[targets] = spec
	t_fstype[targets] = fstype
	t_line[targets] = line
	t_as[targets] = as
}

function own_directive(name, text) {
	if (name == "path")
		text = folder(name, text)
	else if (name == "time_limit")
		text = duration(name, text)
	else if (name == "max_size") {
		text = size(name, text)
		if (text + 0 > 0 && text + 0 < 1048576)
			warn(name ": " text " bytes: every dump will be cut there: is M or G missing?")
	} else if (name == "host_key") {
		if (text !~ /^SHA256:[A-Za-z0-9+\/]+=?$/ || length(text) < 50 || length(text) > 51)
			fault(name ": " shown(text) ": write SHA256:..., as ssh-keygen -l -f prints it")
	} else
		absolute(name, text)
	if (targets && name ~ /^(sshkey|known_hosts|host_key)$/ && t_kind[targets] != "ssh")
		warn(name ": of no use for the target of line " t_line[targets] ", which is no ssh")
	put_own(name, text)
}

# --mount "DEVICE FOLDER FSTYPE OPTIONS" names a target, as RHEL has it
function dracut(name, text,    rest, n, words, mark) {
	if (text ~ /[`$\\;&|<>]/)
		fault(name ": " shown(text) ": nothing is expanded here: write it without any of " \
			"` $ \\ ; & | < >")
	put(name, text)
	rest = text
	gsub(/--mount[ \t=]*("[^"]*"|\047[^\047]*\047)/, "", rest)
	gsub(/^[ \t]+|[ \t]+$/, "", rest)
	if (rest != "" && rest !~ /--mount/)
		warn(name ": " shown(rest) ": of no use here: programs are named by extra_bins, drivers " \
			"by extra_modules")
	rest = text
	n = gsub(/--mount/, "--mount", rest)
	if (!n)
		return
	if (n > 1) {
		fault(name ": more than one --mount: write further targets as lines of their own")
		return
	}
	sub(/^.*--mount[ \t=]*/, "", rest)
	mark = substr(rest, 1, 1)
	rest = substr(rest, 2)
	n = mark == "\"" || mark == "\047" ? index(rest, mark) : 0
	n = n ? split(substr(rest, 1, n - 1), words, " ") : 0
	if (n < 3 || n > 6) {
		fault(name ": --mount: write --mount \"DEVICE FOLDER FSTYPE OPTIONS\"")
		return
	}
	if (n > 3 && words[4] !~ /^(defaults|rw|auto|,)+$/)
		warn(name ": --mount: the options " shown(words[4]) " are not used: the target is " \
			"mounted with those of the running system")
	if (words[3] ~ /^nfs4?$/) {
		nfs_spec(name, words[1])
		begin_target("nfs", words[1], words[3] == "nfs4" ? words[3] : "", name)
	} else if (words[3] in kinds && kinds[words[3]] == "disk") {
		if (words[3] != "virtiofs")
			words[1] = device(name, words[1])
		begin_target("disk", words[1], words[3], name)
	} else
		fault(name ": --mount: " shown(words[3]) ": write one of ext2, ext3, ext4, xfs, " \
			"btrfs, minix, virtiofs, nfs")
}

function own_addition(name, text) {
	if (name == "total_time_limit")
		put("time_limit", duration(name, text))
	else if (name == "keep_free")
		put(name, size(name, text))
	else if (name == "network")
		put(name, network(name, text))
	else if (name == "keep") {
		if (text !~ /^[0-9]+$/ || length(text) > 6)
			fault(name ": " shown(text) ": write a number of dumps; 0 keeps all")
		put(name, sprintf("%d", text))
	} else {
		if (text !~ /^[A-Za-z0-9_][A-Za-z0-9._-]*$/ || length(text) > 64)
			fault(name ": " shown(text) ": write letters, digits, . - _, at most 64")
		put(name, text)
	}
}

function directive(name, kind, text) {
	if (kind == "gone")
		fault(name ": is no longer a directive: " instead[name])
	else if (kind == "target")
		own_directive(name, text)
	else if (kind == "disk") {
		if (name == "virtiofs")
			plain(name, text)
		else
			text = device(name, text)
		begin_target("disk", text, name, name)
	} else if (kind == "raw")
		begin_target("raw", device(name, text), "", name)
	else if (kind == "nfs") {
		nfs_spec(name, text)
		begin_target("nfs", text, name == "nfs4" ? name : "", name)
	} else if (kind == "ssh")
		begin_target("ssh", ssh_spec(name, text), "", name)
	else if (kind == "program") {
		absolute(name, text)
		put(name, text)
	} else if (kind == "names") {
		put(name, word_list(name, text, pattern[name], wanted[name]))
	} else if (kind == "default") {
		warn("default: the old name of failure_action: write failure_action " \
			(text == "mount_root_run_init" ? "dump_to_rootfs" : text))
		if (text == "mount_root_run_init")
			text = "dump_to_rootfs"
		among("failure_action", text, choices["failure_action"])
		put("failure_action", text)
	} else if (kind == "choice") {
		among(name, text, choices[name])
		put(name, text)
	} else if (kind == "dracut")
		dracut(name, text)
	else if (kind == "own")
		own_addition(name, text)
	else
		put(name, text)
}

# one directive, blanks, its value; # and what follows is cut wherever it stands
{
	line = NR
	# the mark that some editors put in front of UTF-8
	if (NR == 1)
		sub(/^\357\273\277/, "")
	sub(/\r$/, "")
	sub(/#.*/, "")
	sub(/^[ \t]+/, "")
	sub(/[ \t]+$/, "")
	if ($0 == "")
		next
	if ($0 ~ /[^\t -~\200-\377]/) {
		fault("a control character in this line: leave it out")
		next
	}
	if (length($0) > 2000) {
		fault("longer than 2000 characters")
		next
	}
	name = $1
	text = substr($0, length(name) + 1)
	sub(/^[ \t]+/, "", text)
	if (length(text) > 1 && text ~ /^".*"$/)
		text = substr(text, 2, length(text) - 2)
	sub(/^[ \t]+/, "", text)
	sub(/[ \t]+$/, "", text)
	if (!(name in kinds))
		unknown(name)
	else if (kinds[name] == "gone" || text != "")
		directive(name, kinds[name], text)
	else
		fault(name ": without a value: write " name " VALUE, or leave the line out")
}
