// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO migration by a device feature
 *
 * Generated from spec/vfio-migration-v2.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * What vfio_migration_v2.h must hold: sizes, offsets and
 * values, which the compiler checks, and the answers to requests for a state.
 * To build and run:
 *
 *   gcc -Wall -Wextra -Werror vfio_migration_v2_test.c -o vfio_migration_v2_test
 *   ./vfio_migration_v2_test
 */
#include <stddef.h>
#include <stdio.h>

#include "vfio_migration_v2.h"

#define CHECK_SIZE(type, size)						\
	_Static_assert(sizeof(type) == (size),				\
		       #type " does not have " #size " bytes")
#define CHECK_MEMBER(type, member, offset, size)			\
	_Static_assert(offsetof(type, member) == (offset) &&		\
		       sizeof(((type *)0)->member) == (size),		\
		       #member " of " #type " is not " #size " bytes at offset " #offset)
/* A flexible array has no size. */
#define CHECK_OFFSET(type, member, offset)				\
	_Static_assert(offsetof(type, member) == (offset),		\
		       #member " of " #type " is not at offset " #offset)

CHECK_SIZE(struct vfio_device_feature_migration, 8);
CHECK_MEMBER(struct vfio_device_feature_migration, flags, 0, 8);

CHECK_SIZE(struct vfio_device_feature_mig_state, 8);
CHECK_MEMBER(struct vfio_device_feature_mig_state, device_state, 0, 4);
CHECK_MEMBER(struct vfio_device_feature_mig_state, data_fd, 4, 4);

CHECK_SIZE(struct vfio_precopy_info, 24);
CHECK_MEMBER(struct vfio_precopy_info, argsz, 0, 4);
CHECK_MEMBER(struct vfio_precopy_info, flags, 4, 4);
CHECK_MEMBER(struct vfio_precopy_info, initial_bytes, 8, 8);
CHECK_MEMBER(struct vfio_precopy_info, dirty_bytes, 16, 8);

#define CHECK_VALUE(name, value)					\
	_Static_assert((name) == (value), #name " is not " #value)

CHECK_VALUE(VFIO_DEVICE_FEATURE_MIGRATION, 1);
CHECK_VALUE(VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, 2);
CHECK_VALUE(VFIO_MIGRATION_STOP_COPY, 1);
CHECK_VALUE(VFIO_MIGRATION_P2P, 2);
CHECK_VALUE(VFIO_MIGRATION_PRE_COPY, 4);
CHECK_VALUE(VFIO_DEVICE_STATE_ERROR, 0);
CHECK_VALUE(VFIO_DEVICE_STATE_STOP, 1);
CHECK_VALUE(VFIO_DEVICE_STATE_RUNNING, 2);
CHECK_VALUE(VFIO_DEVICE_STATE_STOP_COPY, 3);
CHECK_VALUE(VFIO_DEVICE_STATE_RESUMING, 4);
CHECK_VALUE(VFIO_DEVICE_STATE_RUNNING_P2P, 5);
CHECK_VALUE(VFIO_DEVICE_STATE_PRE_COPY, 6);
CHECK_VALUE(VFIO_DEVICE_STATE_PRE_COPY_P2P, 7);

#define CHECK_IOCTL(name, direction, type, number, size)		\
	_Static_assert((name) == _IOC(direction, type, number, size),	\
		       #name " is not the number of its parts")

CHECK_IOCTL(VFIO_MIG_GET_PRECOPY_INFO, _IOC_NONE, 0x3b, 121, 0);

/* What a request gets that does not lead to a state: refused, or not specified. */
enum {
	NO = -1,
	OPEN = -2,
};

#define MOST_STATES 8

struct test_state {
	const char *name;
	__u64 value;
	int error;
};

struct test_arc {
	int from;
	int to;
};

struct test_machine {
	const struct test_state *states;
	int count;
	/* next[from * count + to]: the state after one step, or NO or OPEN */
	const short *next;
	const struct test_arc *arcs;
	int arc_count;
	/* the bits of a value that count, and those of all states together */
	__u64 known;
	__u64 mask;
	/* NO or OPEN where a request for the current state gets that */
	int same;
	int initial;
	/* how many states can be reached from the initial one */
	int reached;
};

static const struct test_state states_of_vfio_device_mig_state[] = {
	{ "ERROR", VFIO_DEVICE_STATE_ERROR, 1 },
	{ "STOP", VFIO_DEVICE_STATE_STOP, 0 },
	{ "RUNNING", VFIO_DEVICE_STATE_RUNNING, 0 },
	{ "STOP_COPY", VFIO_DEVICE_STATE_STOP_COPY, 0 },
	{ "RESUMING", VFIO_DEVICE_STATE_RESUMING, 0 },
	{ "RUNNING_P2P", VFIO_DEVICE_STATE_RUNNING_P2P, 0 },
	{ "PRE_COPY", VFIO_DEVICE_STATE_PRE_COPY, 0 },
	{ "PRE_COPY_P2P", VFIO_DEVICE_STATE_PRE_COPY_P2P, 0 },
};

static const short next_of_vfio_device_mig_state[] = {
	/* from ERROR */
	NO, NO, NO, NO, NO, NO, NO, NO,
	/* from STOP */
	NO, 1, 5, 3, 4, 5, 5, 5,
	/* from RUNNING */
	NO, 5, 2, 5, 5, 5, 6, 5,
	/* from STOP_COPY */
	NO, 1, 1, 3, 1, 1, NO, NO,
	/* from RESUMING */
	NO, 1, 1, 1, 4, 1, 1, 1,
	/* from RUNNING_P2P */
	NO, 1, 2, 1, 1, 5, 2, 7,
	/* from PRE_COPY */
	NO, 2, 2, 7, 2, 2, 6, 7,
	/* from PRE_COPY_P2P */
	NO, 5, 5, 3, 5, 5, 6, 7,
};

static const struct test_arc arcs_of_vfio_device_mig_state[] = {
	{ 1, 3 }, /* STOP -> STOP_COPY */
	{ 1, 4 }, /* STOP -> RESUMING */
	{ 1, 5 }, /* STOP -> RUNNING_P2P */
	{ 3, 1 }, /* STOP_COPY -> STOP */
	{ 4, 1 }, /* RESUMING -> STOP */
	{ 2, 5 }, /* RUNNING -> RUNNING_P2P */
	{ 2, 6 }, /* RUNNING -> PRE_COPY */
	{ 5, 2 }, /* RUNNING_P2P -> RUNNING */
	{ 5, 1 }, /* RUNNING_P2P -> STOP */
	{ 5, 7 }, /* RUNNING_P2P -> PRE_COPY_P2P */
	{ 6, 2 }, /* PRE_COPY -> RUNNING */
	{ 6, 7 }, /* PRE_COPY -> PRE_COPY_P2P */
	{ 7, 6 }, /* PRE_COPY_P2P -> PRE_COPY */
	{ 7, 5 }, /* PRE_COPY_P2P -> RUNNING_P2P */
	{ 7, 3 }, /* PRE_COPY_P2P -> STOP_COPY */
};

static const struct test_machine machine_vfio_device_mig_state = {
	.states = states_of_vfio_device_mig_state,
	.count = 8,
	.next = next_of_vfio_device_mig_state,
	.arcs = arcs_of_vfio_device_mig_state,
	.arc_count = 15,
	.known = ~0ULL,
	.initial = 2,
	.reached = 7,
};

static int next(const struct test_machine *m, int from, int to)
{
	return m->next[from * m->count + to];
}

/* The index of the state that a value is, NO where it is none. */
static int find(const struct test_machine *m, __u64 value)
{
	int i;

	for (i = 0; i < m->count; i++)
		if (m->states[i].value == (value & m->known))
			return i;
	return NO;
}

/* What a request gets, by the values of the current and the requested state. */
static int answer(const struct test_machine *m, __u64 current, __u64 requested)
{
	int from = find(m, current);
	int to = find(m, requested);

	return from < 0 || to < 0 ? NO : next(m, from, to);
}

static int is_arc(const struct test_machine *m, int from, int to)
{
	int i;

	for (i = 0; i < m->arc_count; i++)
		if (m->arcs[i].from == from && m->arcs[i].to == to)
			return 1;
	return 0;
}

/* Say where a check fails. */
static int fails(const struct test_machine *m, int from, int to)
{
	printf("# from %s to %s:\n", m->states[from].name, m->states[to].name);
	return 0;
}

static int check_values(const struct test_machine *m)
{
	int i;

	for (i = 0; i < m->count; i++)
		if (find(m, m->states[i].value) != i)
			return fails(m, i, i);
	return 1;
}

static int check_arcs(const struct test_machine *m)
{
	int i;

	for (i = 0; i < m->arc_count; i++)
		if (next(m, m->arcs[i].from, m->arcs[i].to) != m->arcs[i].to)
			return fails(m, m->arcs[i].from, m->arcs[i].to);
	return 1;
}

static int check_same(const struct test_machine *m)
{
	int i;

	for (i = 0; i < m->count; i++) {
		int expected = m->same < 0 ? m->same : i;

		if (!m->states[i].error && next(m, i, i) != expected)
			return fails(m, i, i);
	}
	return 1;
}

/* Whether a request, repeated, leads from state to state over arcs and ends. */
static int arrives(const struct test_machine *m, int from, int to)
{
	int steps;

	for (steps = 0; from != to && steps < m->count; steps++) {
		int after = next(m, from, to);

		if (after < 0 || !is_arc(m, from, after))
			return 0;
		from = after;
	}
	return from == to;
}

static int check_paths(const struct test_machine *m)
{
	int from, to;

	for (from = 0; from < m->count; from++)
		for (to = 0; to < m->count; to++)
			if (next(m, from, to) >= 0 && !arrives(m, from, to))
				return fails(m, from, to);
	return 1;
}

static int check_reached(const struct test_machine *m)
{
	unsigned char reached[MOST_STATES] = { 0 };
	int round, from, to;
	int count = 0;

	reached[m->initial] = 1;
	for (round = 0; round < m->count; round++)
		for (from = 0; from < m->count; from++)
			for (to = 0; to < m->count; to++)
				if (reached[from] && next(m, from, to) >= 0)
					reached[to] = 1;
	for (to = 0; to < m->count; to++)
		count += reached[to];
	return count == m->reached;
}

static int check_errors(const struct test_machine *m)
{
	int from, to;

	for (from = 0; from < m->count; from++)
		for (to = 0; to < m->count; to++)
			if (m->states[to].error && next(m, from, to) != NO)
				return fails(m, from, to);
	return 1;
}

static int is_state(const struct test_machine *m, __u64 value)
{
	int i;

	for (i = 0; i < m->count; i++)
		if (m->states[i].value == value)
			return 1;
	return 0;
}

static int check_unknown(const struct test_machine *m)
{
	int i, bit;

	for (i = 0; i < m->count; i++) {
		for (bit = 0; bit < 64; bit++) {
			__u64 state = m->states[i].value;
			__u64 other = state ^ 1ULL << bit;

			if (is_state(m, other))
				continue;
			if (answer(m, state, other) != NO || answer(m, other, state) != NO)
				return fails(m, i, i);
		}
	}
	return 1;
}

static int tests;
static int failures;

static void report(int passed, const char *what)
{
	tests++;
	failures += !passed;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, what);
}

int main(void)
{
	printf("TAP version 13\n1..8\n");
	report(1, "the compiler checked layout and values");
	report(check_values(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: no two states have the same value");
	report(check_arcs(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: every arc is one step");
	report(check_same(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: a request for the current state is accepted and changes nothing");
	report(check_paths(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: every accepted request arrives, over arcs only");
	report(check_reached(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: 7 of 8 states are reached from RUNNING");
	report(check_errors(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: an error state cannot be requested");
	report(check_unknown(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: a value that is no state is refused");
	return failures != 0;
}
