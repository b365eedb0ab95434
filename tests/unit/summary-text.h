/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs of invented crashes, as kernels of several ages write them, for tests of the summary. */
#ifndef SUMMARY_TEXT_H
#define SUMMARY_TEXT_H

#include <stdint.h>
#include <string.h>

#include "../../dumpmsg/log.h"
#include "../../dumpmsg/summary-state.h"
#include "unit.h"

enum { ANYBODY = 0x7ffffffe };	/* a kernel that does not say who writes */

struct feed {
	struct summary *s;
	uint64_t nsec;
};

static inline struct feed feed_open(void)
{
	struct feed f = { summary_open(), UINT64_C(1000000000) };

	assert_non_null(f.s);
	return f;
}

/* len bytes of a record */
static inline void feed_bytes(struct feed *f, uint32_t caller, const char *text, size_t len)
{
	struct record r = {
		.timed = true, .ts_nsec = f->nsec += 1000, .has_caller = caller != ANYBODY,
		.caller = caller, .level = 4, .text = text, .len = len,
	};

	summary_take(f->s, &r);
}

/* a record for each line */
static inline void feed_lines(struct feed *f, uint32_t caller, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		feed_bytes(f, caller, text, n);
		text += n;
		text += *text == '\n';
	}
}

/* what a caller of summary_choose() sees of it */
static inline struct summary *feed_all(const char *text)
{
	struct feed f = feed_open();

	feed_lines(&f, 100, text);
	summary_choose(f.s);
	return f.s;
}

/* 6.1: a fault in a module, as it is with panic_on_oops and a capture kernel */
static const char null_61[] =
	"BUG: kernel NULL pointer dereference, address: 0000000000000018\n"
	"#PF: supervisor write access in kernel mode\n"
	"#PF: error_code(0x0002) - not-present page\n"
	"PGD 0 P4D 0 \n"
	"Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
	"CPU: 3 PID: 712 Comm: my shell Kdump: loaded Tainted: G           OE      6.1.0-9-amd64 #1  Debian 6.1.27-1\n"
	"Hardware name: Invented Inc. Box/Board, BIOS 2.1 01/02/2023\n"
	"RIP: 0010:widget_store+0x1c/0x60 [widget]\n"
	"Code: 0f 1f 44 00 00 <48> 89 50 18 c3\n"
	"RSP: 0018:ffffb1d0c0a53d80 EFLAGS: 00010246\n"
	"RAX: 0000000000000000 RBX: ffff9f2a041f2a00 RCX: 0000000000000000\n"
	"Call Trace:\n"
	" <TASK>\n"
	" widget_write.isra.0+0x35/0x80 [widget]\n"
	" ? __die_body.cold+0x1a/0x1f\n"
	" kernfs_fop_write_iter+0x11c/0x1d0\n"
	" vfs_write+0x2e6/0x400\n"
	" ksys_write+0x6f/0xf0\n"
	" do_syscall_64+0x5b/0xc0\n"
	" ? exc_page_fault+0x70/0x170\n"
	" entry_SYSCALL_64_after_hwframe+0x6e/0xd8\n"
	"RIP: 0033:0x7f2b6a1f5280\n"
	"RSP: 002b:00007ffd5c0a2f18 EFLAGS: 00000202 ORIG_RAX: 0000000000000001\n"
	" </TASK>\n"
	"Modules linked in: widget(OE) gadget ext4 evil(POE) [last unloaded: old(O)]\n"
	"CR2: 0000000000000018\n";

/* 7.2: the same crash, with other numbers and another compiler's names */
static const char null_72[] =
	"BUG: kernel NULL pointer dereference, address: 0000000000000020\n"
	"#PF: supervisor write access in kernel mode\n"
	"Oops: Oops: 0002 [#1] SMP PTI\n"
	"CPU: 0 UID: 0 PID: 99 Comm: tee Kdump: loaded Tainted: G           OE       7.2.1-amd64 #1 PREEMPT(lazy)  Debian 7.2.1-1\n"
	"Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE\n"
	"Hardware name: Other Inc. Tower, BIOS 9 09/09/2025\n"
	"RIP: 0010:widget_store.cold+0x3/0x10 [widget]\n"
	"Call Trace:\n"
	" <TASK>\n"
	" widget_write+0x31/0x90 [widget]\n"
	" kernfs_fop_write_iter.constprop.0.isra.0+0x10c/0x2d0\n"
	" vfs_write+0x216/0x410\n"
	" ksys_write+0x60/0xf0\n"
	" do_syscall_64+0x8b/0x1c0\n"
	" entry_SYSCALL_64_after_hwframe+0x76/0x7e\n"
	" </TASK>\n"
	"Modules linked in: widget(OE)\n"
	"---[ end trace 0000000000000000 ]---\n"
	"Kernel panic - not syncing: Fatal exception\n"
	"Kernel Offset: 0x2a000000 from 0xffffffff81000000\n";

/* 5.10, arm64 */
static const char null_arm64[] =
	"Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018\n"
	"Mem abort info:\n"
	"  ESR = 0x96000044\n"
	"Internal error: Oops: 96000044 [#1] SMP\n"
	"Modules linked in: widget(O) drm\n"
	"CPU: 2 PID: 301 Comm: sh Tainted: G           O      5.10.0-20-arm64 #1 Debian 5.10.158-2\n"
	"Hardware name: Invented Board (DT)\n"
	"pstate: 60400005 (nZCv daif +PAN -UAO -TCO BTYPE=--)\n"
	"pc : widget_store+0x24/0x60 [widget]\n"
	"lr : widget_write+0x3c/0x80 [widget]\n"
	"sp : ffff800012a3bc60\n"
	"x29: ffff800012a3bc60 x28: ffff0000c4b21e00 \n"
	"Call trace:\n"
	" widget_store+0x24/0x60 [widget]\n"
	" widget_write+0x3c/0x80 [widget]\n"
	" kernfs_fop_write_iter+0x130/0x200\n"
	" vfs_write+0x240/0x2c0\n"
	" el0_svc+0x20/0x30\n"
	"Code: d503201f f9400c00 (f9000c01) \n"
	"---[ end trace 5b9b1c34a2d0f0a1 ]---\n"
	"Kernel panic - not syncing: Oops: Fatal exception\n"
	"SMP: stopping secondary CPUs\n";

static const char softlockup_510[] =
	"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [my task:x:431]\n"
	"Modules linked in: widget(O)\n"
	"CPU: 1 PID: 431 Comm: my task:x Not tainted 5.10.0-20-amd64 #1 Debian 5.10.158-2\n"
	"Hardware name: Invented\n"
	"RIP: 0010:__const_udelay+0x1c/0x40\n"
	"Call Trace:\n"
	" widget_poll+0x10/0x20 [widget]\n"
	" widget_wait+0x19/0x40 [widget]\n"
	" kthread+0x11b/0x140\n"
	" ? __kthread_bind_mask+0x60/0x60\n"
	" ret_from_fork+0x22/0x30\n"
	"Kernel panic - not syncing: softlockup: hung tasks\n"
	"CPU: 1 PID: 431 Comm: my task:x Tainted: G             L    5.10.0-20-amd64 #1 Debian 5.10.158-2\n"
	"Call Trace:\n"
	" <IRQ>\n"
	" dump_stack+0x6b/0x83\n"
	" panic+0x101/0x2d7\n"
	" watchdog_timer_fn.cold+0xc/0x16\n"
	" __hrtimer_run_queues+0x127/0x280\n"
	" hrtimer_interrupt+0x110/0x2c0\n"
	" __sysvec_apic_timer_interrupt+0x5f/0xd0\n"
	" asm_call_irq_on_stack+0xf/0x20\n"
	" </IRQ>\n"
	" sysvec_apic_timer_interrupt+0x72/0x80\n"
	" asm_sysvec_apic_timer_interrupt+0x12/0x20\n"
	"RIP: 0010:__const_udelay+0x1c/0x40\n"
	" widget_poll+0x10/0x20 [widget]\n"
	" widget_wait+0x19/0x40 [widget]\n"
	" kthread+0x11b/0x140\n"
	" ret_from_fork+0x22/0x30\n";

static const char hung_61[] =
	"INFO: task my task:x:77 blocked for more than 120 seconds.\n"
	"      Tainted: G        W  O      6.1.0-9-amd64 #1 Debian 6.1.27-1\n"
	"\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
	"task:my task:x       state:D stack:0     pid:77    ppid:1      flags:0x00004000\n"
	"Call Trace:\n"
	" <TASK>\n"
	" __schedule+0x34d/0xa00\n"
	" schedule+0x5a/0xd0\n"
	" schedule_timeout+0x11a/0x150\n"
	" widget_flush+0x13/0x20 [widget]\n"
	" do_syscall_64+0x5d/0x90\n"
	" </TASK>\n"
	"INFO: task victim:78 blocked for more than 120 seconds.\n"
	"task:victim          state:D stack:0     pid:78    ppid:1      flags:0x00004000\n"
	"Call Trace:\n"
	" <TASK>\n"
	" __schedule+0x34d/0xa00\n"
	" schedule+0x5a/0xd0\n"
	" mutex_lock+0x13/0x20\n"
	" </TASK>\n"
	"Kernel panic - not syncing: hung_task: blocked tasks\n"
	"CPU: 0 PID: 30 Comm: khungtaskd Kdump: loaded Tainted: G        W  O      6.1.0-9-amd64 #1\n"
	"Call Trace:\n"
	" <TASK>\n"
	" dump_stack_lvl+0x44/0x5c\n"
	" panic+0x118/0x2f4\n"
	" watchdog.cold+0xc/0x30\n"
	" kthread+0xd7/0x100\n"
	" </TASK>\n";

static const char sysrq_612[] =
	"sysrq: Trigger a crash\n"
	"Kernel panic - not syncing: sysrq triggered crash\n"
	"CPU: 1 UID: 0 PID: 1 Comm: init Kdump: loaded Not tainted 6.12.1-amd64 #1  Debian 6.12.1-1\n"
	"Call Trace:\n"
	" <TASK>\n"
	" dump_stack_lvl+0x5d/0x80\n"
	" panic+0x118/0x2f4\n"
	" sysrq_handle_crash+0x16/0x20\n"
	" write_sysrq_trigger+0x24/0x40\n"
	" </TASK>\n";

/* 4.9: sysrq was a fault, traces had addresses */
static const char sysrq_49[] =
	"sysrq: SysRq : Trigger a crash\n"
	"BUG: unable to handle kernel NULL pointer dereference at           (null)\n"
	"IP: [<ffffffff8141e6d6>] sysrq_handle_crash+0x16/0x20\n"
	"Oops: 0002 [#1] SMP\n"
	"CPU: 0 PID: 888 Comm: bash Not tainted 4.9.0-8-amd64 #1 Debian 4.9.110-3\n"
	"RIP: 0010:[<ffffffff8141e6d6>]  [<ffffffff8141e6d6>] sysrq_handle_crash+0x16/0x20\n"
	"Call Trace:\n"
	" [<ffffffff8141ee13>] ? __handle_sysrq+0x103/0x150\n"
	" [<ffffffff8141f28f>] ? write_sysrq_trigger+0x2f/0x40\n";

static const char overflow_61[] =
	"BUG: TASK stack guard page was hit at 00000000aa (stack is 00000000bb..00000000cc)\n"
	"stack guard page: 0000 [#1] PREEMPT SMP NOPTI\n"
	"CPU: 0 PID: 119 Comm: sh Kdump: loaded Tainted: G           OE      6.1.0-9-amd64 #1\n"
	"RIP: 0010:ping+0x2c/0x70 [widget]\n"
	"Call Trace:\n"
	" <TASK>\n"
	" pong+0x38/0x70 [widget]\n ? pong+0x1/0x70 [widget]\n ping+0x38/0x70 [widget]\n"
	" pong+0x38/0x70 [widget]\n ping+0x38/0x70 [widget]\n pong+0x38/0x70 [widget]\n"
	" ping+0x38/0x70 [widget]\n pong+0x38/0x70 [widget]\n ping+0x38/0x70 [widget]\n"
	" start_playing+0x207/0x4e0 [widget]\n"
	" </TASK>\n";

/* 6.1, arm64: the report has registers only, the trace is the panic's */
static const char overflow_arm64[] =
	"Insufficient stack space to handle exception!\n"
	"ESR: 0x0000000096000047 -- DABT (current EL)\n"
	"Task stack:     [0xffff80000b070000..0xffff80000b074000]\n"
	"CPU: 1 PID: 133 Comm: sh Kdump: loaded Tainted: G           OE      6.1.0-9-arm64 #1  Debian 6.1.27-1\n"
	"Hardware name: linux,dummy-virt (DT)\n"
	"pstate: 80000005 (Nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n"
	"pc : ping+0x4/0x70 [widget]\n"
	"lr : pong+0x38/0x70 [widget]\n"
	"sp : ffff80000b06fff0\n"
	"Kernel panic - not syncing: kernel stack overflow\n"
	"CPU: 1 PID: 133 Comm: sh Kdump: loaded Tainted: G           OE      6.1.0-9-arm64 #1  Debian 6.1.27-1\n"
	"Call trace:\n"
	" dump_backtrace+0xe4/0x140\n show_stack+0x20/0x30\n dump_stack_lvl+0x64/0x80\n"
	" dump_stack+0x18/0x34\n panic+0x180/0x340\n nmi_panic+0x98/0xa0\n"
	" panic_bad_stack+0x104/0x120\n handle_bad_stack+0x34/0x60\n __bad_stack+0x78/0x7c\n"
	" ping+0x4/0x70 [widget]\n pong+0x38/0x70 [widget]\n ping+0x38/0x70 [widget]\n"
	" pong+0x38/0x70 [widget]\n ping+0x38/0x70 [widget]\n pong+0x38/0x70 [widget]\n"
	" ping+0x38/0x70 [widget]\n pong+0x38/0x70 [widget]\n start_playing+0x107/0x1e0 [widget]\n";

#endif
