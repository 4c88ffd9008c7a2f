// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO device state interface
 *
 * Generated from spec/vfio-device-state.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * What vfio_device_state.h must hold: sizes, offsets and
 * values, which the compiler checks.
 * What vfio_device_state_driver.h must hold: the answers to requests for states
 * and accesses to regions.
 * To build and run:
 *
 *   gcc -Wall -Wextra -Werror vfio_device_state_test.c -o vfio_device_state_test
 *   ./vfio_device_state_test
 */
#include <stddef.h>
#include <stdio.h>

#include "vfio_device_state.h"
#include "vfio_device_state_driver.h"

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

/* What is in a variable that no function has written to, and what no answer is. */
#define UNTOUCHED 0x25a5a5a5
#define NONSENSE (-99999)

struct test_state {
	const char *name;
	__u64 value;
	/* the features without which it is not there */
	__u64 needs;
	int error;
};

/* An arc; is_step: the first step towards its end. */
struct test_arc {
	int from;
	int to;
	int is_step;
};

/* A set of features, and how many requests get what with it. */
struct test_set {
	__u64 features;
	int accepted;
	int open;
};

struct test_machine {
	int (*next)(__u64 features, __u64 state, __u64 requested, __u64 *next);
	int (*check)(__u64 features, __u64 state, __u64 requested);
	int (*has_state)(__u64 features, __u64 state);
	/* NULL where there is no error state */
	int (*is_error)(__u64 state);
	const struct test_state *states;
	int count;
	const struct test_set *sets;
	int set_count;
	const struct test_arc *arcs;
	int arc_count;
	const struct test_arc *blocked;
	int blocked_count;
	/* all features that states need */
	__u64 features;
	/* how many bits a state has; which are kept as written; which states are made of */
	int bits;
	__u64 kept;
	__u64 mask;
	/* the errors of what is refused and, where there is that, of what is left open */
	int refused;
	int open;
	/* the error of a request for the current state, 0 where it is accepted */
	int same;
	/* whether states that a device lacks are stepped over */
	int over;
};

static int next_of_device_state(__u64 features, __u64 state, __u64 requested, __u64 *next)
{
	__u32 after = *next;
	int ret = vfio_device_state_next_state(state, requested, &after);

	(void)features;
	*next = (__u32)after;
	return ret;
}

static int check_of_device_state(__u64 features, __u64 state, __u64 requested)
{
	(void)features;
	return vfio_device_state_check_request(state, requested);
}

static int state_of_device_state(__u64 features, __u64 state)
{
	(void)features;
	return vfio_device_state_has_state(state);
}

static const struct test_state states_of_device_state[] = {
	{ "RUNNING",
	  (__u32)(VFIO_DEVICE_STATE_CTL_RUNNING), 0, 0 },
	{ "RUNNING+LOGGING",
	  (__u32)(VFIO_DEVICE_STATE_CTL_RUNNING | VFIO_DEVICE_STATE_CTL_LOGGING), 0, 0 },
	{ "STOPPED",
	  (__u32)(VFIO_DEVICE_STATE_CTL_STOPPED), 0, 0 },
	{ "STOPPED+LOGGING",
	  (__u32)(VFIO_DEVICE_STATE_CTL_STOPPED | VFIO_DEVICE_STATE_CTL_LOGGING), 0, 0 },
};

static const struct test_set sets_of_device_state[] = {
	{ 0, 16, 0 },
};

static const struct test_arc arcs_of_device_state[] = {
	{ 0, 1, 1 }, /* RUNNING -> RUNNING+LOGGING */
	{ 0, 2, 1 }, /* RUNNING -> STOPPED */
	{ 0, 3, 1 }, /* RUNNING -> STOPPED+LOGGING */
	{ 1, 0, 1 }, /* RUNNING+LOGGING -> RUNNING */
	{ 1, 3, 1 }, /* RUNNING+LOGGING -> STOPPED+LOGGING */
	{ 1, 2, 1 }, /* RUNNING+LOGGING -> STOPPED */
	{ 2, 0, 1 }, /* STOPPED -> RUNNING */
	{ 2, 3, 1 }, /* STOPPED -> STOPPED+LOGGING */
	{ 2, 1, 1 }, /* STOPPED -> RUNNING+LOGGING */
	{ 3, 2, 1 }, /* STOPPED+LOGGING -> STOPPED */
	{ 3, 1, 1 }, /* STOPPED+LOGGING -> RUNNING+LOGGING */
	{ 3, 0, 1 }, /* STOPPED+LOGGING -> RUNNING */
};

static const struct test_machine machine_device_state = {
	.next = next_of_device_state,
	.check = check_of_device_state,
	.has_state = state_of_device_state,
	.states = states_of_device_state,
	.count = 4,
	.sets = sets_of_device_state,
	.set_count = 1,
	.arcs = arcs_of_device_state,
	.arc_count = 12,
	.bits = 8 * sizeof(__u32),
	.mask = VFIO_DEVICE_STATE_CTL_MASK,
	.refused = -EINVAL,
};

/*
 * What the header answers, with the state after one step.
 * 1 where its functions contradict each other, or store what they should not.
 */
static int answer(const struct test_machine *m, __u64 features, __u64 state,
		  __u64 requested, __u64 *next)
{
	int ret;

	*next = UNTOUCHED;
	ret = m->next(features, state, requested, next);
	if (ret != m->check(features, state, requested))
		return 1;
	if (ret && *next != UNTOUCHED)
		return 1;
	return ret;
}

/* The same by indexes: that of the state after one step, or an error. */
static int step(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	__u64 next;
	int i, ret;

	ret = answer(m, set->features, m->states[from].value, m->states[to].value, &next);
	if (ret)
		return ret < 0 ? ret : NONSENSE;
	for (i = 0; i < m->count; i++)
		if (m->states[i].value == next)
			return i;
	return NONSENSE;
}

static int has(const struct test_machine *m, const struct test_set *set, int state)
{
	return !(m->states[state].needs & ~set->features);
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
static int fails(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	printf("# features %#llx, from %s to %s:\n", (unsigned long long)set->features,
	       m->states[from].name, m->states[to].name);
	return 0;
}

static int check_states(const struct test_machine *m)
{
	int s, i;

	for (s = 0; s < m->set_count; s++) {
		for (i = 0; i < m->count; i++) {
			__u64 value = m->states[i].value;
			int error = m->is_error ? m->is_error(value) : 0;

			if (m->has_state(m->sets[s].features, value) != has(m, &m->sets[s], i) ||
			    error != m->states[i].error)
				return fails(m, &m->sets[s], i, i);
		}
	}
	return 1;
}

static int check_answers(const struct test_machine *m)
{
	int s, from, to;

	for (s = 0; s < m->set_count; s++) {
		int accepted = 0;
		int open = 0;

		for (from = 0; from < m->count; from++) {
			for (to = 0; to < m->count; to++) {
				int got = step(m, &m->sets[s], from, to);

				accepted += got >= 0;
				open += m->open && got == m->open;
				if (got < 0 && got != m->refused && (!m->open || got != m->open))
					return fails(m, &m->sets[s], from, to);
			}
		}
		if (accepted != m->sets[s].accepted || open != m->sets[s].open) {
			printf("# features %#llx: %d accepted, %d left open\n",
			       (unsigned long long)m->sets[s].features, accepted, open);
			return 0;
		}
	}
	return 1;
}

static int check_arcs(const struct test_machine *m)
{
	int s, i;

	for (s = 0; s < m->set_count; s++) {
		for (i = 0; i < m->arc_count; i++) {
			int from = m->arcs[i].from;
			int to = m->arcs[i].to;

			if (m->arcs[i].is_step && has(m, &m->sets[s], from) &&
			    has(m, &m->sets[s], to) && step(m, &m->sets[s], from, to) != to)
				return fails(m, &m->sets[s], from, to);
		}
	}
	return 1;
}

static int check_same(const struct test_machine *m)
{
	int s, i;

	for (s = 0; s < m->set_count; s++) {
		for (i = 0; i < m->count; i++) {
			int expected = m->same ? m->same : i;

			if (!has(m, &m->sets[s], i) || m->states[i].error)
				expected = m->refused;
			if (step(m, &m->sets[s], i, i) != expected)
				return fails(m, &m->sets[s], i, i);
		}
	}
	return 1;
}

/* Whether a request, repeated, leads from state to state over arcs and ends. */
static int arrives(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	int steps;

	for (steps = 0; from != to && steps < m->count; steps++) {
		int after = step(m, set, from, to);

		if (after < 0 || !has(m, set, after) || !is_arc(m, from, after))
			return 0;
		from = after;
	}
	return from == to;
}

static int check_paths(const struct test_machine *m)
{
	int s, from, to;

	for (s = 0; s < m->set_count; s++)
		for (from = 0; from < m->count; from++)
			for (to = 0; to < m->count; to++)
				if (step(m, &m->sets[s], from, to) >= 0 &&
				    !arrives(m, &m->sets[s], from, to))
					return fails(m, &m->sets[s], from, to);
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
	__u64 features = m->sets[m->set_count - 1].features;
	int i, bit;

	for (i = 0; i < m->count; i++) {
		for (bit = 0; bit < m->bits; bit++) {
			__u64 state = m->states[i].value;
			__u64 other = state ^ 1ULL << bit;
			__u64 next;

			if (is_state(m, other) || (1ULL << bit & m->kept))
				continue;
			if (m->has_state(features, other) ||
			    answer(m, features, state, other, &next) != m->refused ||
			    answer(m, features, other, state, &next) != m->refused)
				return fails(m, &m->sets[m->set_count - 1], i, i);
		}
	}
	return 1;
}

/* A member of a region, and what user space may do with it. */
struct test_member {
	const char *path;
	__u64 offset;
	__u64 size;
	int readable;
	int writable;
	/* whether a flag announces it */
	int announced;
};

struct test_region {
	int (*access)(__u64 shown, __u64 offset, __u64 size, int is_write);
	const struct vfio_device_state_member *map;
	int map_count;
	const struct test_member *members;
	int count;
	__u64 size;
	int refused;
};

static int access_of_CTL(__u64 shown, __u64 offset, __u64 size, int is_write)
{
	return vfio_device_state_ctl_access(shown, offset, size, is_write);
}

static const struct test_member members_of_CTL[] = {
	{ "version",
	  offsetof(struct vfio_device_state_ctl, version),
	  sizeof(((struct vfio_device_state_ctl *)0)->version), 1, 0, 0 },
	{ "device_state",
	  offsetof(struct vfio_device_state_ctl, device_state),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_state), 0, 1, 0 },
	{ "caps",
	  offsetof(struct vfio_device_state_ctl, caps),
	  sizeof(((struct vfio_device_state_ctl *)0)->caps), 1, 0, 0 },
	{ "reserved",
	  offsetof(struct vfio_device_state_ctl, reserved),
	  sizeof(((struct vfio_device_state_ctl *)0)->reserved), 1, 1, 0 },
	{ "device_config.action",
	  offsetof(struct vfio_device_state_ctl, device_config.action),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_config.action), 0, 1, 0 },
	{ "device_config.reserved",
	  offsetof(struct vfio_device_state_ctl, device_config.reserved),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_config.reserved), 1, 1, 0 },
	{ "device_config.size",
	  offsetof(struct vfio_device_state_ctl, device_config.size),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_config.size), 1, 1, 0 },
	{ "device_memory.action",
	  offsetof(struct vfio_device_state_ctl, device_memory.action),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_memory.action), 0, 1, 1 },
	{ "device_memory.reserved",
	  offsetof(struct vfio_device_state_ctl, device_memory.reserved),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_memory.reserved), 1, 1, 1 },
	{ "device_memory.size",
	  offsetof(struct vfio_device_state_ctl, device_memory.size),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_memory.size), 1, 1, 1 },
	{ "device_memory.pos",
	  offsetof(struct vfio_device_state_ctl, device_memory.pos),
	  sizeof(((struct vfio_device_state_ctl *)0)->device_memory.pos), 0, 1, 1 },
	{ "system_memory.start_addr",
	  offsetof(struct vfio_device_state_ctl, system_memory.start_addr),
	  sizeof(((struct vfio_device_state_ctl *)0)->system_memory.start_addr), 0, 1, 1 },
	{ "system_memory.page_nr",
	  offsetof(struct vfio_device_state_ctl, system_memory.page_nr),
	  sizeof(((struct vfio_device_state_ctl *)0)->system_memory.page_nr), 0, 1, 1 },
};

static const struct test_region region_CTL = {
	.access = access_of_CTL,
	.map = vfio_device_state_ctl_members,
	.map_count = sizeof(vfio_device_state_ctl_members) /
		     sizeof(vfio_device_state_ctl_members[0]),
	.members = members_of_CTL,
	.count = sizeof(members_of_CTL) /
		 sizeof(members_of_CTL[0]),
	.size = sizeof(struct vfio_device_state_ctl),
	.refused = -EINVAL,
};

/* Say where a check fails. */
static int wrong(const struct test_member *member)
{
	printf("# %s:\n", member->path);
	return 0;
}

static int check_map(const struct test_region *r)
{
	int i;

	if (r->map_count != r->count)
		return 0;
	for (i = 0; i < r->count; i++)
		if (r->map[i].offset != r->members[i].offset ||
		    r->map[i].size != r->members[i].size)
			return wrong(&r->members[i]);
	return 1;
}

/* How many members lie in these bytes, all of them or in part. */
static int touched(const struct test_region *r, __u64 begin, __u64 end)
{
	int count = 0;
	int i;

	for (i = 0; i < r->count; i++)
		count += r->members[i].offset < end &&
			 r->members[i].offset + r->members[i].size > begin;
	return count;
}

static int check_accesses(const struct test_region *r)
{
	int i;

	for (i = 0; i < r->count; i++) {
		const struct test_member *member = &r->members[i];
		__u64 offset = member->offset;
		__u64 size = member->size;
		int reads = member->readable ? 0 : r->refused;
		int writes = member->writable ? 0 : r->refused;

		if (touched(r, offset, offset + size) > 1)
			continue;
		if (r->access(~0ULL, offset, size, 0) != reads ||
		    r->access(~0ULL, offset, size, 1) != writes)
			return wrong(member);
		if (r->access(0, offset, size, 0) != reads ||
		    r->access(0, offset, size, 1) != (member->announced ? r->refused : writes))
			return wrong(member);
	}
	return 1;
}

static int check_cuts(const struct test_region *r)
{
	int i, is_write;

	for (is_write = 0; is_write < 2; is_write++) {
		for (i = 0; i < r->count; i++) {
			const struct test_member *member = &r->members[i];
			__u64 offset = member->offset;
			__u64 size = member->size;

			if (size < 2 || touched(r, offset, offset + size) > 1)
				continue;
			if (r->access(~0ULL, offset, size - 1, is_write) != r->refused ||
			    r->access(~0ULL, offset + 1, size - 1, is_write) != r->refused)
				return wrong(member);
		}
		if (r->access(~0ULL, r->size, 4, is_write) != r->refused ||
		    r->access(~0ULL, ~0ULL, ~0ULL, is_write) != r->refused ||
		    r->access(~0ULL, 0, ~0ULL, is_write) != r->refused)
			return 0;
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
	printf("TAP version 13\n1..11\n");
	report(1, "the compiler checked layout and values");
	report(check_states(&machine_device_state),
	       "device_state: a device has the states that its features allow");
	report(check_answers(&machine_device_state),
	       "device_state: so many requests are accepted as in the spec");
	report(check_arcs(&machine_device_state),
	       "device_state: every arc is one step");
	report(check_same(&machine_device_state),
	       "device_state: a request for the current state is accepted and changes nothing");
	report(check_paths(&machine_device_state),
	       "device_state: every accepted request arrives, over arcs only");
	report(check_mask(&machine_device_state),
	       "device_state: VFIO_DEVICE_STATE_CTL_MASK has the bits of every state and no other");
	report(check_unknown(&machine_device_state),
	       "device_state: a value that is no state is refused");
	report(check_map(&region_CTL),
	       "region CTL: the members lie where the map has them");
	report(check_accesses(&region_CTL),
	       "region CTL: each member is read and written as the spec says");
	report(check_cuts(&region_CTL),
	       "region CTL: an access that cuts a member, or lies outside, is refused");
	return failures != 0;
}
