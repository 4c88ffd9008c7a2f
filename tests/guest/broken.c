// SPDX-License-Identifier: GPL-2.0
/*
 * A module that does what a broken driver does, when it is told to: for
 * brokenguests.py, which asks that each of these is noticed.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>

static const struct kernel_param *never;

static void wait_for(unsigned int state)
{
	for (;;) {
		set_current_state(state);
		if (state != TASK_UNINTERRUPTIBLE && signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static int broken_set(const char *how, const struct kernel_param *param)
{
	if (sysfs_streq(how, "warn")) {
		WARN(1, "told to warn\n");
	} else if (sysfs_streq(how, "oops")) {
		pr_info("%p\n", READ_ONCE(never)->arg);
	} else if (sysfs_streq(how, "panic")) {
		panic("told to panic");
	} else if (sysfs_streq(how, "hang")) {
		wait_for(TASK_UNINTERRUPTIBLE);
	} else if (sysfs_streq(how, "wait")) {
		wait_for(TASK_INTERRUPTIBLE);
	} else if (sysfs_streq(how, "spin")) {
		for (;;)
			cpu_relax();
	} else if (sysfs_streq(how, "freeze")) {
		local_irq_disable();
		for (;;)
			cpu_relax();
	} else if (sysfs_streq(how, "stay")) {
		__module_get(THIS_MODULE);
	} else {
		return -EINVAL;
	}
	return 0;
}

static const struct kernel_param_ops broken_ops = {
	.set = broken_set,
};

module_param_cb(how, &broken_ops, NULL, 0200);
MODULE_PARM_DESC(how, "what to do now");

static int __init broken_init(void)
{
	if (IS_ENABLED(HANG_AT_START))
		wait_for(TASK_UNINTERRUPTIBLE);
	return IS_ENABLED(REFUSE) ? -ENODEV : 0;
}
module_init(broken_init);

static void __exit broken_exit(void)
{
}
module_exit(broken_exit);

MODULE_DESCRIPTION("Does what a broken driver does");
MODULE_LICENSE("GPL");
