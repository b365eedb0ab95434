/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/purgatory-serial.c kexec-load/cmdline.c */
/* Which serial port is meant, on invented machines. */
#include "../../kexec-load/purgatory.h"
#include "tree.h"

static struct purgatory_serial port;

static void put_port(const char *root, const char *name, const char *what, const char *value)
{
	char path[100];

	snprintf(path, sizeof path, "/sys/class/tty/%s/%s", name, what);
	tree_put(root, path, value);
}

/* as serial_core shows a port: "type", "io_type", "port", "iomem_base", "iomem_reg_shift" */
static void a_port(const char *root, const char *name, const char *const values[5])
{
	static const char *const whats[] = { "type", "io_type", "port", "iomem_base",
					     "iomem_reg_shift" };

	for (size_t i = 0; i < 5; i++)
		put_port(root, name, whats[i], values[i]);
}

static void is(enum purgatory_port kind, uint64_t addr, unsigned shift)
{
	assert_int_equal(port.kind, kind);
	assert_int_equal(port.addr, addr);
	assert_int_equal(port.shift, shift);
}

/* nobody may look: ports are where PCs have them */
static void pc(void **state)
{
	static const struct { const char *text; uint64_t addr; } samples[] = {
		{ "ttyS0", 0x3f8 }, { "ttyS1", 0x2f8 }, { "ttyS2", 0x3e8 }, { "ttyS3", 0x2e8 },
		{ "/dev/ttyS1", 0x2f8 }, { "ttyS0,115200n8", 0x3f8 }, { "0x3f8", 0x3f8 },
		{ "1016", 0x3f8 }, { "uart8250,io,0x2f8", 0x2f8 }, { "uart,io,0xc000,9600", 0xc000 },
	};
	char *root = tree_make();

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		assert_int_equal(purgatory_serial(&port, samples[i].text, "", root, "x86_64"), 0);
		is(PURGATORY_8250_IO, samples[i].addr, 0);
	}
	assert_int_equal(purgatory_serial(&port, "none", "console=ttyS0", root, "x86_64"), 0);
	is(PURGATORY_NO_PORT, 0, 0);
	tree_remove(root);
}

static void nonsense(void **state)
{
	static const char *const texts[] = {
		"", "ttyS", "ttyS4", "tty0", "ttyS0x", "../../proc", "ttyS0/../ttyS1", "hvc0", "0x",
		"uart8250,io,", "uart8250,io,x", "uart8250,ports,0x3f8", "uart8250", "None",
		"0", "0xfff9", "0x10000", "uart8250,io,0xffff", "0x1ffffffffffffffff",
		("ttyS00000000000000000000000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000000000000000000000000000000"),
	};
	char *root = tree_make();

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (purgatory_serial(&port, texts[i], "", root, "x86_64") != -1)
			fail_msg("\"%s\" was taken", texts[i]);
		assert_int_equal(err_code(), ERR_USAGE);
	}
	/* memory may not be mapped there, and what is not mapped is a reset */
	assert_int_equal(purgatory_serial(&port, "uart8250,mmio,0xfe000000", "", root, "x86_64"), -1);
	assert_failed(ERR_USAGE, "uart8250,mmio,0xfe000000: on x86_64 only");
	assert_int_equal(purgatory_serial(&port, "uart8250,io,0x3f8", "", root, "aarch64"), -1);
	assert_failed(ERR_USAGE, "no I/O ports on aarch64");
	assert_int_equal(purgatory_serial(&port, "pl011,0x9000001", "", root, "aarch64"), -1);
	assert_failed(ERR_USAGE, "no address");
	tree_remove(root);
}

static void shown_by_the_kernel(void **state)
{
	char *root = tree_make();

	(void)state;
	a_port(root, "ttyS0", (const char *const[]){ "4\n", "0\n", "0x3E8\n", "0x0\n", "0\n" });
	a_port(root, "ttyS1", (const char *const[]){ "0\n", "0\n", "0x2F8\n", "0x0\n", "0\n" });
	a_port(root, "ttyS4", (const char *const[]){ "22\n", "3\n", "0x0\n", "0xFE032000\n", "2\n" });
	a_port(root, "ttyS5", (const char *const[]){ "4\n", "2\n", "0x0\n", "0xFE032000\n", "0\n" });
	a_port(root, "ttyS6", (const char *const[]){ "4\n", "1\n", "0x0\n", "0xFE032000\n", "0\n" });
	a_port(root, "ttyAMA0", (const char *const[]){ "32\n", "2\n", "0x0\n", "0x9000000\n", "0\n" });
	/* not at its usual place */
	assert_int_equal(purgatory_serial(&port, "ttyS0", "", root, "x86_64"), 0);
	is(PURGATORY_8250_IO, 0x3e8, 0);
	/* the driver found no chip there */
	assert_int_equal(purgatory_serial(&port, "ttyS1", "", root, "x86_64"), -1);
	assert_int_equal(purgatory_serial(&port, "ttyS4", "", root, "x86_64"), -1);
	assert_int_equal(purgatory_serial(&port, "ttyS4", "", root, "aarch64"), 0);
	is(PURGATORY_8250_MMIO32, 0xfe032000, 2);
	assert_int_equal(purgatory_serial(&port, "ttyS5", "", root, "aarch64"), 0);
	is(PURGATORY_8250_MMIO, 0xfe032000, 0);
	/* a way to registers that we do not know */
	assert_int_equal(purgatory_serial(&port, "ttyS6", "", root, "aarch64"), -1);
	assert_int_equal(purgatory_serial(&port, "ttyAMA0", "", root, "aarch64"), 0);
	is(PURGATORY_PL011, 0x9000000, 0);
	assert_int_equal(purgatory_serial(&port, "0x9000000", "", root, "aarch64"), 0);
	is(PURGATORY_PL011, 0x9000000, 0);
	assert_int_equal(purgatory_serial(&port, "pl011,mmio32,0x9000000", "", root, "aarch64"), 0);
	is(PURGATORY_PL011, 0x9000000, 0);
	assert_int_equal(purgatory_serial(&port, "uart8250,mmio32,0x9000000", "", root, "aarch64"), 0);
	is(PURGATORY_8250_MMIO32, 0x9000000, 2);
	assert_int_equal(purgatory_serial(&port, "ttyAMA1", "", root, "aarch64"), -1);
	tree_remove(root);
}

/* the last serial one of the consoles */
static void by_command_line(void **state)
{
	static const struct { const char *cmdline; uint64_t addr; } samples[] = {
		{ "", 0 },
		{ "root=/dev/sda1 quiet", 0 },
		{ "console=tty0", 0 },
		{ "console=ttyS0", 0x3f8 },
		{ "console=ttyS0,115200 console=tty0", 0x3f8 },
		{ "console=ttyS0 console=ttyS1,9600n8 console=hvc0", 0x2f8 },
		{ "console=ttyS1 console=ttyS9", 0x2f8 },
		{ "\"console=ttyS1\"", 0 },
		{ "console=uart8250,io,0x2f8,115200n8", 0x2f8 },
		{ "console=uart8250,mmio,0xfe000000", 0 },
		{ "earlycon=ttyS0 xconsole=ttyS0 console consolex=ttyS0 console= -- console=ttyS0", 0 },
	};
	char *root = tree_make();

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		assert_int_equal(purgatory_serial(&port, NULL, samples[i].cmdline, root, "x86_64"), 0);
		if (port.addr != samples[i].addr)
			fail_msg("%s: 0x%llx", samples[i].cmdline, (unsigned long long)port.addr);
		assert_int_equal(port.kind, samples[i].addr ? PURGATORY_8250_IO : PURGATORY_NO_PORT);
	}
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pc),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(shown_by_the_kernel),
		cmocka_unit_test(by_command_line),
	};

	return RUN(tests);
}
