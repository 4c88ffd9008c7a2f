#ifndef EXAMPLE_H
#define EXAMPLE_H

#define EXAMPLE_FIRST 1
#undef EXAMPLE_FIRST
#define EXAMPLE_FIRST 2

#endif
