/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VFIO migration by a device feature
 *
 * Generated from spec/vfio-migration-v2.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * For drivers, and for programs that want the same answers: no part of the
 * uAPI. Functions look into constant tables, and end whatever they are given.
 *
 * The declarations come from linux/vfio.h in the kernel, elsewhere from
 * vfio_migration_v2.h. A program that has them from an installed linux/vfio.h
 * defines VFIO_MIGRATION_V2_INSTALLED before it includes this header, which
 * then takes them from there, too.
 */
#ifndef _VFIO_MIGRATION_V2_DRIVER_H
#define _VFIO_MIGRATION_V2_DRIVER_H

#include <linux/errno.h>
#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/vfio.h>
#else
#ifdef VFIO_MIGRATION_V2_INSTALLED
#include <linux/vfio.h>
#else
#include "vfio_migration_v2.h"
#endif
#endif

/* The index of a state in the tables below, -1 of a number that is none. */
static inline int vfio_migration_v2_index(__u32 state)
{
	switch (state) {
	case VFIO_DEVICE_STATE_ERROR:
		return 0;
	case VFIO_DEVICE_STATE_STOP:
		return 1;
	case VFIO_DEVICE_STATE_RUNNING:
		return 2;
	case VFIO_DEVICE_STATE_STOP_COPY:
		return 3;
	case VFIO_DEVICE_STATE_RESUMING:
		return 4;
	case VFIO_DEVICE_STATE_RUNNING_P2P:
		return 5;
	case VFIO_DEVICE_STATE_PRE_COPY:
		return 6;
	case VFIO_DEVICE_STATE_PRE_COPY_P2P:
		return 7;
	default:
		return -1;
	}
}

/* The index of the table for features, -1 where every request is refused. */
static inline int vfio_migration_v2_table(__u64 features)
{
	switch (features & (VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
			    VFIO_MIGRATION_PRE_COPY)) {
	case VFIO_MIGRATION_STOP_COPY:
		return 0;
	case VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P:
		return 1;
	case VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_PRE_COPY:
		return 2;
	case (VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
	      VFIO_MIGRATION_PRE_COPY):
		return 3;
	default:
		return -1;
	}
}

/**
 * vfio_migration_v2_has_state() - whether a device has a state
 * @features: the VFIO_MIGRATION_* flags of the device; what no state needs is
 *   ignored
 * @state: the number of the state
 *
 * Return: 1 for a state that a device with these features has, else 0.
 */
static inline int vfio_migration_v2_has_state(__u64 features, __u32 state)
{
	switch (state) {
	case VFIO_DEVICE_STATE_ERROR:
		return 1;
	case VFIO_DEVICE_STATE_STOP:
	case VFIO_DEVICE_STATE_RUNNING:
	case VFIO_DEVICE_STATE_STOP_COPY:
	case VFIO_DEVICE_STATE_RESUMING:
		return !(~features & VFIO_MIGRATION_STOP_COPY);
	case VFIO_DEVICE_STATE_RUNNING_P2P:
		return !(~features & (VFIO_MIGRATION_STOP_COPY |
				      VFIO_MIGRATION_P2P));
	case VFIO_DEVICE_STATE_PRE_COPY:
		return !(~features & (VFIO_MIGRATION_STOP_COPY |
				      VFIO_MIGRATION_PRE_COPY));
	case VFIO_DEVICE_STATE_PRE_COPY_P2P:
		return !(~features & (VFIO_MIGRATION_STOP_COPY |
				      VFIO_MIGRATION_P2P |
				      VFIO_MIGRATION_PRE_COPY));
	default:
		return 0;
	}
}

/**
 * vfio_migration_v2_is_error_state() - whether a state is an error state
 * @state: the number of the state
 *
 * The driver enters it when something goes wrong; it cannot be requested.
 *
 * Return: 1 for an error state, else 0.
 */
static inline int vfio_migration_v2_is_error_state(__u32 state)
{
	switch (state) {
	case VFIO_DEVICE_STATE_ERROR:
		return 1;
	default:
		return 0;
	}
}

/*
 * What a device does in one step where it lacks the states between:
 *
 * With STOP_COPY:
 *   STOP -> RUNNING: start without reaching others, then reach others again
 *   RUNNING -> STOP: stop reaching others, then stop
 *
 * With STOP_COPY, PRE_COPY:
 *   STOP -> RUNNING: start without reaching others, then reach others again
 *   RUNNING -> STOP: stop reaching others, then stop
 *   PRE_COPY -> STOP_COPY: stop reaching others, then stop and save the rest
 */

/**
 * vfio_migration_v2_next_state() - one step towards a requested state
 * @features: the VFIO_MIGRATION_* flags of the device; what no state needs is
 *   ignored
 * @state: the state that the device is in
 * @requested: the state that is asked for
 * @next: where the state after the step is stored; not NULL
 *
 * A driver that was asked for a state takes one step after the other, and calls
 * this again, until it is in the state: after 4 steps at most.
 *
 * Return: 0 where the request is accepted, -EINVAL where it is refused. Only
 * where it is accepted is anything stored.
 */
static inline int vfio_migration_v2_next_state(__u64 features, __u32 state,
					       __u32 requested, __u32 *next)
{
	/* The states by their index. */
	static const __u32 states[] = {
		VFIO_DEVICE_STATE_ERROR,
		VFIO_DEVICE_STATE_STOP,
		VFIO_DEVICE_STATE_RUNNING,
		VFIO_DEVICE_STATE_STOP_COPY,
		VFIO_DEVICE_STATE_RESUMING,
		VFIO_DEVICE_STATE_RUNNING_P2P,
		VFIO_DEVICE_STATE_PRE_COPY,
		VFIO_DEVICE_STATE_PRE_COPY_P2P,
	};
	/*
	 * The index of the state after one step: a row for each state that the
	 * device is in, in it a column for each state that is asked for, both
	 * by their index. -1 is refused.
	 */
	static const __s8 steps[4][8][8] = {
		/* STOP_COPY */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  1,  2,  3,  4, -1, -1, -1 }, /* 1 STOP */
			{ -1,  1,  2,  1,  1, -1, -1, -1 }, /* 2 RUNNING */
			{ -1,  1,  1,  3,  1, -1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  1,  1,  1,  4, -1, -1, -1 }, /* 4 RESUMING */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 5 RUNNING_P2P */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 6 PRE_COPY */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 7 PRE_COPY_P2P */
		},
		/* STOP_COPY, P2P */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  1,  5,  3,  4,  5, -1, -1 }, /* 1 STOP */
			{ -1,  5,  2,  5,  5,  5, -1, -1 }, /* 2 RUNNING */
			{ -1,  1,  1,  3,  1,  1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  1,  1,  1,  4,  1, -1, -1 }, /* 4 RESUMING */
			{ -1,  1,  2,  1,  1,  5, -1, -1 }, /* 5 RUNNING_P2P */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 6 PRE_COPY */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 7 PRE_COPY_P2P */
		},
		/* STOP_COPY, PRE_COPY */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  1,  2,  3,  4, -1,  2, -1 }, /* 1 STOP */
			{ -1,  1,  2,  1,  1, -1,  6, -1 }, /* 2 RUNNING */
			{ -1,  1,  1,  3,  1, -1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  1,  1,  1,  4, -1,  1, -1 }, /* 4 RESUMING */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 5 RUNNING_P2P */
			{ -1,  2,  2,  3,  2, -1,  6, -1 }, /* 6 PRE_COPY */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 7 PRE_COPY_P2P */
		},
		/* STOP_COPY, P2P, PRE_COPY */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  1,  5,  3,  4,  5,  5,  5 }, /* 1 STOP */
			{ -1,  5,  2,  5,  5,  5,  6,  5 }, /* 2 RUNNING */
			{ -1,  1,  1,  3,  1,  1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  1,  1,  1,  4,  1,  1,  1 }, /* 4 RESUMING */
			{ -1,  1,  2,  1,  1,  5,  2,  7 }, /* 5 RUNNING_P2P */
			{ -1,  2,  2,  7,  2,  2,  6,  7 }, /* 6 PRE_COPY */
			{ -1,  5,  5,  3,  5,  5,  6,  7 }, /* 7 PRE_COPY_P2P */
		},
	};
	int table, from, to, step;

	table = vfio_migration_v2_table(features);
	from = vfio_migration_v2_index(state);
	to = vfio_migration_v2_index(requested);
	if (table < 0 || from < 0 || to < 0)
		return -EINVAL;
	step = steps[table][from][to];
	if (step < 0)
		return -EINVAL;
	*next = states[step];
	return 0;
}

/**
 * vfio_migration_v2_check_request() - what becomes of a request for a state
 * @features: the VFIO_MIGRATION_* flags of the device; what no state needs is
 *   ignored
 * @state: the state that the device is in
 * @requested: the state that is asked for
 *
 * Return: 0 where the request is accepted, -EINVAL where it is refused.
 */
static inline int vfio_migration_v2_check_request(__u64 features, __u32 state,
						  __u32 requested)
{
	__u32 next;

	return vfio_migration_v2_next_state(features, state, requested, &next);
}

/**
 * enum vfio_migration_v2_stream - what a step does to the data stream
 * @VFIO_MIGRATION_V2_STREAM_OPENS: it opens a stream, whose file descriptor
 *   user space is to get
 * @VFIO_MIGRATION_V2_STREAM_CLOSES: it closes the stream that was open
 * @VFIO_MIGRATION_V2_STREAM_CONTINUES: the stream that was open goes on
 */
enum vfio_migration_v2_stream {
	VFIO_MIGRATION_V2_STREAM_OPENS = 1,
	VFIO_MIGRATION_V2_STREAM_CLOSES = 2,
	VFIO_MIGRATION_V2_STREAM_CONTINUES = 4,
};

/**
 * vfio_migration_v2_step_stream() - what a step does to the data stream
 * @features: the VFIO_MIGRATION_* flags of the device; what no state needs is
 *   ignored
 * @state: the state before the step
 * @next: the state after it, as vfio_migration_v2_next_state() gives it
 *
 * What it gives are flags of enum vfio_migration_v2_stream. A step that stands
 * for several transitions has the flags of all of them; where it closes a
 * stream and opens one, it does so in this order.
 *
 * Return: the flags, 0 where the stream is left as it is, -EINVAL where the
 * device takes no such step.
 */
static inline int vfio_migration_v2_step_stream(__u64 features, __u32 state,
						__u32 next)
{
	/*
	 * The flags: a row for each state, in it a column for each next one,
	 * both by their index. -1 is no step.
	 */
	static const __s8 streams[4][8][8] = {
		/* STOP_COPY */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  0,  0,  1,  1, -1, -1, -1 }, /* 1 STOP */
			{ -1,  0,  0, -1, -1, -1, -1, -1 }, /* 2 RUNNING */
			{ -1,  2, -1,  0, -1, -1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  2, -1, -1,  0, -1, -1, -1 }, /* 4 RESUMING */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 5 RUNNING_P2P */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 6 PRE_COPY */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 7 PRE_COPY_P2P */
		},
		/* STOP_COPY, P2P */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  0, -1,  1,  1,  0, -1, -1 }, /* 1 STOP */
			{ -1, -1,  0, -1, -1,  0, -1, -1 }, /* 2 RUNNING */
			{ -1,  2, -1,  0, -1, -1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  2, -1, -1,  0, -1, -1, -1 }, /* 4 RESUMING */
			{ -1,  0,  0, -1, -1,  0, -1, -1 }, /* 5 RUNNING_P2P */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 6 PRE_COPY */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 7 PRE_COPY_P2P */
		},
		/* STOP_COPY, PRE_COPY */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  0,  0,  1,  1, -1, -1, -1 }, /* 1 STOP */
			{ -1,  0,  0, -1, -1, -1,  1, -1 }, /* 2 RUNNING */
			{ -1,  2, -1,  0, -1, -1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  2, -1, -1,  0, -1, -1, -1 }, /* 4 RESUMING */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 5 RUNNING_P2P */
			{ -1, -1,  2,  4, -1, -1,  0, -1 }, /* 6 PRE_COPY */
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 7 PRE_COPY_P2P */
		},
		/* STOP_COPY, P2P, PRE_COPY */
		{
			{ -1, -1, -1, -1, -1, -1, -1, -1 }, /* 0 ERROR */
			{ -1,  0, -1,  1,  1,  0, -1, -1 }, /* 1 STOP */
			{ -1, -1,  0, -1, -1,  0,  1, -1 }, /* 2 RUNNING */
			{ -1,  2, -1,  0, -1, -1, -1, -1 }, /* 3 STOP_COPY */
			{ -1,  2, -1, -1,  0, -1, -1, -1 }, /* 4 RESUMING */
			{ -1,  0,  0, -1, -1,  0, -1,  1 }, /* 5 RUNNING_P2P */
			{ -1, -1,  2, -1, -1, -1,  0,  0 }, /* 6 PRE_COPY */
			{ -1, -1, -1,  4, -1,  2,  0,  0 }, /* 7 PRE_COPY_P2P */
		},
	};
	int table, from, to, stream;

	table = vfio_migration_v2_table(features);
	from = vfio_migration_v2_index(state);
	to = vfio_migration_v2_index(next);
	if (table < 0 || from < 0 || to < 0)
		return -EINVAL;
	stream = streams[table][from][to];
	return stream < 0 ? -EINVAL : stream;
}

#endif /* _VFIO_MIGRATION_V2_DRIVER_H */
