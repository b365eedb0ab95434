# SPDX-License-Identifier: GPL-2.0-or-later
# what gdb has to say of a dump: version, tasks, backtraces; readers.sh runs it
set pagination off
set print elements 0
printf "%s", linux_banner
set $offset = (unsigned long)&((struct task_struct *)0)->tasks
set $task = &init_task
set $n = 0
while $n == 0 || ($task != &init_task && $n < 100000)
  printf "pid %d %s state %d\n", $task->pid, $task->comm, $task->__state
  set $task = (struct task_struct *)((char *)$task->tasks.next - $offset)
  set $n = $n + 1
end
thread apply all backtrace 8
printf "end\n"
