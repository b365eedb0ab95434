/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/log.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/chunk.c */
/* what the log knows of a record besides its text */
#include "ring-machine.h"

/* what newer kernels say besides; a struct dev_printk_info of two strings of 4 bytes */
#define DEVICE_KEYS \
	"OFFSET(printk_info.dev_info)=24\n" \
	"OFFSET(dev_printk_info.subsystem)=0\nLENGTH(printk_info_subsystem)=4\n" \
	"OFFSET(dev_printk_info.device)=4\nLENGTH(printk_info_device)=4\n"
#define CLEAR_KEYS "SYMBOL(clear_seq)=c0000020\n"
#define LATCH_KEYS "SIZE(latched_seq)=24\nOFFSET(latched_seq.val)=8\n"

static void describe_again(struct machine *m, const char *more)
{
	kinfo_close(&m->vm.info);
	describe(m, more);
}

static unsigned count_cleared(struct machine *m)
{
	struct log log;
	struct record r;
	unsigned n = 0;

	assert_int_equal(log_open(&log, &m->sp), 0);
	while (log_next(&log, &r) == 1) {
		assert_true(!r.cleared || r.seq == n);	/* the oldest ones */
		n += r.cleared;
	}
	log_close(&log);
	return n;
}

static void clears(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct machine m;

		machine_open(&m, i & 1 ? 4 : 8, i & 2);
		add_five(&m);
		put(&m, CLEAR, 8, 3);
		assert_int_equal(count_cleared(&m), 0);	/* VMCOREINFO does not say where */
		describe_again(&m, CLEAR_KEYS);
		assert_int_equal(count_cleared(&m), 3);
		put(&m, CLEAR, 8, 5);
		assert_int_equal(count_cleared(&m), 5);
		put(&m, CLEAR, 8, 0);
		assert_int_equal(count_cleared(&m), 0);
		put(&m, CLEAR, 8, 1000);		/* cannot be */
		assert_int_equal(count_cleared(&m), 0);
		describe_again(&m, CLEAR_KEYS LATCH_KEYS);
		put(&m, CLEAR, 4, 6);
		put(&m, CLEAR + 8, 8, 2);
		put(&m, CLEAR + 16, 8, 4);
		assert_int_equal(count_cleared(&m), 2);
		put(&m, CLEAR, 4, 7);
		assert_int_equal(count_cleared(&m), 4);
		m.hole = CLEAR + 20;
		assert_int_equal(count_cleared(&m), 0);
		machine_close(&m);
	}
}

static void devices(void **state)
{
	struct machine m;
	struct record r;
	struct log log;

	(void)state;
	machine_open(&m, 8, false);
	add_five(&m);
	memcpy(m.memory + INFOS + 24, "pci\0+pci", 8);	/* the second one has no end */
	put(&m, INFOS + INFO + 19, 1, 5 << 5 | 8);	/* LOG_CONT, not LOG_NEWLINE */
	assert_int_equal(log_open(&log, &m.sp), 0);
	assert_int_equal(log.caller_shown, -1);
	assert_int_equal(log_next(&log, &r), 1);
	assert_string_equal(r.subsystem, "");
	log_close(&log);

	describe_again(&m, DEVICE_KEYS);
	assert_int_equal(log_open(&log, &m.sp), 0);
	for (unsigned pass = 0; pass < 2; pass++) {
		assert_int_equal(log_next(&log, &r), 1);
		assert_string_equal(r.subsystem, "pci");
		assert_string_equal(r.device, "+pci");
		assert_int_equal(r.mark, 'c');		/* all flags are set */
		assert_int_equal(log_next(&log, &r), 1);
		assert_string_equal(r.subsystem, "");
		assert_int_equal(r.mark, 'c');
		assert_int_equal(r.level, 5);
		assert_int_equal(log_rewind(&log), 0);
	}
	log_close(&log);
	/* strings that are not in the struct: nothing of a device is read */
	describe_again(&m, "OFFSET(printk_info.dev_info)=24\n"
		 "OFFSET(dev_printk_info.subsystem)=0\nLENGTH(printk_info_subsystem)=4\n"
		 "OFFSET(dev_printk_info.device)=4\nLENGTH(printk_info_device)=5\n");
	assert_int_equal(log_open(&log, &m.sp), 0);
	assert_int_equal(log_next(&log, &r), 1);
	assert_string_equal(r.subsystem, "");
	log_close(&log);
	machine_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clears),
		cmocka_unit_test(devices),
	};

	return RUN(tests);
}
