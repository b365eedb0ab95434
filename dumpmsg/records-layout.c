/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "err.h"
#include "kinfo.h"
#include "records.h"
#include "vmcore.h"

/* struct log, struct printk_log since 3.11: the same keys with another name before the dot */
static bool offset(const struct kinfo *ki, const char *field, uint64_t *value)
{
	char name[64];

	snprintf(name, sizeof name, "printk_log.%s", field);
	if (kinfo_offset(ki, name, value))
		return true;
	snprintf(name, sizeof name, "log.%s", field);
	return kinfo_offset(ki, name, value);
}

static bool holds(const struct records_layout *l, uint64_t at, uint64_t len)
{
	return at <= l->size && len <= l->size - at;
}

/* log_buf_kexec_setup(), later log_buf_vmcoreinfo_setup(): 3.5 itself has only the symbols */
int records_layout_read(struct records_layout *l, const struct kinfo *ki)
{
	*l = (struct records_layout){
		.size = 16, .len = 8, .text_len = 10, .dict_len = 12, .early = true,
	};
	if (kinfo_size(ki, "printk_log", &l->size) || kinfo_size(ki, "log", &l->size)) {
		l->early = false;
		offset(ki, "ts_nsec", &l->ts_nsec);
		offset(ki, "len", &l->len);
		offset(ki, "text_len", &l->text_len);
		if (!offset(ki, "dict_len", &l->dict_len))
			l->dict_len = l->text_len + 2;
		l->has_caller = offset(ki, "caller_id", &l->caller_id);
	}
	l->facility = l->dict_len + 2;
	if (l->size > RECORDS_HEADER_MAX || !holds(l, l->ts_nsec, 8) || !holds(l, l->len, 2) ||
	    !holds(l, l->text_len, 2) || !holds(l, l->dict_len, 4) ||
	    (l->has_caller && !holds(l, l->caller_id, 4)))
		return fail(ERR_CORRUPT, "VMCOREINFO: struct printk_log cannot be as it says");
	return 0;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	while (n > 0 && bytes[n - 1] == 0)
		n--;
	return n == 0;
}

void records_header(struct header *h, const struct records_layout *l,
		    const struct vmcore *vm, const uint8_t *bytes)
{
	bool big_endian = vm->swap != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	const uint8_t *f = bytes + l->facility;

	*h = (struct header){
		.ts_nsec = vmcore_u64(vm, bytes + l->ts_nsec),
		.len = vmcore_u16(vm, bytes + l->len),
		.text_len = vmcore_u16(vm, bytes + l->text_len),
		.dict_len = vmcore_u16(vm, bytes + l->dict_len),
		.caller = l->has_caller ? vmcore_u32(vm, bytes + l->caller_id) : 0,
		.facility = f[0],
		.flags = big_endian ? f[1] >> 3 : f[1] & 31,
		.level = big_endian ? f[1] & 7 : f[1] >> 5,
		.marker = is_zero(bytes, l->size),
	};
	/* facilities are below 32: the u16's upper byte is 0, the other layout's flags are not */
	if (l->early && !big_endian && f[1] == 0) {
		h->facility = f[0] >> 3;
		h->level = f[0] & 7;
		h->flags = LOG_NEWLINE;
	}
}

bool records_plausible(const struct header *h, const struct records_layout *l)
{
	uint64_t used = l->size + h->text_len + h->dict_len;

	return h->len % RECORDS_ALIGN == 0 && used <= h->len && h->len - used < 8;
}
