// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO migration by a region
 *
 * Generated from spec/vfio-migration-v1.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * What vfio_migration_v1.h must hold: sizes, offsets and
 * values, which the compiler checks, and the answers to requests for a state.
 * To build and run:
 *
 *   gcc -Wall -Wextra -Werror vfio_migration_v1_test.c -o vfio_migration_v1_test
 *   ./vfio_migration_v1_test
 */
#include <stddef.h>
#include <stdio.h>

#include "vfio_migration_v1.h"

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

CHECK_SIZE(struct vfio_device_migration_info, 32);
CHECK_MEMBER(struct vfio_device_migration_info, device_state, 0, 4);
CHECK_MEMBER(struct vfio_device_migration_info, reserved, 4, 4);
CHECK_MEMBER(struct vfio_device_migration_info, pending_bytes, 8, 8);
CHECK_MEMBER(struct vfio_device_migration_info, data_offset, 16, 8);
CHECK_MEMBER(struct vfio_device_migration_info, data_size, 24, 8);

#define CHECK_VALUE(name, value)					\
	_Static_assert((name) == (value), #name " is not " #value)

CHECK_VALUE(VFIO_REGION_TYPE_MIGRATION_DEPRECATED, 3);
CHECK_VALUE(VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED, 1);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_RUNNING, 1);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_SAVING, 2);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_RESUMING, 4);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_STOP, 0);
CHECK_VALUE(VFIO_DEVICE_STATE_MASK, 7);

/* What a request gets that does not lead to a state: refused, or not specified. */
enum {
	NO = -1,
	OPEN = -2,
};

#define MOST_STATES 6

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

static const struct test_state states_of_device_state[] = {
	{ "STOP", VFIO_DEVICE_STATE_V1_STOP, 0 },
	{ "RUNNING", VFIO_DEVICE_STATE_V1_RUNNING, 0 },
	{ "STOP_AND_COPY", VFIO_DEVICE_STATE_V1_SAVING, 0 },
	{ "PRE_COPY", VFIO_DEVICE_STATE_V1_RUNNING | VFIO_DEVICE_STATE_V1_SAVING, 0 },
	{ "RESUMING", VFIO_DEVICE_STATE_V1_RESUMING, 0 },
	{ "ERROR", VFIO_DEVICE_STATE_V1_SAVING | VFIO_DEVICE_STATE_V1_RESUMING, 1 },
};

static const short next_of_device_state[] = {
	/* from STOP */
	0, OPEN, OPEN, OPEN, OPEN, NO,
	/* from RUNNING */
	0, 1, 2, 3, 4, NO,
	/* from STOP_AND_COPY */
	0, OPEN, 2, OPEN, OPEN, NO,
	/* from PRE_COPY */
	OPEN, OPEN, 2, 3, OPEN, NO,
	/* from RESUMING */
	OPEN, 1, OPEN, OPEN, 4, NO,
	/* from ERROR */
	OPEN, OPEN, OPEN, OPEN, OPEN, NO,
};

static const struct test_arc arcs_of_device_state[] = {
	{ 1, 0 }, /* RUNNING -> STOP */
	{ 1, 2 }, /* RUNNING -> STOP_AND_COPY */
	{ 2, 0 }, /* STOP_AND_COPY -> STOP */
	{ 1, 3 }, /* RUNNING -> PRE_COPY */
	{ 3, 2 }, /* PRE_COPY -> STOP_AND_COPY */
	{ 1, 4 }, /* RUNNING -> RESUMING */
	{ 4, 1 }, /* RESUMING -> RUNNING */
};

static const struct test_machine machine_device_state = {
	.states = states_of_device_state,
	.count = 6,
	.next = next_of_device_state,
	.arcs = arcs_of_device_state,
	.arc_count = 7,
	.known = VFIO_DEVICE_STATE_V1_RUNNING | VFIO_DEVICE_STATE_V1_SAVING | VFIO_DEVICE_STATE_V1_RESUMING,
	.mask = VFIO_DEVICE_STATE_MASK,
	.initial = 1,
	.reached = 5,
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

static int check_mask(const struct test_machine *m)
{
	__u64 bits = 0;
	int i;

	for (i = 0; i < m->count; i++)
		bits |= m->states[i].value;
	return bits == m->mask;
}

static int check_preserved(const struct test_machine *m)
{
	int from, to;

	for (from = 0; from < m->count; from++)
		for (to = 0; to < m->count; to++)
			if (answer(m, m->states[from].value | ~m->mask,
				   m->states[to].value | ~m->mask) != next(m, from, to))
				return fails(m, from, to);
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
	printf("TAP version 13\n1..9\n");
	report(1, "the compiler checked layout and values");
	report(check_values(&machine_device_state),
	       "device_state: no two states have the same value");
	report(check_arcs(&machine_device_state),
	       "device_state: every arc is one step");
	report(check_same(&machine_device_state),
	       "device_state: a request for the current state is accepted and changes nothing");
	report(check_paths(&machine_device_state),
	       "device_state: every accepted request arrives, over arcs only");
	report(check_reached(&machine_device_state),
	       "device_state: 5 of 6 states are reached from RUNNING");
	report(check_errors(&machine_device_state),
	       "device_state: an error state cannot be requested");
	report(check_mask(&machine_device_state),
	       "device_state: VFIO_DEVICE_STATE_MASK has the bits of every state and no other");
	report(check_preserved(&machine_device_state),
	       "device_state: bits that are no state's do not change the answer");
	return failures != 0;
}
