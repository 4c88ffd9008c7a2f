// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO device state interface
 *
 * Generated from spec/vfio-device-state.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * What vfio_device_state.h must hold: sizes, offsets and
 * values, which the compiler checks, and the answers to requests for a state.
 * To build and run:
 *
 *   gcc -Wall -Wextra -Werror vfio_device_state_test.c -o vfio_device_state_test
 *   ./vfio_device_state_test
 */
#include <stddef.h>
#include <stdio.h>

#include "vfio_device_state.h"

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

CHECK_SIZE(struct vfio_device_state_ctl, 72);
CHECK_MEMBER(struct vfio_device_state_ctl, version, 0, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, device_state, 4, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, caps, 8, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, reserved, 12, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, device_config, 16, 16);
CHECK_MEMBER(struct vfio_device_state_ctl, device_config.action, 16, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, device_config.reserved, 20, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, device_config.size, 24, 8);
CHECK_MEMBER(struct vfio_device_state_ctl, device_memory, 32, 24);
CHECK_MEMBER(struct vfio_device_state_ctl, device_memory.action, 32, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, device_memory.reserved, 36, 4);
CHECK_MEMBER(struct vfio_device_state_ctl, device_memory.size, 40, 8);
CHECK_MEMBER(struct vfio_device_state_ctl, device_memory.pos, 48, 8);
CHECK_MEMBER(struct vfio_device_state_ctl, system_memory, 56, 16);
CHECK_MEMBER(struct vfio_device_state_ctl, system_memory.start_addr, 56, 8);
CHECK_MEMBER(struct vfio_device_state_ctl, system_memory.page_nr, 64, 8);

#define CHECK_VALUE(name, value)					\
	_Static_assert((name) == (value), #name " is not " #value)

CHECK_VALUE(VFIO_DEVICE_STATE_INTERFACE_VERSION, 1);
CHECK_VALUE(VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY, 1);
CHECK_VALUE(VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY, 2);
CHECK_VALUE(VFIO_DEVICE_DATA_ACTION_GET_BUFFER, 1);
CHECK_VALUE(VFIO_DEVICE_DATA_ACTION_SET_BUFFER, 2);
CHECK_VALUE(VFIO_REGION_TYPE_DEVICE_STATE, 4);
CHECK_VALUE(VFIO_REGION_SUBTYPE_DEVICE_STATE_CTL, 1);
CHECK_VALUE(VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_CONFIG, 2);
CHECK_VALUE(VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_MEMORY, 3);
CHECK_VALUE(VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP, 4);
CHECK_VALUE(VFIO_DEVICE_STATE_CTL_RUNNING, 0);
CHECK_VALUE(VFIO_DEVICE_STATE_CTL_STOPPED, 1);
CHECK_VALUE(VFIO_DEVICE_STATE_CTL_LOGGING, 2);
CHECK_VALUE(VFIO_DEVICE_STATE_CTL_MASK, 3);

/* What a request gets that does not lead to a state: refused, or not specified. */
enum {
	NO = -1,
	OPEN = -2,
};

#define MOST_STATES 4

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
	{ "RUNNING", VFIO_DEVICE_STATE_CTL_RUNNING, 0 },
	{ "RUNNING+LOGGING", VFIO_DEVICE_STATE_CTL_RUNNING | VFIO_DEVICE_STATE_CTL_LOGGING, 0 },
	{ "STOPPED", VFIO_DEVICE_STATE_CTL_STOPPED, 0 },
	{ "STOPPED+LOGGING", VFIO_DEVICE_STATE_CTL_STOPPED | VFIO_DEVICE_STATE_CTL_LOGGING, 0 },
};

static const short next_of_device_state[] = {
	/* from RUNNING */
	0, 1, 2, 3,
	/* from RUNNING+LOGGING */
	0, 1, 2, 3,
	/* from STOPPED */
	0, 1, 2, 3,
	/* from STOPPED+LOGGING */
	0, 1, 2, 3,
};

static const struct test_arc arcs_of_device_state[] = {
	{ 0, 1 }, /* RUNNING -> RUNNING+LOGGING */
	{ 0, 2 }, /* RUNNING -> STOPPED */
	{ 0, 3 }, /* RUNNING -> STOPPED+LOGGING */
	{ 1, 0 }, /* RUNNING+LOGGING -> RUNNING */
	{ 1, 3 }, /* RUNNING+LOGGING -> STOPPED+LOGGING */
	{ 1, 2 }, /* RUNNING+LOGGING -> STOPPED */
	{ 2, 0 }, /* STOPPED -> RUNNING */
	{ 2, 3 }, /* STOPPED -> STOPPED+LOGGING */
	{ 2, 1 }, /* STOPPED -> RUNNING+LOGGING */
	{ 3, 2 }, /* STOPPED+LOGGING -> STOPPED */
	{ 3, 1 }, /* STOPPED+LOGGING -> RUNNING+LOGGING */
	{ 3, 0 }, /* STOPPED+LOGGING -> RUNNING */
};

static const struct test_machine machine_device_state = {
	.states = states_of_device_state,
	.count = 4,
	.next = next_of_device_state,
	.arcs = arcs_of_device_state,
	.arc_count = 12,
	.known = ~0ULL,
	.mask = VFIO_DEVICE_STATE_CTL_MASK,
	.initial = 0,
	.reached = 4,
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

static int check_mask(const struct test_machine *m)
{
	__u64 bits = 0;
	int i;

	for (i = 0; i < m->count; i++)
		bits |= m->states[i].value;
	return bits == m->mask;
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
	report(check_values(&machine_device_state),
	       "device_state: no two states have the same value");
	report(check_arcs(&machine_device_state),
	       "device_state: every arc is one step");
	report(check_same(&machine_device_state),
	       "device_state: a request for the current state is accepted and changes nothing");
	report(check_paths(&machine_device_state),
	       "device_state: every accepted request arrives, over arcs only");
	report(check_reached(&machine_device_state),
	       "device_state: 4 of 4 states are reached from RUNNING");
	report(check_mask(&machine_device_state),
	       "device_state: VFIO_DEVICE_STATE_CTL_MASK has the bits of every state and no other");
	report(check_unknown(&machine_device_state),
	       "device_state: a value that is no state is refused");
	return failures != 0;
}
