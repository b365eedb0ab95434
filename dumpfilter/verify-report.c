/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "json.h"
#include "say.h"
#include "verify.h"

enum { EXIT_INCOMPLETE = 3, EXIT_DAMAGED = 5, EXIT_LESS = 6 };

static const struct { const char *key, *text; } names[VERIFY_FAULTS] = {
	[VERIFY_LAYOUT] = { "layout", "faults in headers" },
	[VERIFY_BITMAP] = { "bitmap", "not in bitmap 1" },
	[VERIFY_UNWRITTEN] = { "unwritten", "never written" },
	[VERIFY_PLACE] = { "place", "outside of the file's data" },
	[VERIFY_SIZE] = { "size", "of an impossible size" },
	[VERIFY_CODEC] = { "codec", "with unknown flags" },
	[VERIFY_READ] = { "read", "unreadable" },
	[VERIFY_DATA] = { "data", "with damaged data" },
	[VERIFY_SUM] = { "checksum", "with a wrong checksum" },
	[VERIFY_TWICE] = { "twice", "there twice, and not the same" },
};

static int exit_status(const struct verify_result *r)
{
	if (r->first[0])
		return EXIT_DAMAGED;
	if (r->incomplete)
		return EXIT_INCOMPLETE;
	return r->nunknown ? EXIT_LESS : 0;
}

static void tell_faults(const char *path, const struct verify_result *r)
{
	char text[512] = "";
	const char *between = ": ";
	size_t used = 0;

	complain("%s: %s", path, r->first);
	for (int i = VERIFY_LAYOUT + 1; i < VERIFY_FAULTS && used < sizeof text; i++) {
		if (!r->fault[i])
			continue;
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRIu64 " %s",
					 between, r->fault[i], names[i].text);
		between = ", ";
	}
	if (r->fault[VERIFY_LAYOUT] && used < sizeof text)
		snprintf(text + used, sizeof text - used, "; %" PRIu64 " %s",
			 r->fault[VERIFY_LAYOUT], names[VERIFY_LAYOUT].text);
	complain("%s: %" PRIu64 " of %" PRIu64 " pages are bad%s", path, verify_bad(r), r->npages,
		 text);
}

static void tell_text(const char *path, const struct verify_result *r)
{
	if (r->first[0])
		tell_faults(path, r);
	if (r->incomplete)
		complain("%s: is incomplete: %" PRIu64 " of %" PRIu64 " pages are missing%s", path,
			 r->nmissing, r->npages, r->first[0] ? "" : ", the others are good");
	if (r->nunknown)
		complain("%s: %" PRIu64 " of %" PRIu64 " pages were not looked at: %s", path,
			 r->nunknown, r->npages, r->unknown);
	if (say_is_quiet() || exit_status(r) != 0)
		return;
	if (r->nsums)
		printf("%s: %" PRIu64 " pages, %" PRIu64 " checksums, all good\n", path, r->npages,
		       r->nsums);
	else if (r->compressed)
		printf("%s: %" PRIu64 " pages, no checksums: structure and decompression are "
		       "good\n", path, r->npages);
	else
		printf("%s: %" PRIu64 " pages, no checksums and no compression: the structure is "
		       "good\n", path, r->npages);
}

static void tell_json(const char *path, const struct verify_result *r)
{
	struct json j;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_text(&j, "file", path);
	json_text(&j, "format", r->format);
	json_u64(&j, "pages", r->npages);
	json_u64(&j, "checksums", r->nsums);
	json_bool(&j, "incomplete", r->incomplete);
	json_u64(&j, "missing", r->nmissing);
	json_u64(&j, "not_looked_at", r->nunknown);
	json_u64(&j, "bad", verify_bad(r));
	json_object(&j, "faults");
	for (int i = 0; i < VERIFY_FAULTS; i++)
		json_u64(&j, names[i].key, r->fault[i]);
	json_close(&j);
	json_text(&j, "first", r->first[0] ? r->first : NULL);
	json_close(&j);
	json_end(&j);
}

int verify_file(const char *path, const struct verify_options *opts, bool json)
{
	struct verify_result r;
	int status;

	if (verify(path, opts, &r)) {
		status = say_failure();
		/* nothing was left behind that would be worth keeping */
		return err_code() == ERR_STOPPED ? EXIT_FAILURE : status;
	}
	if (json)
		tell_json(path, &r);
	else
		tell_text(path, &r);
	status = say_flush();
	return status ? status : exit_status(&r);
}
