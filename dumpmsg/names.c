/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "num.h"

static const char *const levels[] = {
	"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
};
static const char *const facilities[] = {
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
	"authpriv", "ftp", "res0", "res1", "res2", "res3", "local0", "local1", "local2",
	"local3", "local4", "local5", "local6", "local7",
};
enum { NLEVELS = sizeof levels / sizeof levels[0] };
enum { NFACILITIES = sizeof facilities / sizeof facilities[0] };

const char *name_of_level(unsigned level)
{
	return levels[level % NLEVELS];
}

const char *name_of_facility(unsigned facility)
{
	return facility < NFACILITIES ? facilities[facility] : NULL;
}

static int find(const char *const *names, size_t n, const char *name, size_t len)
{
	uint64_t number;

	if (num_parse(name, len, 10, &number))
		return number < n ? (int)number : -1;
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == len && strncasecmp(names[i], name, len) == 0)
			return (int)i;
	return -1;
}

int level_of_name(const char *name, size_t len)
{
	return find(levels, NLEVELS, name, len);
}

int facility_of_name(const char *name, size_t len)
{
	return find(facilities, NFACILITIES, name, len);
}
