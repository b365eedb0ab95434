# SPDX-License-Identifier: GPL-2.0-or-later
#
# conf-settle.awk - what the lines of kdump.conf come to: every default filled in, targets
# numbered, and faults that only show in the whole of the file; behind conf.awk, which has
# left settled, own, own_line, first_line and the targets' t_...

# value of a target: its own, else that of all, else the standard
function of_target(n, name, standard) {
	if ((n, name) in own)
		return own[n, name]
	return (0, name) in own ? own[0, name] : standard
}

function settle(name, standard) {
	if (name in settled)
		print "= " name " " settled[name]
	else if (standard != "")
		print "= " name " " standard
}

# the same place twice would be tried twice, and have one folder for both
function check_twins(    i, j) {
	for (i = 2; i <= targets; i++)
		for (j = 1; j < i; j++)
			if (t_kind[i] == t_kind[j] && t_spec[i] == t_spec[j] && \
			    of_target(i, "path", "/var/crash") == of_target(j, "path", "/var/crash")) {
				line = t_line[i]
				fault(t_as[i] ": the same target as that of line " t_line[j] \
					": leave one of them out, or give it another path")
				break
			}
}

# a target that cannot have its time because those before it may use it up
function check_times(    i, sum, one, all) {
	all = "time_limit" in settled ? settled["time_limit"] + 0 : 0
	for (i = 1; all > 0 && i <= targets; i++) {
		one = of_target(i, "time_limit", 0) + 0
		sum += one
		if (one > 0 && sum > all) {
			line = first_line["time_limit"]
			warn("total_time_limit: targets up to that of line " t_line[i] " may take " \
				sum " s together, which is more than these " all " s")
			return
		}
	}
}

# options of what is not run
function check_fence() {
	if ("fence_kdump_args" in settled && !("fence_kdump_nodes" in settled)) {
		line = first_line["fence_kdump_args"]
		warn("fence_kdump_args: of no use without fence_kdump_nodes")
	}
}

function settle_target(n,    t, path) {
	t = "= target " n " "
	path = of_target(n, "path", "/var/crash")
	print t "kind " t_kind[n]
	print t "spec " (t_kind[n] == "path" ? path : t_spec[n])
	if (t_fstype[n] != "")
		print t "fstype " t_fstype[n]
	print t "path " path
	if (t_kind[n] == "ssh") {
		if (of_target(n, "sshkey", "") != "")
			print t "sshkey " of_target(n, "sshkey", "")
		if (of_target(n, "known_hosts", "") != "")
			print t "known_hosts " of_target(n, "known_hosts", "")
		if (of_target(n, "host_key", "") != "")
			print t "host_key " of_target(n, "host_key", "")
	}
	print t "time_limit " of_target(n, "time_limit", 0)
	print t "max_size " of_target(n, "max_size", 0)
	print t "line " t_line[n]
}

END {
	if ("force_rebuild" in settled && "force_no_rebuild" in settled && \
	    settled["force_rebuild"] == "1" && settled["force_no_rebuild"] == "1") {
		line = first_line["force_no_rebuild"]
		fault("force_no_rebuild: force_rebuild is 1 as well: leave one of them out")
	}
	check_twins()
	check_times()
	check_fence()
	if (faults > 100)
		print "! " NR " and " faults - 100 " more faults"
	if (!targets) {
		line = (0, "path") in own_line ? own_line[0, "path"] : 0
		begin_target("path", "", "", "path")
	}
	if ("core_collector" in first_line)
		print "@ " first_line["core_collector"]
	settle("core_collector", "dumpfilter -l -d 31")
	settle("layout", "rhel")
	settle("host", "")
	settle("kdump_pre", "")
	settle("kdump_post", "")
	settle("kdump_emergency", "")
	settle("extra_bins", "")
	settle("extra_modules", "")
	settle("failure_action", "reboot")
	settle("final_action", "reboot")
	settle("allow_raw", "no")
	settle("network", "auto")
	settle("keep", 0)
	settle("keep_free", 0)
	settle("time_limit", 0)
	settle("watchdog", "yes")
	settle("force_rebuild", 0)
	settle("force_no_rebuild", 0)
	settle("dracut_args", "")
	settle("auto_reset_crashkernel", "")
	settle("fence_kdump_nodes", "")
	settle("fence_kdump_args", "")
	for (n = 1; n <= targets; n++)
		settle_target(n)
}
