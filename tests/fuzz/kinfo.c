/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO: whatever its text, each key is found in it or not at all */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* a value lies in the text, in one line */
static void check_string(const struct kinfo *ki, const char *key)
{
	size_t len;
	const char *value = kinfo_string(ki, key, &len);

	if (!value)
		return;
	if (value < ki->text || len > ki->len || value > ki->text + ki->len - len)
		abort();
	if (memchr(value, '\n', len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct kinfo ki;
	uint64_t value = 0;
	int64_t number = 0;

	if (kinfo_open(&ki, data, len)) {
		if (err_code() != ERR_CORRUPT && err_code() != ERR_MEMORY)
			abort();
		return 0;
	}
	if (strlen(ki.release) >= sizeof ki.release)
		abort();
	if (kinfo_symbol(&ki, "init_uts_ns", &value) && value == 0)
		abort();
	kinfo_size(&ki, "page", &value);
	kinfo_offset(&ki, "page.flags", &value);
	kinfo_length(&ki, "mem_section", &value);
	kinfo_number(&ki, "PG_lru", &number);
	kinfo_number(&ki, "", &number);
	kinfo_hex(&ki, "KERNELOFFSET", &value);
	check_string(&ki, "OSRELEASE");
	check_string(&ki, "CRASHTIME");
	check_string(&ki, "");
	kinfo_close(&ki);
	return 0;
}
