#ifndef EXAMPLE_H
#define EXAMPLE_H

struct example_information {
	int flags;
};

#endif
