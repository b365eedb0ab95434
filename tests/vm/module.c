/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRING(x) #x
#define NAME_OF(x) STRING(x)
#define INIT __attribute__((section(".init.text"), used))
#define NOINLINE __attribute__((noinline, noclone))
#define FOREVER INT64_MAX

/* the kernel's, declared by hand: include/linux/{printk,device,sched,spinlock}.h */
struct device;
int kernel_printk(const char *format, ...) __asm__(NAME_OF(PRINTK))
	__attribute__((format(printf, 1, 2)));
void _dev_warn(const struct device *dev, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
long schedule_timeout_uninterruptible(long ticks);
void _raw_spin_lock(void *lock);

/* include/linux/platform_device.h: both begin so from 3.x to 7.2 */
struct platform_device_info {
	void *parent, *fwnode;
	bool of_node_reused;
	const char *name;
	int id;
	uint64_t rest[12];
};

struct platform_device {
	const char *name;
	int id;
	bool id_auto;
	uint64_t dev[];		/* struct device */
};

struct platform_device *
platform_device_register_full(const struct platform_device_info *info);

/* include/linux/moduleparam.h: the same from 4.0 to 7.2 */
struct kernel_param {
	const char *name;
	const void *module, *ops;
	uint16_t perm;
	int8_t level;
	uint8_t flags;
	void *arg;
};

struct kernel_param_ops {
	unsigned flags;
	int (*set)(const char *value, const struct kernel_param *parameter);
	int (*get)(char *buffer, const struct kernel_param *parameter);
	void (*free)(void *arg);
};

extern const char __this_module[];

int init_module(void);
void cleanup_module(void);

static void write_levels(void)
{
	kernel_printk("\001" "0" "crashtest: emergency\n");
	kernel_printk("\001" "1" "crashtest: alert\n");
	kernel_printk("\001" "2" "crashtest: critical\n");
	kernel_printk("\001" "3" "crashtest: error\n");
	kernel_printk("\001" "4" "crashtest: warning\n");
	kernel_printk("\001" "5" "crashtest: notice\n");
	kernel_printk("\001" "6" "crashtest: information\n");
	kernel_printk("\001" "7" "crashtest: debug\n");
	kernel_printk("crashtest: no level\n");
}

static void write_lines(void)
{
	kernel_printk("\001" "6" "crashtest: first line\n  second line\n\nfourth line\n");
	kernel_printk("\001" "6" "\n");
	kernel_printk("\001" "6" "crashtest: text\n\n");
	kernel_printk("\001" "6" "\ncrashtest: after an empty line\n");
	kernel_printk("\001" "5" "crashtest: Grüße: 你好, ∑, é (e and U+0301), 🐧\n");
	kernel_printk("\001" "4" "crashtest: \t tab, \\, \\x41, \033[31mred\033[0m, \r, \a, \177\n");
	kernel_printk("\001" "4" "crashtest: bad UTF-8 \377\376 \344\275 \300\257 \355\240\200 \200\n");
	kernel_printk("\001" "4" "crashtest: all of C1: \302\200 \302\205 \302\233 \302\240\n");
	kernel_printk("\001" "6" "crashtest: a NUL%cin it\n", 0);
	kernel_printk("\001" "6" "crashtest: %02000d end\n", 7);
	kernel_printk("\001" "6" "crashtest: [    0.000000] <6> like a prefix; SUBSYSTEM=none\n");
}

static void write_parts(void)
{
	kernel_printk("\001" "6" "crashtest: part one,");
	kernel_printk("\001" "c" " part two,");
	kernel_printk("\001" "c" " part three\n");
	kernel_printk("\001" "c" "crashtest: continues nothing\n");
	kernel_printk("\001" "6" "crashtest: has no end");
	kernel_printk("\001" "6" "crashtest: the next has begun\n");
}

static int write_log(void)
{
	struct platform_device_info info = { .name = "crashtest", .id = 3 };
	struct platform_device *device = platform_device_register_full(&info);

	write_levels();
	write_lines();
	write_parts();
	if ((uintptr_t)device < -4096UL) {
		_dev_warn((struct device *)device->dev, "a device's message\n");
		_dev_warn((struct device *)device->dev, "one\nof two lines\n");
	}
	return 0;
}

static int fill(int messages)
{
	static const char pattern[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-+"
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-+";
	int i;

	for (i = 0; i < messages; i++) {
		int len = i % 97 == 0 ? i * 31 % 900 : i * 37 % 120;

		kernel_printk("\001" "6" "crashtest %d: %.*s%*s|\n", i, len, pattern,
			      len > 128 ? len - 128 : 0, "");
	}
	return 0;
}

static int number(const char *digits)
{
	int n = 0;

	while (*digits >= '0' && *digits <= '9')
		n = n * 10 + (*digits++ - '0');
	return n;
}

static NOINLINE int read_null(volatile int *from)
{
	return from[0x12] + 1;
}

static NOINLINE int place_a(void)
{
	return read_null(NULL) + 2;
}

static NOINLINE int read_null_too(volatile int *from)
{
	return from[0x12] + 1;
}

static NOINLINE int place_b(void)
{
	return read_null_too(NULL) + 2;
}

/* include/asm-generic/bug.h, with relative pointers */
#define BUG_ENTRY(instruction)								\
	"1:	" instruction "\n"							\
	"	.pushsection __bug_table, \"aw\"\n"					\
	"	.balign 4\n"								\
	"2:	.long 1b - .\n"								\
	BUG_FORMAT_PLACE								\
	"	.long 3f - " BUG_FROM "\n"							\
	"	.short 1234, 0\n"							\
	"	.balign 4\n"								\
	"	.popsection\n"								\
	"	.pushsection .rodata\n"							\
	"3:	.asciz \"tests/vm/module.c\"\n"						\
	"	.popsection\n"

#ifdef BUG_FORMAT
#define BUG_FORMAT_PLACE "	.long 0\n"
#else
#define BUG_FORMAT_PLACE ""
#endif

static NOINLINE int place_bug(void)
{
#ifdef __aarch64__
	__asm__ volatile(BUG_ENTRY("brk 0x800"));
#else
	__asm__ volatile(BUG_ENTRY("ud2"));
#endif
	return 1;
}

static uint32_t lock;

static NOINLINE void spin_for_ever(void)
{
	for (;;)
		__asm__ volatile("" : : : "memory");
}

static NOINLINE int place_softlockup(void)
{
#ifndef NO_SPIN_LOCK
	_raw_spin_lock(&lock);
#endif
	spin_for_ever();
	return (int)lock;
}

static NOINLINE int call_again(int depth)
{
	volatile char room[200];

	room[depth % 200] = (char)depth;
	return call_again(depth + 1) + room[(depth + 1) % 200];
}

static NOINLINE int place_hung(void)
{
	return (int)schedule_timeout_uninterruptible(FOREVER);
}

static bool is(const char *value, const char *word)
{
	while (*word && *value == *word)
		value++, word++;
	return !*word;
}

static NOINLINE int do_it(const char *value, const struct kernel_param *parameter)
{
	(void)parameter;
	if (is(value, "null-a"))
		return place_a();
	if (is(value, "null-b"))
		return place_b();
	if (is(value, "bug"))
		return place_bug();
	if (is(value, "softlockup"))
		return place_softlockup();
	if (is(value, "overflow"))
		return call_again(0);
	if (is(value, "hung"))
		return place_hung();
	if (is(value, "log"))
		return write_log();
	if (is(value, "fill-"))
		return fill(number(value + 5));
	if (is(value, "part"))
		return kernel_printk("\001" "6" "crashtest: never ended") < 0;
	return -22;	/* EINVAL */
}

static const struct kernel_param_ops do_ops = { .set = do_it };

static const struct kernel_param do_parameter
__attribute__((section("__param"), used, aligned(8))) = {
	.name = "do", .module = __this_module, .ops = &do_ops, .perm = 0200, .level = -1,
};

INIT int init_module(void)
{
	return 0;
}

void cleanup_module(void)
{
}
