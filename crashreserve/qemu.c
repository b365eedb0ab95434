/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "qemu.h"
#include "stop.h"

enum { POLL_MS = 200, ARGS = 40, NOT_FOUND = 127 };

struct machine_kind {
	const char *arch, *program, *machine, *cpu, *console;
	const char *words;	/* more for the command line */
};

static const struct machine_kind kinds[] = {
	/* on a busy host an emulated timer may seem to be broken */
	{ "x86_64", "qemu-system-x86_64", "q35", "max,la57=off", "ttyS0", " no_timer_check" },
	{ "aarch64", "qemu-system-aarch64", "virt,gic-version=2", "cortex-a57", "ttyAMA0", "" },
};

static const struct machine_kind *kind_of(const char *arch)
{
	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(arch, kinds[i].arch) == 0)
			return &kinds[i];
	return NULL;
}

const char *qemu_program(const char *arch)
{
	const struct machine_kind *kind = kind_of(arch);

	return kind ? kind->program : NULL;
}

/* what kernel and programs say when memory is short (mm/oom_kill.c, mm/page_alloc.c...) */
static const char *const short_words[] = {
	"invoked oom-killer",
	"Out of memory",
	"out of memory",
	"deadlocked on memory",
	"page allocation failure",
	"Cannot allocate memory",
	"No space left on device",
	"Initramfs unpacking failed: write error",
};

struct watch {
	struct qemu_boot *boot;
	const char *program;
	char line[QEMU_LINE];
	size_t len;
};

static void keep(char to[QEMU_LINE], const char *line)
{
	snprintf(to, QEMU_LINE, "%s", line);
}

/* a whole line, without what is not printable */
static void heard(struct watch *w)
{
	struct qemu_boot *boot = w->boot;
	const char *run = strstr(w->line, "Run ");

	if (strncmp(w->line, w->program, strlen(w->program)) == 0) {
		keep(boot->refused, w->line);
		return;
	}
	if (strstr(w->line, "Linux version ") || strstr(w->line, "EFI stub"))
		boot->spoke = true;
	/* init/main.c, run_init_process() */
	if (run && strstr(run, " as init process"))
		boot->init = true;
	for (unsigned i = 0; i < sizeof short_words / sizeof short_words[0]; i++)
		if (!boot->memory[0] && strstr(w->line, short_words[i]))
			keep(boot->memory, w->line);
	if (!boot->panicked && w->len)
		keep(boot->last, w->line);
	if (strstr(w->line, "Kernel panic - not syncing"))
		boot->panicked = true;
}

static void hear(struct watch *w, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n') {
			w->line[w->len] = '\0';
			heard(w);
			w->len = 0;
		} else if (bytes[i] >= ' ' && bytes[i] <= '~' && w->len < QEMU_LINE - 1) {
			w->line[w->len++] = bytes[i];
		}
	}
}

/* an fd that the child has under any number from 3 on, as a path */
static int hand_down(int fd, char path[32])
{
	int copy = fcntl(fd, F_DUPFD, 3);

	snprintf(path, 32, "/proc/self/fd/%d", copy);
	return copy;
}

static void run_child(const struct qemu_machine *machine, const struct machine_kind *kind,
		      uint64_t mib, int output, pid_t parent)
{
	char kernel[32], initrd[32], memory[24], append[4096];
	const char *args[ARGS];
	unsigned n = 0;
	int nothing = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(output, 2) < 0 || hand_down(machine->kernel_fd, kernel) < 0)
		_exit(1);
	snprintf(memory, sizeof memory, "%llu", (unsigned long long)mib);
	snprintf(append, sizeof append, "%s console=%s panic=-1 ignore_loglevel%s",
		 machine->cmdline ? machine->cmdline : "nr_cpus=1 reset_devices", kind->console,
		 kind->words);
	const char *const fixed[] = {
		kind->program, "-no-user-config", "-nodefaults", "-display", "none", "-vga", "none",
		"-monitor", "none", "-no-reboot", "-serial", "stdio", "-smp", "1", "-accel", "tcg",
		"-machine", kind->machine, "-cpu", kind->cpu, "-m", memory, "-kernel", kernel,
		"-append", append,
	};
	for (; n < sizeof fixed / sizeof fixed[0]; n++)
		args[n] = fixed[n];
	if (machine->initrd_fd >= 0) {
		if (hand_down(machine->initrd_fd, initrd) < 0)
			_exit(1);
		args[n++] = "-initrd";
		args[n++] = initrd;
	}
	args[n] = NULL;
	execvp(args[0], (char **)args);
	_exit(NOT_FOUND);
}

/* until it ends, or has nothing more to tell: 0; -1 after ERR_STOPPED */
static int listen_to(struct watch *w, const struct qemu_machine *machine, int fd)
{
	uint64_t began = clock_ms(), spoke = began, init = 0;
	char bytes[4096];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (stop_check() < 0)
			return -1;
		int ready = poll(&p, 1, POLL_MS);
		uint64_t now = clock_ms();

		if (ready > 0) {
			ssize_t got = read(fd, bytes, sizeof bytes);

			if (got == 0 || (got < 0 && errno != EINTR))
				return 0;
			hear(w, bytes, got > 0 ? (size_t)got : 0);
			spoke = now;
		}
		if (w->boot->init && !init)
			init = now;
		if (w->boot->init) {
			if (now - spoke > machine->quiet_s * 1000 ||
			    now - init > machine->after_s * 1000)
				return 0;
		} else if (now - began > machine->init_s * 1000) {
			w->boot->late = true;
			return 0;
		}
	}
}

int qemu_boot(struct qemu_boot *boot, const struct qemu_machine *machine, uint64_t mib)
{
	const struct machine_kind *kind = kind_of(machine->arch);
	struct watch w = { .boot = boot };
	pid_t parent = getpid();
	int ends[2], status = 0;

	*boot = (struct qemu_boot){ .spoke = false };
	if (!kind)
		return fail(ERR_UNKNOWN, "%s: it is not known which machine QEMU should be",
			    machine->arch);
	w.program = kind->program;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_sys("pipe");
	pid_t pid = fork();

	if (pid < 0) {
		fail_sys("fork");
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (pid == 0)
		run_child(machine, kind, mib, ends[1], parent);
	close(ends[1]);
	int stopped = listen_to(&w, machine, ends[0]);

	close(ends[0]);
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (stopped < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
		return fail(ERR_SYS, "%s: not installed", kind->program);
	return 0;
}
