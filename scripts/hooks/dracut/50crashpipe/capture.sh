#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# capture.sh - dracut's cmdline hook: save the dump; does not come back from a capture kernel

[ ! -e /proc/vmcore ] || /crashpipe/start
