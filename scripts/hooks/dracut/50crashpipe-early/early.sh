#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# early.sh - dracut's cmdline hook: load the capture kernel, if rd.earlykdump says so

/crashpipe/early/load || :
