// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO migration by a device feature
 *
 * Generated from spec/vfio-migration-v2.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * What vfio_migration_v2.h must hold: sizes, offsets and
 * values, which the compiler checks.
 * What vfio_migration_v2_driver.h must hold: the answers to requests for
 * states.
 * To build and run:
 *
 *   gcc -Wall -Wextra -Werror vfio_migration_v2_test.c -o vfio_migration_v2_test
 *   ./vfio_migration_v2_test
 */
#include <stddef.h>
#include <stdio.h>

#include "vfio_migration_v2.h"
#include "vfio_migration_v2_driver.h"

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

/* What is in a variable that no function has written to, and what no answer is. */
#define UNTOUCHED 0x25a5a5a5
#define NONSENSE (-99999)
#define MOST_STATES 8

struct test_state {
	const char *name;
	__u64 value;
	/* the features without which it is not there */
	__u64 needs;
	int error;
};

/* An arc; is_step: the first step towards its end; stream: what it does to the data stream. */
struct test_arc {
	int from;
	int to;
	int is_step;
	int stream;
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
	/* NULL where there is no data stream */
	int (*stream)(__u64 features, __u64 state, __u64 next);
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

static int next_of_vfio_device_mig_state(__u64 features, __u64 state, __u64 requested, __u64 *next)
{
	__u32 after = *next;
	int ret = vfio_migration_v2_next_state(features, state, requested, &after);

	*next = (__u32)after;
	return ret;
}

static int check_of_vfio_device_mig_state(__u64 features, __u64 state, __u64 requested)
{
	return vfio_migration_v2_check_request(features, state, requested);
}

static int state_of_vfio_device_mig_state(__u64 features, __u64 state)
{
	return vfio_migration_v2_has_state(features, state);
}

static int error_of_vfio_device_mig_state(__u64 state)
{
	return vfio_migration_v2_is_error_state(state);
}

static int stream_of_vfio_device_mig_state(__u64 features, __u64 state, __u64 next)
{
	return vfio_migration_v2_step_stream(features, state, next);
}

static const struct test_state states_of_vfio_device_mig_state[] = {
	{ "ERROR",
	  (__u32)(VFIO_DEVICE_STATE_ERROR), 0, 1 },
	{ "STOP",
	  (__u32)(VFIO_DEVICE_STATE_STOP), VFIO_MIGRATION_STOP_COPY, 0 },
	{ "RUNNING",
	  (__u32)(VFIO_DEVICE_STATE_RUNNING), VFIO_MIGRATION_STOP_COPY, 0 },
	{ "STOP_COPY",
	  (__u32)(VFIO_DEVICE_STATE_STOP_COPY), VFIO_MIGRATION_STOP_COPY, 0 },
	{ "RESUMING",
	  (__u32)(VFIO_DEVICE_STATE_RESUMING), VFIO_MIGRATION_STOP_COPY, 0 },
	{ "RUNNING_P2P",
	  (__u32)(VFIO_DEVICE_STATE_RUNNING_P2P), VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P, 0 },
	{ "PRE_COPY",
	  (__u32)(VFIO_DEVICE_STATE_PRE_COPY), VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_PRE_COPY, 0 },
	{ "PRE_COPY_P2P",
	  (__u32)(VFIO_DEVICE_STATE_PRE_COPY_P2P), VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P | VFIO_MIGRATION_PRE_COPY, 0 },
};

static const struct test_set sets_of_vfio_device_mig_state[] = {
	{ 0, 0, 0 },
	{ VFIO_MIGRATION_STOP_COPY, 16, 0 },
	{ VFIO_MIGRATION_P2P, 0, 0 },
	{ VFIO_MIGRATION_PRE_COPY, 0, 0 },
	{ VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P, 25, 0 },
	{ VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_PRE_COPY, 24, 0 },
	{ VFIO_MIGRATION_P2P | VFIO_MIGRATION_PRE_COPY, 0, 0 },
	{ VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P | VFIO_MIGRATION_PRE_COPY, 47, 0 },
};

static const struct test_arc arcs_of_vfio_device_mig_state[] = {
	{ 1, 3, 1, VFIO_MIGRATION_V2_STREAM_OPENS }, /* STOP -> STOP_COPY */
	{ 1, 4, 1, VFIO_MIGRATION_V2_STREAM_OPENS }, /* STOP -> RESUMING */
	{ 1, 5, 1, 0 }, /* STOP -> RUNNING_P2P */
	{ 3, 1, 1, VFIO_MIGRATION_V2_STREAM_CLOSES }, /* STOP_COPY -> STOP */
	{ 4, 1, 1, VFIO_MIGRATION_V2_STREAM_CLOSES }, /* RESUMING -> STOP */
	{ 2, 5, 1, 0 }, /* RUNNING -> RUNNING_P2P */
	{ 2, 6, 1, VFIO_MIGRATION_V2_STREAM_OPENS }, /* RUNNING -> PRE_COPY */
	{ 5, 2, 1, 0 }, /* RUNNING_P2P -> RUNNING */
	{ 5, 1, 1, 0 }, /* RUNNING_P2P -> STOP */
	{ 5, 7, 1, VFIO_MIGRATION_V2_STREAM_OPENS }, /* RUNNING_P2P -> PRE_COPY_P2P */
	{ 6, 2, 1, VFIO_MIGRATION_V2_STREAM_CLOSES }, /* PRE_COPY -> RUNNING */
	{ 6, 7, 1, 0 }, /* PRE_COPY -> PRE_COPY_P2P */
	{ 7, 6, 1, 0 }, /* PRE_COPY_P2P -> PRE_COPY */
	{ 7, 5, 1, VFIO_MIGRATION_V2_STREAM_CLOSES }, /* PRE_COPY_P2P -> RUNNING_P2P */
	{ 7, 3, 1, VFIO_MIGRATION_V2_STREAM_CONTINUES }, /* PRE_COPY_P2P -> STOP_COPY */
};

static const struct test_arc blocked_of_vfio_device_mig_state[] = {
	{ 3, 6, 0, 0 }, /* STOP_COPY -> PRE_COPY */
	{ 3, 7, 0, 0 }, /* STOP_COPY -> PRE_COPY_P2P */
};

static const struct test_machine machine_vfio_device_mig_state = {
	.next = next_of_vfio_device_mig_state,
	.check = check_of_vfio_device_mig_state,
	.has_state = state_of_vfio_device_mig_state,
	.is_error = error_of_vfio_device_mig_state,
	.stream = stream_of_vfio_device_mig_state,
	.states = states_of_vfio_device_mig_state,
	.count = 8,
	.sets = sets_of_vfio_device_mig_state,
	.set_count = 8,
	.arcs = arcs_of_vfio_device_mig_state,
	.arc_count = 15,
	.blocked = blocked_of_vfio_device_mig_state,
	.blocked_count = 2,
	.features = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P | VFIO_MIGRATION_PRE_COPY,
	.bits = 8 * sizeof(__u32),
	.refused = -EINVAL,
	.over = 1,
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

/* Whether arcs lead from one state to another, over states alone that the device lacks. */
static int steps_over(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	unsigned char reached[MOST_STATES] = { 0 };
	int one, other;
	int grows = 1;

	reached[from] = 1;
	while (grows && !reached[to]) {
		grows = 0;
		for (one = 0; one < m->count; one++) {
			for (other = 0; other < m->count; other++) {
				if (reached[one] && (one == from || !has(m, set, one)) &&
				    !reached[other] && is_arc(m, one, other)) {
					reached[other] = 1;
					grows = 1;
				}
			}
		}
	}
	return reached[to];
}

/* Whether a request, repeated, leads from state to state over arcs and ends. */
static int arrives(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	int steps;

	for (steps = 0; from != to && steps < m->count; steps++) {
		int after = step(m, set, from, to);

		if (after < 0 || !has(m, set, after) ||
		    !(is_arc(m, from, after) || (m->over && steps_over(m, set, from, after))))
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

/*
 * What the arcs of the step towards a state do to the data stream, all of them
 * together: the step is one arc, or the walk of a device with every feature.
 */
static int streams(const struct test_machine *m, int from, int next, int to)
{
	const struct test_set *every = &m->sets[m->set_count - 1];
	int found = 0;
	int i, after, steps;

	for (steps = 0; from != next && steps < m->count; steps++) {
		after = m->over ? step(m, every, from, to) : next;
		for (i = 0; i < m->arc_count; i++) {
			if (m->arcs[i].from == from && m->arcs[i].to == after) {
				found |= m->arcs[i].stream;
				break;
			}
		}
		if (i == m->arc_count)
			return NONSENSE;
		from = after;
	}
	return from == next ? found : NONSENSE;
}

static int check_streams(const struct test_machine *m)
{
	int s, from, next, to;

	for (s = 0; s < m->set_count; s++) {
		for (from = 0; from < m->count; from++) {
			for (next = 0; next < m->count; next++) {
				int got = m->stream(m->sets[s].features, m->states[from].value,
						    m->states[next].value);
				int is_step = 0;

				for (to = 0; to < m->count; to++) {
					if (step(m, &m->sets[s], from, to) != next)
						continue;
					is_step = 1;
					if (got != streams(m, from, next, to))
						return fails(m, &m->sets[s], from, next);
				}
				if (!is_step && got != -EINVAL)
					return fails(m, &m->sets[s], from, next);
			}
		}
	}
	return 1;
}

static int check_blocked(const struct test_machine *m)
{
	int s, i;

	for (s = 0; s < m->set_count; s++) {
		for (i = 0; i < m->blocked_count; i++) {
			int from = m->blocked[i].from;
			int to = m->blocked[i].to;

			if (step(m, &m->sets[s], from, to) != m->refused)
				return fails(m, &m->sets[s], from, to);
		}
	}
	return 1;
}

static int check_refused(const struct test_machine *m)
{
	int s, from, to;

	for (s = 0; s < m->set_count; s++) {
		for (from = 0; from < m->count; from++) {
			for (to = 0; to < m->count; to++) {
				const struct test_set *set = &m->sets[s];

				if (has(m, set, from) && has(m, set, to) && !m->states[to].error)
					continue;
				if (step(m, set, from, to) != m->refused)
					return fails(m, set, from, to);
			}
		}
	}
	return 1;
}

static int check_features(const struct test_machine *m)
{
	int s, from, to;

	for (s = 0; s < m->set_count; s++) {
		struct test_set more = m->sets[s];

		more.features |= ~m->features;
		for (from = 0; from < m->count; from++)
			for (to = 0; to < m->count; to++)
				if (step(m, &more, from, to) != step(m, &m->sets[s], from, to))
					return fails(m, &more, from, to);
	}
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
	report(check_states(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: a device has the states that its features allow");
	report(check_answers(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: so many requests are accepted as in the spec");
	report(check_arcs(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: every arc is one step");
	report(check_same(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: a request for the current state is accepted and changes nothing");
	report(check_paths(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: every accepted request arrives, over arcs, past states that the device lacks");
	report(check_streams(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: each step does to the data stream what its transitions do");
	report(check_blocked(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: a blocked request is refused");
	report(check_refused(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: no error state can be requested, and no state that the device lacks");
	report(check_features(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: flags that no state needs change nothing");
	report(check_unknown(&machine_vfio_device_mig_state),
	       "vfio_device_mig_state: a value that is no state is refused");
	return failures != 0;
}
